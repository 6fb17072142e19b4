#!/usr/bin/env python3
"""The same model in candle, in transformers and in CTranslate2, in one run: `python3 benches/decoding.py`.

Every engine answers the prompts that are recorded in the model's folder (logits.json), one after the other (batch 1) on two threads,
greedily and with four beams, in float32 (CTranslate2 in int8 as well). Prints the median milliseconds for a prompt and the ratio to
the fastest of the others. What is compared is decoding alone: tokenizing is included everywhere, linking and SQL nowhere. What
only candle does here is listed apart: asking each candidate for its question (the third task of the model's card), and holding to valid SQL.

Makes a virtual environment with torch, transformers and ctranslate2 under --venv unless one is there (`--python` names another).
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
THREADS = 2
ROUNDS = 30
PACKAGES = ["torch", "transformers", "ctranslate2", "sentencepiece"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models" / "quaver-music")
    parser.add_argument("--venv", type=pathlib.Path, default=ROOT / "target" / "decoding-venv")
    parser.add_argument("--python", help="a Python that has the packages")
    parser.add_argument("--others", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.others:
        print(json.dumps(others(arguments.model)))
        return
    python = arguments.python or prepared(arguments.venv)
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "HF_HUB_OFFLINE": "1"}
    measured = subprocess.run([python, __file__, "--others", "--model", arguments.model], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures = json.loads(measured.stdout.splitlines()[-1])
    figures.update(candle(arguments.model))
    show(figures)


def prepared(venv: pathlib.Path) -> str:
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return str(python)


def recorded(model: pathlib.Path) -> list[str]:
    return [case["prompt"] for case in json.loads((model / "logits.json").read_text())["cases"]]


def candle(model: pathlib.Path) -> dict[str, float]:
    """Criterion's medians over all prompts, in milliseconds a prompt."""
    environment = {**os.environ, "QUAVER_BENCH_MODEL": str(model)}
    subprocess.run(["cargo", "bench", "-p", "quaver", "--bench", "model"], cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    found = {}
    for what, name in [("search", "candle"), ("free", "candle, asked for questions"), ("constrained", "candle, held to valid SQL too")]:
        for beams in (1, 4):
            path = ROOT / "target" / "criterion" / f"generate_{model.name}" / what / f"beams-{beams}" / "new" / "estimates.json"
            if not path.exists():
                path = ROOT / "target" / "criterion" / f"generate_{model.name}" / f"{what}_beams-{beams}" / "new" / "estimates.json"
            nanoseconds = json.loads(path.read_text())["median"]["point_estimate"]
            found[f"{name}|{beams}"] = nanoseconds / 1e6 / len(recorded(model))
    return found


def others(model: pathlib.Path) -> dict[str, float]:
    import ctranslate2
    import torch
    from tokenizers import Tokenizer
    from transformers import T5ForConditionalGeneration

    torch.set_num_threads(THREADS)
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    prompts = recorded(model)
    figures: dict[str, float] = {}

    reference = T5ForConditionalGeneration.from_pretrained(model, dtype=torch.float32).eval()

    def by_transformers(prompt: str, beams: int) -> list[int]:
        ids = torch.tensor([tokenizer.encode(prompt).ids])
        with torch.no_grad():
            return reference.generate(ids, attention_mask=torch.ones_like(ids), num_beams=beams, max_new_tokens=96, length_penalty=0.6 if beams > 1 else 1.0, early_stopping=False)[0].tolist()[1:]

    with tempfile.TemporaryDirectory() as directory:
        engines = {"transformers": by_transformers}
        for kind in ("float32", "int8"):
            converted = pathlib.Path(directory) / kind
            write_ctranslate2(reference, model, converted, kind)
            engines[f"CTranslate2 {kind}"] = by_ctranslate2(ctranslate2, tokenizer, converted)
        expected = [by_transformers(prompt, 1) for prompt in prompts]
        for name, answer in engines.items():
            same = sum(answer(prompt, 1)[: len(want) - 1] == want[: len(want) - 1] for prompt, want in zip(prompts, expected))
            print(f"{name}: {same} of {len(prompts)} greedy answers equal those of transformers", file=sys.stderr)
        for beams in (1, 4):
            times: dict[str, list[float]] = {name: [] for name in engines}
            for _ in range(ROUNDS):
                for name, answer in engines.items():
                    begun = time.perf_counter()
                    for prompt in prompts:
                        answer(prompt, beams)
                    times[name].append((time.perf_counter() - begun) * 1000 / len(prompts))
            figures.update({f"{name}|{beams}": statistics.median(values) for name, values in times.items()})
    return figures


def write_ctranslate2(reference, model: pathlib.Path, directory: pathlib.Path, kind: str) -> None:
    from ctranslate2.converters import transformers as loader
    from transformers import PreTrainedTokenizerFast

    words = PreTrainedTokenizerFast(tokenizer_file=str(model / "tokenizer.json"), pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    # The loader scales what transformers 5 says not to scale (`scale_decoder_outputs`), which flattens the scores of beams.
    tied = reference.config.tie_word_embeddings
    reference.config.tie_word_embeddings = tied and getattr(reference.config, "scale_decoder_outputs", tied)
    specification = loader.T5Loader()(reference, words)
    reference.config.tie_word_embeddings = tied
    specification.validate()
    specification.optimize(quantization=kind)
    directory.mkdir()
    specification.save(str(directory))


def by_ctranslate2(ctranslate2, tokenizer, directory: pathlib.Path):
    translator = ctranslate2.Translator(str(directory), device="cpu", intra_threads=THREADS, inter_threads=1)

    def answer(prompt: str, beams: int) -> list[int]:
        result = translator.translate_batch([tokenizer.encode(prompt).tokens], beam_size=beams, max_decoding_length=96, length_penalty=0.6 if beams > 1 else 1.0, disable_unk=False)
        return [tokenizer.token_to_id(token) for token in result[0].hypotheses[0]]

    return answer


def show(figures: dict[str, float]) -> None:
    for beams in (1, 4):
        rows = {name.split("|")[0]: ms for name, ms in figures.items() if name.endswith(f"|{beams}")}
        fastest = min(ms for name, ms in rows.items() if not name.startswith("candle"))
        print(f"\n{'greedy' if beams == 1 else 'four beams'}: median ms a prompt (batch 1, {THREADS} threads)")
        for name, ms in rows.items():
            print(f"  {name:30} {ms:8.2f}   {ms / fastest:5.2f} x the fastest other engine")


if __name__ == "__main__":
    main()
