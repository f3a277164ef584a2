"""Which encoding a text file is in, by evidence; the caller may always say it instead."""

import re
from collections import Counter

from custlib.errors import DataError

BYTE_ORDER_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# Letters beyond ASCII of the languages whose exports come in each single-byte encoding; Slovak
# without its two rarest, which would let French pass for it.
ALPHABETS = {
    "cp1250": "čšž čćđšž áčďéěíňóřšťúůýž áäčďéíľňóôšťúýž ąćęłńóśźż áéíóöőúüű ăâîşţ",
    "cp1252": "äöüß àâçèéêëîïôùûœæ áéíñóúü àèéìòù ãõáâàçéêíóôú åäöæøé",
}
WORD = re.compile(r"[^\W\d_]+")
# The letters of which six in ten of a Russian text are.
FREQUENT = "оеаинтсрвл"
HIGH = re.compile(rb"[\x80-\xff]")
SAMPLE = 400_000


def decoded(data: bytes, *, source: str, encoding: str | None = None) -> str:
    """The file's text, without a byte order mark."""
    chosen = encoding or detected(data, source=source)
    try:
        return data.decode(chosen).removeprefix("\ufeff")
    except LookupError as error:
        raise DataError.because(
            f"{source}: the encoding {chosen!r} is not known.",
            "Expected the name of an encoding, such as utf-8, cp1251, cp1250, cp1252 or koi8-r.",
            "Correct encoding=, or leave it out.",
        ) from error
    except UnicodeDecodeError as error:
        raise DataError.because(
            f"{source} is not {chosen} text: line {line_of(data, error.start)} holds the byte"
            f" 0x{data[error.start]:02x}.",
            "Expected one encoding throughout.",
            "Save the file as UTF-8, or pass the encoding it was written in, encoding='…'.",
        ) from error


def detected(data: bytes, *, source: str) -> str:
    """UTF-8 or UTF-16 where the bytes prove it, else the single-byte encoding that fits best."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        refuse_damaged_utf8(data, error.start, source)
    return single_byte(data)


def refuse_damaged_utf8(data: bytes, start: int, source: str) -> None:
    """UTF-8 with a few broken bytes would turn to gibberish if read as a single-byte encoding."""
    sample = not_ascii(data)
    high = len(HIGH.findall(sample))
    kept = len(HIGH.findall(sample.decode("utf-8", errors="ignore").encode()))
    if kept > high / 2:
        raise DataError.because(
            f"{source} is UTF-8 text with damaged bytes, the first in line {line_of(data, start)}.",
            "Expected one encoding throughout.",
            "Export the file again; to read it as another encoding all the same, pass encoding=.",
        )


def not_ascii(data: bytes) -> bytes:
    """The lines that hold evidence, as many as are needed."""
    lines = (line for line in data.splitlines() if not line.isascii())
    sample = bytearray()
    for line in lines:
        sample += line + b"\n"
        if len(sample) > SAMPLE:
            break
    return bytes(sample)


def single_byte(data: bytes) -> str:
    """cp1251 where words are wholly Cyrillic, else the alphabet that covers most letters.

    Read as cp1251, a Latin word with accents mixes Latin with Cyrillic letters; a Russian word
    does not.
    """
    sample = not_ascii(data)
    words = WORD.findall(sample.decode("cp1251", "ignore"))
    cyrillic = [word for word in words if not word.isascii()]
    pure = sum(not any(letter.isascii() for letter in word) for word in cyrillic)
    if cyrillic and pure > len(cyrillic) / 2:
        pairs = zip(russian(sample, "koi8-r"), russian(sample, "cp1251"), strict=True)
        return "koi8-r" if all(one > 1.2 * other + 3 for one, other in pairs) else "cp1251"
    return max(ALPHABETS, key=lambda encoding: coverage(sample, encoding))


def russian(sample: bytes, encoding: str) -> tuple[int, int]:
    """How often the letters stand that Russian uses most: as small letters, and in any case.

    Either Cyrillic encoding read as the other has other letters, and capitals for small ones.
    """
    text = sample.decode(encoding, "replace")
    return sum(map(text.count, FREQUENT)), sum(map(text.lower().count, FREQUENT))


def coverage(sample: bytes, encoding: str) -> float:
    """Share of the letters beyond ASCII that the best-fitting language of an encoding has."""
    text = sample.decode(encoding, "replace").lower()
    letters = Counter(one for one in text if one == "\ufffd" or (one > "\x7f" and one.isalpha()))
    total = sum(letters.values())
    covered = (sum(letters[one] for one in alphabet) for alphabet in ALPHABETS[encoding].split())
    return max(covered) / total if total else 0.0


def line_of(data: bytes, position: int) -> int:
    """Line that a byte stands in."""
    return data[:position].count(b"\n") + 1
