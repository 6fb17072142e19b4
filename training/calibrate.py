"""Fits the confidence of a model: `quaver eval eval/dev2.jsonl --json > dev2.json; python training/calibrate.py dev2.json`; of several evaluations together.

Reads the signals of each answer and whether it was right, fits a logistic regression (Platt, "Probabilistic outputs for support vector
machines", 1999) with a small ridge penalty by Newton's method, and prints the `[calibration]` table of the model's manifest, the
expected calibration error by cross-validation, and what each threshold of confidence would turn away.
"""

from __future__ import annotations

import json
import sys

import numpy as np

NAMES = ["intercept", "log_probability", "least", "share", "explains", "answerable", "unused_name"]
RIDGE = 1.0
# More confidence must never come from a less likely answer, or from one that leaves a name out (its signal is a number of names, so its sign is turned).
SIGNS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0])
LOWEST = np.array([-np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
FOLDS = 10


def answers(path: str):
    """One row of signals an answer, and whether it was right; how many questions have an answer. A question without one that was answered counts as wrong."""
    rows, right, cases = [], [], 0
    for outcome in json.load(open(path))["outcomes"]:
        if outcome["verdict"] == "gold_failed" or outcome["gold_is_empty"]:
            continue
        cases += bool(outcome["gold_sql"])
        signals = outcome.get("signals")
        if signals is None:
            continue
        rows.append([1.0] + [float(signals[name]) for name in NAMES[1:]])
        right.append((outcome["verdict"] == "right", bool(outcome["gold_sql"])))
    return np.array(rows) * SIGNS, np.array([r for r, _ in right], float), np.array([a for _, a in right]), cases


def fit(x, y):
    """Weights of least penalised loss; a weight that would fall below its bound is held there."""
    free = np.ones(x.shape[1], bool)
    w = np.zeros(x.shape[1])
    for _ in range(200):
        p = 1 / (1 + np.exp(-(x @ w)))
        penalty = RIDGE * np.array([0.0] + [1.0] * (len(w) - 1))
        gradient = x.T @ (p - y) + penalty * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        step = np.zeros_like(w)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        w -= step
        below = w < LOWEST
        if below.any():
            w[below] = LOWEST[below]
            free &= ~below
        elif np.abs(step).max() < 1e-8:
            break
    return w


def predict(x, w):
    return 1 / (1 + np.exp(-(x @ w)))


def calibration_error(p, y) -> float:
    bins = np.minimum((p * 10).astype(int), 9)
    return sum(abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).sum() for b in set(bins)) / len(p)


def main() -> None:
    parts = [answers(path) for path in sys.argv[1:]]
    x, y, answerable = (np.concatenate(part) for part in list(zip(*parts))[:3])
    cases = sum(part[3] for part in parts)
    held_out = np.zeros(len(y))
    order = np.random.default_rng(0).permutation(len(y))
    for fold in range(FOLDS):
        test = order[fold::FOLDS]
        train = np.setdiff1d(order, test)
        held_out[test] = predict(x[test], fit(x[train], y[train]))
    w = fit(x, y)
    print("[calibration]")
    for name, value in zip(NAMES, w * SIGNS):
        print(f"{name} = {value + 0.0:.3f}")
    print(f"# {len(y)} answers, {y.mean():.1%} right; expected calibration error {calibration_error(held_out, y):.3f} (cross-validated)")
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        below = held_out < threshold
        lost = int((below & (y == 1)).sum())
        print(f"# below {threshold}: turns away {int((below & answerable & (y == 0)).sum())} wrong, {int((below & ~answerable).sum())} without an answer, {lost} right ({lost / cases:.1%} of {cases})")


if __name__ == "__main__":
    main()
