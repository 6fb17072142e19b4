"""Questions composed from parts, in both languages: which conditions a question may combine cannot be written out by hand.

The hand-phrased corpus teaches how people ask; this teaches that every condition of a question has its place in the SQL. The parts (a
condition, a ranking, a way to ask) are phrased by hand and joined at random, anew at each pass over the corpus. Nothing here counts as
a hand-phrased question. SQL follows CONVENTIONS.md. `python -m composed` (in training/) prints some.

Each module offers `PATTERNS`: functions from a random generator to a question with slots and its SQL, listed as often as they should be drawn. Those of
follow-ups give a third thing, the SQL of what was asked before.
"""

from __future__ import annotations

import random

from . import charts, country_charts, events, followups, lookups, numbers, people, places, rows, snapshots, statistics, taste
from .parts import capitalised

# The share of composed questions that each module gives.
MODULES = [(rows, 0.22), (numbers, 0.14), (places, 0.12), (followups, 0.16), (events, 0.12), (taste, 0.10), (people, 0.09), (statistics, 0.10), (charts, 0.07), (country_charts, 0.03), (snapshots, 0.03), (lookups, 0.07)]


def example(rng: random.Random) -> tuple[str, str, str]:
    """A question (with slots), its SQL, and that of what was asked before; "" where nothing was."""
    (module,) = rng.choices([m for m, _ in MODULES], [w for _, w in MODULES])
    question, sql, *before = rng.choice(module.PATTERNS)(rng)
    return capitalised(" ".join(question.split()), rng), sql, "".join(before)
