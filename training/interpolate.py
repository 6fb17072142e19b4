"""Weights between a model and one that was trained on from it: `python training/interpolate.py EARLIER LATER SHARE OUT`.

A short training on new questions forgets some of the old ones. A point between both sets of weights keeps most of what either knows, at no cost
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", https://arxiv.org/abs/2109.01903).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import T5ForConditionalGeneration

import masking
import record_logits

WEIGHTS = "model.safetensors"


def between(earlier: dict[str, torch.Tensor], later: dict[str, torch.Tensor], share: float) -> dict[str, torch.Tensor]:
    """Each weight of `later`, moved back towards `earlier`; rows of tokens that the earlier vocabulary lacks stay as they are."""
    out = {}
    for key, value in later.items():
        before, after = earlier[key].float(), value.float().clone()
        after[: len(before)] = torch.lerp(before, after[: len(before)], share)
        out[key] = after.half()
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("earlier", "later"):
        parser.add_argument(name, type=Path, help="folder of a saved model")
    parser.add_argument("share", type=float, help="of the later model, from 0 to 1")
    parser.add_argument("out", type=Path, help="folder that is written")
    args = parser.parse_args()
    earlier, later, share, out = args.earlier, args.later, args.share, args.out
    if not 0 <= share <= 1:
        parser.error(f"share: {share} is not from 0 to 1")
    if missing := [folder / WEIGHTS for folder in (earlier, later) if not (folder / WEIGHTS).exists()]:
        parser.error(f"no weights: {', '.join(map(str, missing))}")
    known, vocabulary = (Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab() for folder in (earlier, later))
    if any(vocabulary.get(token) != row for token, row in known.items()):
        sys.exit(f"{later} does not go on with the vocabulary of {earlier}: train it with --keep-vocabulary")
    weights = between(load_file(earlier / WEIGHTS), load_file(later / WEIGHTS), share)
    shutil.copytree(later, out, dirs_exist_ok=True)
    save_file(weights, out / WEIGHTS, metadata={"format": "pt"})
    # What the Rust implementation is held to is that of these weights.
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    prompts = [case["prompt"] for case in json.loads((later / "logits.json").read_text("utf-8"))["cases"]]
    model = T5ForConditionalGeneration.from_pretrained(out, dtype=torch.float32)
    record_logits.record(model, lambda prompt: tokenizer.encode(prompt).ids, prompts, out / "logits.json", ask=tokenizer.token_to_id(masking.ASK))


if __name__ == "__main__":
    main()
