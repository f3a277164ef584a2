"""Words by which columns and answers are recognized, in English, Russian and Slovene."""

import re

from custlib.survey.codebook.parts import canonical

# How a code that means no answer is labelled, or written instead of an answer.
NO_ANSWER = re.compile(
    r"(i )?(do not|don'?t|dont|did not|cannot|can't) (know|remember|recall|say|answer|use)\b.*"
    r"|(not|no) (applicable|answer(ed)?|opinion|response|experience|relevant)\b.*"
    r"|(refus(ed|al)?|declined|missing|skipped|not (asked|stated))( (to|by|value|data)\b.*)?"
    r"|(prefer not|rather not|hard to say|difficult to (say|answer)|unsure|not sure|no basis"
    r"|seen,? but|n\.?/?a\.?$|dk(/na)?$|system missing).*"
    r"|(я )?(не (знаю|помню|применимо|могу (ответить|оценить|сказать)|ответил|указан|пользу)"
    r"|затруд|нет (ответа|мнения|данных)|отказ|трудно (сказать|ответить)|н/д$|н/о$).*"
    r"|ne (vem|morem|želim|zelim|poznam|uporabljam)\b.*"
    r"|(brez (odgovora|mnenja)|ni odgovora|ni podatka|ne velja|ni želel|zavrn|težko (rečem|reči)"
    r"|neodgovor).*"
)
# Codes that questionnaires use for no answer, where they lie off the scale.
NO_ANSWER_CODES = {8, 9, 66, 77, 88, 90, 95, 96, 97, 98, 99, 777, 888, 998, 999, 9998, 9999}

ROLES = {
    "personal": r"e-?mail|ip.?addr|\bip\b|phone|\btel\b|mobile.?(no|num)"
    r"|\b(sur|last|first|user)?name\b|street|postal|passport|latitude|longitude|\bbirth|\bdob\b|\biban\b|\baddress|^contacts?$"
    r"|contact.?(name|person|info|detail|data)|(account|sales|contact).?(manager|person|rep)|почт"
    r"|телефон|(^|ваш[аеи]? )имя|фамили|отчество|\bфио\b|\bадрес|паспорт|дата рождения|контакт"
    r"|менеджер|priimek|\bime\b|telefon|naslov|rojst|^kontakt|kontaktn[ai]",
    "product": r"(product|brand|company|firm|store|shop|market|city|country|region|plan|segment"
    r"|branch|team|department|domain) ?name",
    "weight": r"^((raked?|final|design|post|sampling) ?)?(weights?|wt|wgt|pweight|w)"
    r"( ?(raked?|final|trim(med)?|norm))?\d*$|^вес(а|овой коэффициент)?$|^(utež|utez|ponder)i?$",
    "duration": r"duration|interview.?time|seconds|time.?(spent|taken)|длительность|время заполн"
    r"|trajanje|čas izpolnj",
    "submitted": r"^(submit|submitted|record|recorded|end|completion|completed|response|time"
    r"|date|дата|время|datum)[ _]?(date|time|at|on|stamp)?$|time.?stamp|submit.?date|end.?date"
    r"|отметка времени|дата (заполн|ответ|отправ)|datum (odd|izpol)|časovni žig",
    "firm": r"^(firm|company|organi[sz]ation|account|household|client|customer|store|branch|site)"
    r"([ _.-]?(id|no|nr|number|code))?$|^(фирма|компания|организация|предприятие|клиент)$"
    r"|^(podjetje|stranka|gospodinjstvo)$",
    "population": r"^(.*population( size)?|.+ in (firm|market|stratum)|(number of )?employees"
    r"|численность.*|število zaposlenih)$",
    "id": r"^(id|no|nr|№|#|case|serial|respid|resp|record|row|key|uuid|guid|participant)\b"
    r"|(^|[ _.-])(id|uuid|guid)$|respondent.?(id|no|nr)?$|(?-i:[a-z]ID$)|^номер|анкет|^šifra",
    "group": r"^((what|which) (is |was )?)?(your |ваш[аеи]? |vaš[ae]? )?([a-z]+ )?(group|segment"
    r"|role|market|region|country|city|branch|department|channel|type|category|industry|sector"
    r"|gender|sex|age|education|income|occupation|position|language|tenure|size|wave|status"
    r"|product|пол|возраст|регион|город|страна|сегмент|группа|отрасль|образование|должность"
    r"|категория|канал|роль|spol|starost|regija|država|mesto|izobrazba)"
    r"([ _]?(group|code|band|class|level))?\??$",
    "rating": r"satisf|quality|agree|\brat(e|ing)|score|удовлетв|оцен|соглас|zadovolj|ocen|strinja",
    "count": r"^n(um)? |\b(number|count|how many|how often|visits?|children|kids|orders|times"
    r"|persons|people|years)\b|сколько|число|количество|дет(и|ей)\b|визит|koliko|število|otrok|obisk",
    "text": r"comment|remark|suggest|feedback|specify|other.*text|\btext$|\bwhy\b|комментар|пожелан"
    r"|почему|что .*(улучш|измен)|komentar|predlog|zakaj",
    "rank": r"\brank|\bранг|место по важности|\brang\b|most important first",
    "recommend": r"recommend|\bnps\b|net promoter|рекоменд|посовет|priporoč|priporoc",
    "overall": r"overall|in general|all in all|as a whole|в целом|\bобщ(ая|ее|ей)\b|na splošno"
    r"|v celoti|celotn|skupno|nasplošno",
}
PATTERNS = {role: re.compile(pattern, re.IGNORECASE) for role, pattern in ROLES.items()}

# Cells that tell who somebody is, whatever their column is called: addresses of mail and of the
# net (IPv4, IPv6), numbers of phones with and without blanks, of accounts.
PERSONAL_CELL = re.compile(
    r"[^@\s<>:]+@[^@\s<>]+\.\w+|\b(\d{1,3}\.){3}\d{1,3}\b|\b[0-9a-f]{1,4}(:[0-9a-f]{1,4}){4,7}\b"
    r"|\b[0-9a-f]{1,4}(:[0-9a-f]{1,4})*::|(\+|\b00)[1-9][\d ()/.-]{6,}\d"
    r"|(?!\d+ 000 000)(\(\d{2,4}\)|\b\d{2,3}[ /-])[ /-]*\d{3}[ /-]?\d{2}[ /-]?\d{1,2}\b"
    r"|\b0\d{8,10}\b|\b[78]9\d{9}\b|\b[a-z]{2}\d{2}( ?\d{4}){3,}",
    re.IGNORECASE,
)
# Words that stand in a cell of answers without being one, and tell of nobody.
KNOWN_WORDS = {
    "none",
    "nothing",
    "other",
    "yes",
    "no",
    "ok",
    "x",
    "total",
    "sum",
    "mean",
    "average",
}
KNOWN_WORDS |= {"да", "нет", "другое", "итого", "всего", "среднее", "da", "ne", "drugo", "skupaj"}
KNOWN_WORDS |= {"povprečje", "vsota"}

# Names of columns that say only that they are questions.
PLAIN_PREFIXES = {"", "q", "question", "v", "var", "item", "x", "column", "в", "вопрос", "vpr"}
PLAIN_PREFIXES |= {"vprasanje", "unnamed"}


def is_named(role: str, *texts: str) -> bool:
    """Whether one of the texts speaks of this role."""
    return any(PATTERNS[role].search(text.strip().replace("_", " ")) for text in texts if text)


def means_no_answer(text: object) -> bool:
    """Whether a text says that there is no answer."""
    return bool(NO_ANSWER.fullmatch(canonical(text).strip(" .()-").replace("’", "'")))


def is_personal_cell(text: str) -> bool:
    """Whether a cell holds an address, a number of a phone, or the like, alone or amid words."""
    return len(text) > 5 and bool(PERSONAL_CELL.search(text))


def tells_of_nobody(text: str) -> bool:
    """Whether a cell may be quoted although it occurs once: a known word, signs, a short number."""
    word = canonical(text)
    return word in KNOWN_WORDS or (len(word) < 7 and not any(map(str.isalpha, word)))
