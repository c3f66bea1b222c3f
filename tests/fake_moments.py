"""Moments that are linear in the parameters, with luck of their seeds: what a fit must find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Linear:
    """moments = matrix @ parameters + luck(seed); cannot be lived where one exceeds ``refuses``."""

    matrix: tuple[tuple[float, ...], ...]
    luck: float = 0.0
    refuses: float = float("inf")


def linear(plan: Linear, task):
    """A task as ``experiments.calibration.evaluate.moments_at`` takes and answers it."""
    point, seed = task
    if max(point) > plan.refuses:
        raise ValueError("too much of it")
    luck = plan.luck * np.random.default_rng(seed).normal(size=len(plan.matrix))
    return task, list(np.array(plan.matrix) @ np.array(point) + luck)
