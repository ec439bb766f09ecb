"""The digits of scikit-learn, split alike for every tool."""

import dataclasses

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HELD_OUT = 270


@dataclasses.dataclass
class Part:
    """x is float32 (rows, 64), y the digit of each row."""

    x: np.ndarray
    y: np.ndarray


def split(seed):
    """Parts to train on, to choose by, and to judge by: 1257, 270 and 270 rows. Standardized by the first alone."""
    x, y = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x, y, test_size=HELD_OUT, stratify=y, random_state=seed)
    x, x_validation, y, y_validation = train_test_split(x, y, test_size=HELD_OUT, stratify=y, random_state=seed)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    # A pixel that is never written on stays 0.
    deviation[deviation == 0] = 1
    parts = (x, y), (x_validation, y_validation), (x_test, y_test)
    return tuple(Part(((x - mean) / deviation).astype(np.float32), y) for x, y in parts)


def accuracy(logits, part):
    return float((np.argmax(logits, axis=1) == part.y).mean())


@dataclasses.dataclass
class Selected:
    """A network that reads few features."""

    features: np.ndarray
    # Of the test part: as the penalty leaves it, and trained on without the penalty.
    accuracy: float
    relaxed: float
    # Weights of the first layer that are exactly 0 when training ends, before anything is cut by hand.
    zeros: int
    # Of all trainings that it took to have so many features, without the relaxed one.
    seconds: float
    trainings: int
