"""Whatever a survey tool writes by the rules of delimited text comes back cell by cell."""

import csv
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from custlib.survey.codebook.book import Codebook
from custlib.survey.reading.responses import missing_reasons, read_raw, read_responses

CODEBOOK = Codebook.from_mapping(
    {
        "scales": {"s": {"low": 0, "high": 10, "missing": {99: "do not know"}}},
        "items": {"first": {}, "last": {"reversed": True}},
    }
)
CODES = st.sampled_from([*map(str, range(11)), "99", ""])
TEXTS = st.text(st.sampled_from("ab дž;,|\t\"'\n-.é5")).map(lambda text: f"x{text}x")
ROWS = st.lists(st.tuples(CODES, TEXTS, TEXTS, CODES), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
@example([("1", 'xa,"b\n,,,x', "xx", "2")], ",", "utf-8", "\n")
def test_every_answer_and_every_text_comes_back(rows, delimiter, encoding, line_end):
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([("first", "why", "else", "last"), *rows])
    with TemporaryDirectory() as folder:
        path = Path(folder, "answers.csv")
        path.write_bytes(buffer.getvalue().encode(encoding))
        raw = read_raw(path, codebook=CODEBOOK)
    responses = read_responses(raw, codebook=CODEBOOK)
    assert responses["why"].tolist() == [row[1] for row in rows]
    assert responses["else"].tolist() == [row[2] for row in rows]
    given_codes = [(row[0], row[3]) for row in rows]
    for item, at, turned in (("first", 0, False), ("last", 1, True)):
        for number, codes in zip(responses[item], given_codes, strict=True):
            if codes[at] in ("99", ""):
                assert number != number
            else:
                assert number == (10 - int(codes[at]) if turned else int(codes[at]))
    reasons = missing_reasons(raw, codebook=CODEBOOK)
    assert reasons["n_missing"].sum() == responses[["first", "last"]].isna().sum().sum()
