"""Records what transformers computes for a few prompts, so that a Rust test can hold candle's T5 to it.

    python training/record_logits.py MODEL_DIR PROMPT [PROMPT ...]

writes MODEL_DIR/logits.json: the encoded prompt, some logits of every decoding step and the logarithm of their summed exponentials
(which all logits enter), what greedy and beam search generate, and, where the vocabulary has `<ask>`, how likely the prompt is with what
greedy search generated given. `src/model/parity.rs` reads it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
import transformers

import masking

LOGITS_A_STEP = 64


def record(model, encode, prompts: list[str], path: Path, beams: int = 4, length_penalty: float = 0.6, max_new_tokens: int = 24, ask: int | None = None) -> None:
    """`encode(prompt)` gives token ids, the end token included; `ask` is the id of `<ask>`. The model is used in F32 with dropout off."""
    model = model.float().eval()
    vocabulary = model.config.vocab_size
    step = max(1, vocabulary // LOGITS_A_STEP)
    logit_ids = list(range(0, vocabulary, step))[:LOGITS_A_STEP]
    cases = [case(model, encode(prompt), prompt, logit_ids, beams, length_penalty, max_new_tokens, ask) for prompt in prompts]
    document = {
        "transformers": transformers.__version__,
        "beams": beams,
        "length_penalty": length_penalty,
        "max_new_tokens": max_new_tokens,
        "ask": ask,
        "logit_ids": logit_ids,
        "cases": cases,
    }
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace('{"prompt"', '\n{"prompt"') + "\n")


@torch.no_grad()
def case(model, ids, prompt, logit_ids, beams, length_penalty, max_new_tokens, ask) -> dict:
    inputs = torch.tensor([ids])
    options = {"attention_mask": torch.ones_like(inputs), "max_new_tokens": max_new_tokens, "do_sample": False}
    greedy = generated(model.generate(inputs, num_beams=1, **options)[0], model)
    decoder_ids = [model.config.decoder_start_token_id, *greedy]
    logits = model(input_ids=inputs, decoder_input_ids=torch.tensor([decoder_ids])).logits[0]
    found = model.generate(
        inputs, num_beams=beams, num_return_sequences=beams, length_penalty=length_penalty, early_stopping=False,
        return_dict_in_generate=True, output_scores=True, **options,
    )
    return {
        "prompt": prompt,
        "input_ids": ids,
        "decoder_input_ids": decoder_ids,
        "logits": [[round(value, 5) for value in row] for row in logits[:, logit_ids].tolist()],
        "log_sum_exp": [round(value, 5) for value in torch.logsumexp(logits, dim=-1).tolist()],
        "greedy": greedy,
        "explains": explains(model, ids, [ask, *greedy]) if ask is not None else None,
        "beams": [
            {"tokens": generated(tokens, model), "score": round(score, 5)}
            for tokens, score in zip(found.sequences, found.sequences_scores.tolist())
        ],
    }


def explains(model, ids: list[int], given: list[int]) -> float:
    """The log-probability of the prompt `ids` where `given` is read."""
    decoder_ids = [model.config.decoder_start_token_id, *ids[:-1]]
    logits = model(input_ids=torch.tensor([given]), decoder_input_ids=torch.tensor([decoder_ids])).logits[0]
    return round(logits.log_softmax(-1)[torch.arange(len(ids)), torch.tensor(ids)].sum().item(), 4)


def generated(tokens: torch.Tensor, model) -> list[int]:
    """Without the start token, and cut after the first end token (what follows is padding)."""
    ids = tokens.tolist()[1:]
    end = model.config.eos_token_id
    return ids[: ids.index(end) + 1] if end in ids else ids


def main() -> None:
    from tokenizers import Tokenizer

    folder = Path(sys.argv[1])
    model = transformers.T5ForConditionalGeneration.from_pretrained(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def encode(prompt: str) -> list[int]:
        ids = tokenizer.encode(prompt).ids
        return ids if ids and ids[-1] == model.config.eos_token_id else [*ids, model.config.eos_token_id]

    record(model, encode, sys.argv[2:], folder / "logits.json", ask=tokenizer.token_to_id(masking.ASK))


if __name__ == "__main__":
    main()
