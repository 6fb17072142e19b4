"""Prints composed questions: `python -m composed [COUNT] [MODULE]`."""

import random
import sys

from . import MODULES, example

rng = random.Random()
only = sys.argv[2] if len(sys.argv) > 2 else ""
patterns = [p for module, _ in MODULES if only and module.__name__.endswith(only) for p in module.PATTERNS]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 40):
    question, *sqls = rng.choice(patterns)(rng) if patterns else example(rng)
    print(" ".join(question.split()), *(f"\n    {sql}" for sql in sqls))
