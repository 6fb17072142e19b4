"""Reads and checks the corpus: `training/corpus/*.txt`, blocks of one SQL shape and its questions (see CONVENTIONS.md)."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

CORPUS_DIR = Path(__file__).parent / "corpus"
UNANSWERABLE = "UNANSWERABLE"
# The share of the questions, by `chance`, that training does not see.
HELD_OUT = 0.02

# The kinds of value that a slot can stand for. The order is the order in which the prompt names the kinds of an ambiguous value.
KINDS = ["artist", "title", "album", "tag", "genre", "country", "segment", "num", "year", "decade", "month", "date"]
SLOT = re.compile(r"\{(" + "|".join(KINDS) + r")(\d*)\}")


@dataclass
class Block:
    """One SQL shape with the ways in which people ask for it."""

    sql: str
    source: str
    questions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def answerable(self) -> bool:
        return self.sql != UNANSWERABLE


def read_blocks(directory: Path = CORPUS_DIR) -> list[Block]:
    """All blocks of all corpus files, in file order. Exits with every malformed line named."""
    blocks: list[Block] = []
    problems: list[str] = []
    for path in sorted(directory.glob("*.txt")):
        block: Block | None = None
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            where = f"{path.name}:{number}"
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            tag, _, text = line.partition(" ")
            text = text.strip()
            if tag == "=":
                block = Block(sql=text.rstrip(";"), source=where)
                blocks.append(block)
            elif tag in ("en", "fr") and block is not None and text:
                block.questions.append((tag, text))
                if block.answerable:
                    missing = set(SLOT.findall(block.sql)) - set(SLOT.findall(text))
                    if missing:
                        problems.append(f"{where}: the SQL has {sorted(missing)}, the question does not: {text}")
            else:
                problems.append(f"{where}: neither '= SQL', 'en QUESTION' nor 'fr QUESTION': {line[:80]}")
    if problems:
        sys.exit("\n".join(problems))
    return blocks


def chance(question: str) -> float:
    """From 0 to 1, always the same for a question: what is held out stays so as the corpus grows."""
    return int.from_bytes(hashlib.sha256(question.encode()).digest()[:6]) / 2**48


def merge_by_sql(blocks: list[Block]) -> list[Block]:
    """Blocks of the same SQL made one, questions deduplicated."""
    merged: dict[str, Block] = {}
    for block in blocks:
        target = merged.setdefault(block.sql, Block(sql=block.sql, source=block.source))
        seen = {q.lower() for _, q in target.questions}
        target.questions += [(lang, q) for lang, q in block.questions if q.lower() not in seen]
    return list(merged.values())


def main() -> None:
    blocks = read_blocks()
    shapes = {b.sql for b in blocks if b.answerable}
    by_language = {"en": 0, "fr": 0}
    owner: dict[str, str] = {}
    for block in blocks:
        for language, question in block.questions:
            by_language[language] += 1
            key = question.lower()
            if key in owner and owner[key] != block.sql:
                print(f"two readings: {question!r}\n    {owner[key]}\n    {block.sql}")
            owner[key] = block.sql
    unanswerable = sum(len(b.questions) for b in blocks if not b.answerable)
    print(f"{len(shapes)} SQL shapes, {len(owner)} different questions (en {by_language['en']}, fr {by_language['fr']}), of which {unanswerable} unanswerable")


if __name__ == "__main__":
    main()
