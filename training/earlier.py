"""The query of what was asked before a follow-up, which the model reads behind the prompt.

Composed conversations know theirs. In a conversation that a person wrote, it is what the model itself writes: with the mistakes that there will be
when it is used.
"""

from __future__ import annotations

import random
import re

import torch

import masking
import precision
import tokenizer as tok

BATCH = 96
# Tokens; the longest query of the corpus has 50.
LONGEST = 56
PARAMETER = re.compile("|".join(tok.VALUES))


class Earlier:
    """Queries, with slots, of the questions that conversations begin with; "" where the model has no answer."""

    def __init__(self):
        self.sql: dict[str, str] = {}

    def before(self, question: str) -> str:
        """The query of all turns but the last; "" where there are none, or none is known."""
        return self.sql.get(question.rpartition(masking.TURN)[0], "")

    @torch.no_grad()
    def learn(self, pairs: list[tuple[str, str]], model, tokenizer, encoder: tok.TargetEncoder, most: int | None = None) -> int:
        """Asks the model for the queries that are missing; how many those were, `most` at most. The shorter come first: conversations of three turns need them."""
        wanted = {first for question, _ in pairs if (first := question.rpartition(masking.TURN)[0])} - set(self.sql)
        wanted |= {first for question in wanted if (first := question.rpartition(masking.TURN)[0]) not in self.sql and first}
        wanted = set(random.Random(len(self.sql)).sample(sorted(wanted), most)) if most is not None and most < len(wanted) else wanted
        pieces = {number: piece for piece, number in encoder.ids.items()}
        device = next(model.parameters()).device
        pad, end = model.config.pad_token_id, model.config.eos_token_id
        for turns in sorted({question.count(masking.TURN) for question in wanted}):
            level = sorted((question for question in wanted if question.count(masking.TURN) == turns), key=len)
            for start in range(0, len(level), BATCH):
                questions = level[start : start + BATCH]
                masked = [masking.mask_corpus_question(question, lambda kind: [kind]) for question in questions]
                befores = [masking.mask_sql(self.before(question), names) for question, (_, names) in zip(questions, masked)]
                rows = [read(prompt, before, tokenizer, encoder) for (prompt, _), before in zip(masked, befores)]
                width = max(map(len, rows))
                inputs = torch.tensor([row + [pad] * (width - len(row)) for row in rows], device=device)
                with precision.autocast(device.type):
                    out = model.generate(input_ids=inputs, attention_mask=(inputs != pad).long(), max_new_tokens=LONGEST, num_beams=1, do_sample=False)
                for question, (_, names), row in zip(questions, masked, out.tolist()):
                    written = row[1 : row.index(end)] if end in row else []
                    self.sql[question] = with_slots("".join(pieces.get(number, "\0") for number in written), names)
        return len(wanted)


def with_slots(sql: str, names: dict[str, str]) -> str:
    """What the model wrote, its parameters as slots again; "" where it says that there is no answer, or means a number that is no slot."""
    slots = {parameter: "{" + slot + "}" for slot, parameter in names.items()}
    if "\0" in sql or tok.NO_ANSWER in sql or set(PARAMETER.findall(sql)) - set(slots):
        return ""
    return PARAMETER.sub(lambda match: slots[match.group(0)], sql)


def read(prompt: str, before: str, tokenizer, encoder: tok.TargetEncoder) -> list[int]:
    """What the model reads: the prompt and, behind it, the query of what was asked before."""
    ids = tokenizer.encode(prompt).ids
    return ids[:-1] + encoder.encode(before) if before else ids
