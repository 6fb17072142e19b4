"""From a question to the prompt that the model reads, and from a corpus SQL to the text that it writes.

The prompt is the question in lower case without accents, in which each value stands as `@vN` and its kinds: "top @v1 <num> songs by
@v2 <artist>". What was asked before stands in front of it, with `<then>` between. The same masking is done by `src/ask/link` for real questions; `tests/fixtures/masking.jsonl` holds both to one result.
"""

from __future__ import annotations

import re
import unicodedata

from corpus import KINDS, SLOT

MAX_VALUES = 9
# Between a question and the one that follows up on it: in the corpus, and in the prompt.
TURN, THEN = " >> ", "<then>"
# The second task: what the rows say, in a language. The prompt goes on with how many rows and which columns there are.
LANGUAGE_TOKENS = ["<en>", "<fr>"]
ROWS = "<rows>"
COLUMN_TOKENS = [f"<c{i}>" for i in range(6)]
# The third task: which question a query answers. The prompt is this and the query; what is written is the question's own prompt.
ASK = "<ask>"

NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100, "thousand": 1000, "million": 1000000,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100,
    "mille": 1000,
}
DECADE_WORDS = {"fifties": 1950, "sixties": 1960, "seventies": 1970, "eighties": 1980, "nineties": 1990, "noughties": 2000}
PROTECTED = re.compile(r"\bhot[ -]?100\b")
NUMBER = re.compile(r"(?<![\w@.,])(\d+)(?:[.,](\d+))?(?:st|nd|rd|th|e|eme)?(?![\w])|\b(" + "|".join(NUMBER_WORDS) + r")\b")


def fold(text: str) -> str:
    """Lower case, no accents, typographic quotes made plain, spaces squeezed."""
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("œ", "oe").replace("Œ", "oe")
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return re.sub(r"\s+", " ", text).strip()


def mask_corpus_question(question: str, slot_kinds) -> tuple[str, dict[str, str]]:
    """The prompt of a corpus question, and which `@vN` each of its slots became.

    `slot_kinds(kind)` gives the kinds that the linker would name for such a value (an ambiguous value has several). Numbers that
    the phrasing itself contains are masked as well, since the linker cannot know that they are part of an idiom.
    """
    names: dict[str, str] = {}
    spans: list[str] = []
    text = question
    # Slots first, as private-use characters, so that folding cannot touch them.
    def reserve(content: str) -> str:
        spans.append(content)
        return f" {chr(0xE000 + len(spans) - 1)} "

    text = SLOT.sub(lambda m: reserve("slot:" + m.group(1) + m.group(2)), text)
    text = text.replace(TURN, reserve("text:" + THEN))
    text = fold(text)
    text = PROTECTED.sub(lambda m: reserve("text:" + m.group(0)), text)

    def number(match: re.Match) -> str:
        if match.group(0) in ("1", "0") or re.fullmatch(r"1(?:st|e|er)", match.group(0)):
            return match.group(0)
        whole = match.group(1)
        kind = "year" if whole and not match.group(2) and len(whole) == 4 and 1900 <= int(whole) <= 2039 else "num"
        return reserve("literal:" + kind)

    text = NUMBER.sub(number, text)
    count = 0
    out: list[str] = []
    for char in text:
        index = ord(char) - 0xE000
        if not 0 <= index < len(spans):
            out.append(char)
            continue
        what, _, content = spans[index].partition(":")
        if what == "text":
            out.append(f" {content} " if content == THEN else content)
            continue
        if what == "slot" and content in names:
            name, kinds = names[content], slot_kinds(re.sub(r"\d+$", "", content))
        else:
            count += 1
            name = f"@v{count}"
            if what == "slot":
                names[content] = name
                kinds = slot_kinds(re.sub(r"\d+$", "", content))
            else:
                kinds = [content]
        out.append(" " + name + " " + " ".join(f"<{k}>" for k in kinds) + " ")
    return tidy("".join(out)), names


def tidy(prompt: str) -> str:
    """Spaces as the linker leaves them: punctuation apart from words, one space between."""
    prompt = re.sub(r"([?!,;:()\"«»])", r" \1 ", prompt)
    prompt = re.sub(r"\.(\s|$)", r" . \1", prompt)
    return re.sub(r"\s+", " ", prompt).strip()


def summary_prompt(language: str, prompt: str, rows: str, columns: list[str]) -> str:
    """What the model reads when it is to sum up an answer, before the query: the question's prompt, the number of rows ("1", "2", "many") and the columns."""
    named = " ".join(f"{token} {fold(column.replace('_', ' '))}" for token, column in zip(COLUMN_TOKENS, columns))
    return f"<{language}> {prompt} {ROWS} {rows} {named}"


def mask_sql(sql: str, names: dict[str, str]) -> str:
    """The SQL with each slot written as the parameter that it became in the question."""
    return SLOT.sub(lambda m: names[m.group(1) + m.group(2)], sql)


def kind_order(kinds) -> list[str]:
    return [k for k in KINDS if k in kinds]


FIXTURE = [
    "Who are the 10 most listened-to artists?", "Quels sont les artistes les plus écoutés ?", "TOP TEN songs, please!", "les dix titres du Hot 100",
    "number 1 on the hot-100 in 1999", "entre 1980 et 1990 ; combien de n° 1 ?", "user 42's friends", "L’été : quelles chansons (« tubes ») ?",
    "songs with tempo over 120.5 bpm.", "plus de 50 % d'écoutes", "les deux plus longs morceaux", "the 5th most popular track", "a cœur ouvert",
    "50 utilisateurs... ou plus ?", "who's #1 ?", "moins de 3 minutes", "Is it 2026 yet? No.", "du 1er au 20e",
    "The 10 longest songs? >> And the 5 shortest? >> only from 1999", "les 20 titres les plus rapides >> et les plus lents ?",
]


def main() -> None:
    """Prints what the Rust linker is held to: `python training/masking.py > tests/fixtures/masking.jsonl`."""
    import json

    for question in FIXTURE:
        prompt, _ = mask_corpus_question(question, lambda kind: [kind])
        print(json.dumps({"question": question, "prompt": prompt}, ensure_ascii=False))


if __name__ == "__main__":
    main()
