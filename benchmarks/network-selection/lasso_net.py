"""LassoNet (Lemhadri, Ruan, Abraham & Tibshirani 2021): one path from all features to none, as its package runs it by default.

The point of the path is the last one on the way to none that still has at most so many features. Its network has a linear connection beside the
hidden layer, which no other here has. `zeros` counts the weights of the hidden layer.
"""

import time

import numpy as np
import torch
from lassonet import LassoNetClassifier

import network
from digits import Selected, accuracy


def make(options, seed):
    settings = {"hidden_dims": (network.UNITS,), "path_multiplier": options.lassonet_step, "device": torch.device("cpu")}
    settings |= {"verbose": 0, "torch_seed": seed, "random_state": seed}
    if options.lassonet_batch:
        settings["batch_size"] = options.lassonet_batch
    return LassoNetClassifier(**settings)


def paths(train, validation, test, counts, _epochs, seed, options):
    model = make(options, seed)
    started = time.perf_counter()
    path = model.path(
        train.x, train.y, X_val=validation.x, y_val=validation.y, return_state_dicts=True, disable_lambda_warning=True
    )
    seconds = time.perf_counter() - started
    for count in counts:
        # Features may come back on the way.
        point = max((point for point in path if point.selected.sum() <= count), key=lambda point: int(point.selected.sum()))
        model.load(point.state_dict)
        kept = np.flatnonzero(point.selected.numpy())
        zeros = int((point.state_dict["layers.0.weight"] == 0).sum())
        own = accuracy(model.predict_proba(test.x), test)
        relaxed = make(options, seed)
        relaxed.fit(train.x[:, kept], train.y, X_val=validation.x[:, kept], y_val=validation.y, dense_only=True)
        again = accuracy(relaxed.predict_proba(test.x[:, kept]), test)
        yield count, Selected(kept, own, again, zeros, seconds, len(path))
