"""The template of a query: what is left of it without its values. Two queries of one template are one SQL shape.

`quaver eval` reports questions whose template training never saw apart from those that only phrase a known one anew
(the "template split" of Finegan-Dollak et al., https://arxiv.org/abs/1806.09029). `src/ask/evaluation/template.rs` computes the
same; `tests/fixtures/templates.jsonl` holds both to one result.
"""

from __future__ import annotations

import hashlib
import re

TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\{\w+\}|@\w+|[A-Za-z_][A-Za-z_0-9.]*|\d+(?:\.\d+)?|<=|>=|<>|!=|\|\||[^\s`;]")
VALUE = re.compile(r"['\"{@0-9]")
ARITHMETIC = ("+", "-", "*", "/")


def template(sql: str) -> str:
    """Words in upper case with one space between, each value a `?`; what is computed from values alone is a value."""
    out: list[str] = []
    for token in TOKEN.findall(sql):
        if not VALUE.match(token):
            out.append(token.upper())
            continue
        if out and out[-1] in ("DATE", "TIMESTAMP", "DATETIME"):
            out.pop()
        if len(out) >= 2 and out[-1] in ARITHMETIC and out[-2] == "?":
            out.pop()
        else:
            out.append("?")
    return " ".join(out)


def fingerprint(sql: str) -> str:
    """Twelve hexadecimal digits that stand for a template."""
    return hashlib.sha256(template(sql).encode()).hexdigest()[:12]


FIXTURE = [
    "SELECT title, artist_name FROM music.tracks WHERE release_year BETWEEN {decade} AND {decade} + 9",
    "SELECT title, artist_name FROM music.tracks WHERE release_year BETWEEN 1970 AND 1979;",
    "select Title from `music.tracks` where duration_ms > 3 * 60000 AND energy > 0.7",
    "SELECT artist_name FROM music.listens WHERE artist_id = 'guns-n-roses' AND plays >= @v1",
    "SELECT COUNT(*) FROM music.chart_entries WHERE chart_date = DATE '2001-05-12' AND title = \"Don't\" AND artist_name != 'O\\'Neal'",
    "SELECT DIV(popularity, 10) * 10 AS bucket, COUNT(*) / 2 AS x FROM music.tracks LIMIT 10",
    "SELECT DATE(played_at) AS day FROM music.listening_events WHERE DATE(played_at) > DATE_SUB(DATE '2026-01-01', INTERVAL 7 DAY)",
    "SELECT a || b, -1, x - 1 FROM t WHERE a <> 'x' AND b <= 2",
]


def main() -> None:
    """Prints what the Rust code is held to: `python training/templates.py > tests/fixtures/templates.jsonl`."""
    import json

    for sql in FIXTURE:
        print(json.dumps({"sql": sql, "template": template(sql), "fingerprint": fingerprint(sql)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
