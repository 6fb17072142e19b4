"""Going on from a saved model, also with a larger one that at first computes the same."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import T5Config, T5ForConditionalGeneration


def warm_start(model, tokenizer, directory: str) -> None:
    """Takes over the weights of an earlier model. Its vocabulary may differ: rows are matched by token. It may be smaller: see `deepened` and `widened`."""
    earlier = T5ForConditionalGeneration.from_pretrained(directory, dtype=torch.float32)
    known = Tokenizer.from_file(str(Path(directory, "tokenizer.json"))).get_vocab()
    state = model.state_dict()
    per_token = ("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight")
    for key, value in deepened(earlier, model.config).items():
        if key not in per_token:
            state[key] = widened(key, value, state[key])
            continue
        for token, row in tokenizer.get_vocab().items():
            if token in known:
                state[key][row, : value.shape[1]] = value[known[token]]
                state[key][row, value.shape[1] :] = 0
    model.load_state_dict(state)


def deepened(model, config: T5Config) -> dict:
    """The weights of a model with as many layers as `config` has. A layer too many is a copy of the one before whose outputs are zero at first, so that nothing else changes."""
    state = model.state_dict()
    for stack, had, has in (("encoder", model.config.num_layers, config.num_layers), ("decoder", model.config.num_decoder_layers, config.num_decoder_layers)):
        layers: list[dict] = [{} for _ in range(had)]
        for key in [k for k in state if k.startswith(f"{stack}.block.")]:
            _, _, number, rest = key.split(".", 3)
            layers[int(number)][rest] = state.pop(key)
        sources = [i * had // has for i in range(has)]
        for i, source in enumerate(sources):
            copy = i > 0 and sources[i - 1] == source
            for rest, value in layers[source].items():
                if copy and "relative_attention_bias" in rest:
                    continue
                silent = copy and rest.endswith((".o.weight", ".wo.weight"))
                state[f"{stack}.block.{i}.{rest}"] = torch.zeros_like(value) if silent else value
    return state


def widened(key: str, value: torch.Tensor, fresh: torch.Tensor) -> torch.Tensor:
    """A weight of as many columns of the residual stream, heads and feed-forward units as the fresh one has. Those too many start as in a fresh model, and nothing is written to them or comes from them at first, so that nothing else changes."""
    if value.shape == fresh.shape:
        return value
    if value.ndim == 1:
        # A norm divides by the mean square, to which empty columns bring nothing: as many more of them make its outcome that much larger.
        return torch.cat([value, value.mean().expand(len(fresh) - len(value))]) * (len(value) / len(fresh)) ** 0.5
    wider = torch.zeros_like(fresh) if key.endswith((".o.weight", ".wo.weight")) else fresh.clone()
    wider[: value.shape[0], : value.shape[1]] = value
    return wider
