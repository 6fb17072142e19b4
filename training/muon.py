"""The optimiser of the matrices, and what processes that share a batch exchange."""

from __future__ import annotations

import torch

import precision


class Exchange:
    """Gradients of processes that share each batch: every one writes its own, all read all. Two buffers in turn make one meeting a step enough.

    Directions of the matrices are shared as well (see `Orthogonal`): each process computes a part of them.
    """

    # Longer than rank 0 ever takes to evaluate; a replica that waits in vain ends with an error.
    PATIENCE_S = 1800

    def __init__(self, workers: int, size: int):
        context = torch.multiprocessing.get_context("spawn")
        self.workers = workers
        self.gradients = torch.zeros(2, workers, size).share_memory_()
        self.directions = torch.zeros(size, dtype=torch.bfloat16).share_memory_()
        self.rates = torch.zeros(2, dtype=torch.float64).share_memory_()
        self.barrier = context.Barrier(workers)
        self.queues = [context.Queue() for _ in range(workers)]

    def meet(self, turn: int, rate: float | None = None) -> float:
        """Waits until all gradients of this turn are there. Rank 0 gives the learning rate, below 0 to stop; all get it."""
        if rate is not None:
            self.rates[turn] = rate
        self.barrier.wait(self.PATIENCE_S)
        return self.rates[turn].item()


class Orthogonal:
    """Muon: the momentum of each matrix, made orthogonal by Newton-Schulz iterations, is its step (Jordan 2024, https://kellerjordan.github.io/posts/muon/).

    Steps have the size that AdamW's have at the same rate (Liu et al. 2025, https://arxiv.org/abs/2502.16982). Matrices of one shape are treated
    in one go, and each process treats its share of them, which takes half the time of `torch.optim.Muon` with two processes: that treats all of
    them in every process.
    """

    COEFFICIENTS = (3.4445, -4.7750, 2.0315)
    ITERATIONS = 5

    def __init__(self, matrices, momentum: float, rank: int = 0, exchange: Exchange | None = None):
        self.matrices, self.momentum, self.rank, self.exchange = matrices, momentum, rank, exchange
        self.averages = [torch.zeros_like(p) for p in matrices]
        starts, start = {}, 0
        for i, p in enumerate(matrices):
            starts[i] = start
            start += p.numel()
        shared = exchange.directions if exchange else torch.zeros(start, dtype=torch.bfloat16, device=matrices[0].device)
        self.directions = [shared[starts[i] : starts[i] + p.numel()].view_as(p) for i, p in enumerate(matrices)]
        by_shape: dict[tuple, list[int]] = {}
        for i, p in enumerate(matrices):
            by_shape.setdefault(tuple(p.shape), []).append(i)
        workers = exchange.workers if exchange else 1
        self.share = [members[rank::workers] for members in by_shape.values() if members[rank::workers]]

    @torch.no_grad()
    def step(self, rate: float, decay: float) -> None:
        for average, p in zip(self.averages, self.matrices):
            average.lerp_(p.grad, 1 - self.momentum)
        for members in self.share:
            stacked = torch.stack([self.matrices[i].grad.lerp(self.averages[i], self.momentum) for i in members])
            for i, direction in zip(members, self.orthogonal(stacked)):
                self.directions[i].copy_(direction)
        if self.exchange:
            self.exchange.barrier.wait(Exchange.PATIENCE_S)
        for p, direction in zip(self.matrices, self.directions):
            p.mul_(1 - rate * decay).add_(direction, alpha=-rate * 0.2 * max(p.shape) ** 0.5)

    @classmethod
    def orthogonal(cls, stacked: torch.Tensor) -> torch.Tensor:
        a, b, c = cls.COEFFICIENTS
        x = stacked.to(precision.fastest(stacked.device.type))
        tall = x.shape[1] > x.shape[2]
        x = x.mT if tall else x
        x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
        for _ in range(cls.ITERATIONS):
            gram = x @ x.mT
            x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
        return x.mT if tall else x
