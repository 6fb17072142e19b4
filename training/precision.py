"""The arithmetic of training: bfloat16 where the machine is faster with it, else float32."""

from __future__ import annotations

import time
from functools import cache

import torch

SIZE = 512
TRIALS = 5


@cache
def fastest(device: str) -> torch.dtype:
    """bfloat16, but float32 on a processor without instructions for it (AVX512-BF16, AMX), where it is three to four times slower."""
    if device != "cpu":
        return torch.bfloat16
    return min((torch.bfloat16, torch.float32), key=seconds)


def seconds(dtype: torch.dtype) -> float:
    """What a matrix product takes on the CPU, the fastest of a few."""
    x = torch.ones(SIZE, SIZE, dtype=dtype)
    taken = []
    for _ in range(TRIALS):
        begun = time.perf_counter()
        torch.mm(x, x)
        taken.append(time.perf_counter() - begun)
    return min(taken)


def autocast(device: str):
    """Matrix products in the fastest arithmetic."""
    return torch.autocast(device, dtype=torch.bfloat16, enabled=fastest(device) == torch.bfloat16)
