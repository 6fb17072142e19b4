"""Reads and checks the corpus of summaries: `training/summaries/*.txt`, the second task of the model.

A block is an SQL of the corpus and what an analyst would say of its rows, as a template over cells (see SUMMARIES in CONVENTIONS.md).
"""

from __future__ import annotations

import random
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import corpus

DIRECTORY = Path(__file__).parent / "summaries"
MAX_COLUMNS = 6
MAX_CHARACTERS = 320
TAG = re.compile(r"(en|fr)([12]?)")
HOLE = re.compile(r"\{([^{}]*)\}")
CELL = re.compile(r"(?:r([0-2])|(last|sum|delta|change))\.c(\d)")
TEXT = re.compile(r"[^\W\d_]|[ .,;:()'’?!%-]")
CELLS = [f"{{{row}.c{column}}}" for row in ("r0", "r1", "r2", "last", "sum", "delta", "change") for column in range(MAX_COLUMNS)] + ["{rows}"]
ROWS = {"1": "1", "2": "2", "": "many"}
NUMBER_WORDS = set(
    "zero one two three four five six seven eight nine ten eleven twelve twenty hundred thousand million half twice double triple "
    "zéro deux trois quatre cinq six sept huit neuf dix onze douze vingt cent cents mille millier milliers million millions moitié double triple"
    .split()
)


@dataclass
class Block:
    sql: str
    source: str
    columns: list[str]
    # (language, rows as the prompt names them, template)
    summaries: list[tuple[str, str, str]] = field(default_factory=list)


def top_level(text: str, separator: str) -> list[str]:
    """`text` split at a separator that stands in no parentheses, brackets or quotes."""
    parts, depth, start, quoted, i = [], 0, 0, False, 0
    while i < len(text):
        char = text[i]
        if char == "'":
            quoted = not quoted
        elif not quoted:
            depth += (char in "([") - (char in ")]")
            if depth == 0 and text.startswith(separator, i):
                parts.append(text[start:i])
                start = i = i + len(separator)
                continue
        i += 1
    return [*parts, text[start:]]


def columns(sql: str) -> list[str] | None:
    """Names of the columns of a query, or None where its text does not tell them."""
    if sql.startswith("WITH "):
        sql = "SELECT " + top_level(sql, " SELECT ")[-1] if " SELECT " in sql else sql
    if not sql.startswith("SELECT "):
        return None
    selected = top_level(sql.removeprefix("SELECT "), " FROM ")[0].removeprefix("DISTINCT ")
    names = []
    for item in top_level(selected, ","):
        item = item.strip()
        alias = top_level(item, " AS ")
        name = alias[-1].strip() if len(alias) > 1 else item.split(".")[-1]
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return None
        names.append(name)
    return names


def problem(template: str, rows: str, block: Block) -> str | None:
    """What is wrong with a template, if something is."""
    slots = {m[0] + m[1] for m in corpus.SLOT.findall(block.sql)}
    for hole in HOLE.findall(template):
        if hole == "rows" or hole in slots:
            continue
        cell = CELL.fullmatch(hole)
        if not cell:
            return f"{{{hole}}} is neither a cell nor a slot of the SQL"
        if int(cell.group(3)) >= len(block.columns):
            return f"{{{hole}}}: the query has {len(block.columns)} columns"
        least = {"delta": 2, "change": 2, "sum": 2}.get(cell.group(2) or "", 1 + int(cell.group(1) or 0))
        if {"1": 1, "2": 2, "many": 3}[rows] < least:
            return f"{{{hole}}} needs {least} rows"
    bare = HOLE.sub("", template)
    odd = sorted({c for c in bare if not TEXT.fullmatch(c)})
    if odd:
        return f"characters that a summary cannot have: {' '.join(odd)}"
    words = {w.lower() for w in re.findall(r"[^\W\d_]+", bare)} & NUMBER_WORDS
    if words:
        return f"number words: {' '.join(sorted(words))}"
    if not any(h == "rows" or CELL.fullmatch(h) for h in HOLE.findall(template)):
        return "it shows no cell"
    if len(template) > MAX_CHARACTERS:
        return f"{len(template)} characters"
    return None


def read_blocks(known: set[str] | None = None, directory: Path = DIRECTORY) -> list[Block]:
    """All blocks, in file order. Exits with every malformed line named; `known` are the SQL that the question corpus has."""
    blocks: list[Block] = []
    problems: list[str] = []
    for path in sorted(directory.glob("*.txt")):
        block: Block | None = None
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            where, line = f"{path.name}:{number}", line.strip()
            if not line or line.startswith("#"):
                continue
            tag, _, text = line.partition(" ")
            text = re.sub(r"\s+", " ", text.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'"))
            if tag == "=":
                sql = text.rstrip(";")
                names = columns(sql)
                block = Block(sql, where, names or [])
                blocks.append(block)
                if known is not None and sql not in known:
                    problems.append(f"{where}: no question of the corpus has this SQL")
                if not names or len(names) > MAX_COLUMNS:
                    problems.append(f"{where}: columns {names}: all need names, at most {MAX_COLUMNS}")
                continue
            match = TAG.fullmatch(tag)
            if not match or block is None or not text:
                problems.append(f"{where}: neither '= SQL' nor en, en1, en2, fr, fr1, fr2 and a summary: {line[:80]}")
                continue
            rows = ROWS[match.group(2)]
            if block.columns and (wrong := problem(text, rows, block)):
                problems.append(f"{where}: {wrong}: {text}")
            block.summaries.append((match.group(1), rows, text))
    if problems:
        sys.exit("\n".join(problems))
    return blocks


@dataclass
class Example:
    """A question with its rows' columns, and what to say of them."""

    language: str
    question: str
    sql: str
    rows: str
    columns: list[str]
    template: str


def reordered(columns: list[str], template: str, rng: random.Random) -> tuple[list[str], str]:
    """The columns in another order, and the template for it."""
    order = rng.sample(range(len(columns)), len(columns))
    moved = {old: new for new, old in enumerate(order)}
    return [columns[i] for i in order], re.sub(r"\.c(\d)\}", lambda m: f".c{moved[int(m.group(1))]}}}", template)


class Summaries:
    """Draws examples of the second task: a summary with any question of the corpus that has its SQL and language."""

    REORDERED = 0.3

    def __init__(self, blocks: list[Block], questions: list[corpus.Block]):
        asked: dict[tuple[str, str], list[str]] = {}
        for block in questions:
            for language, question in block.questions:
                asked.setdefault((block.sql, language), []).append(question)
        self.words = words(blocks)
        self.templates = sorted({s for b in blocks for _, _, s in b.summaries})
        self.drawn_from = [(block, s, asked[block.sql, s[0]]) for block in blocks for s in block.summaries if (block.sql, s[0]) in asked]

    def draw(self, rng: random.Random) -> Example:
        block, (language, rows, template), questions = rng.choice(self.drawn_from)
        columns = block.columns
        if rng.random() < self.REORDERED:
            columns, template = reordered(columns, template, rng)
        return Example(language, rng.choice(questions), block.sql, rows, columns, template)


def words(blocks: list[Block]) -> list[str]:
    """Every word that the summaries are made of, in lower case."""
    return sorted({w.lower() for b in blocks for _, _, s in b.summaries for w in re.findall(r"[^\W\d_]+", HOLE.sub(" ", s))})


def main() -> None:
    known = {b.sql for b in corpus.read_blocks() if b.answerable}
    blocks = read_blocks(known)
    summaries = [s for b in blocks for s in b.summaries]
    print(f"{len({b.sql for b in blocks})} SQL shapes, {len(summaries)} summaries (en {sum(s[0] == 'en' for s in summaries)}, fr {sum(s[0] == 'fr' for s in summaries)})")


if __name__ == "__main__":
    main()
