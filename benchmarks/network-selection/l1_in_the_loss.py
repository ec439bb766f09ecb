"""The usual way: lambda times the sum of all |w| of the first layer in the loss, and AdamW as it comes.

It leaves no zeros. The k inputs whose weights are the largest (Euclidean norm) are kept, and the weights of the others set to 0 by hand; the
strength is the one of `STRENGTHS` that is right most often on the validation part after that.
"""

import copy
import time

import numpy as np
import torch

import network
from digits import Selected, accuracy

STRENGTHS = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2]


def paths(train, validation, test, counts, epochs, seed, _options):
    started = time.perf_counter()
    models = []
    for strength in STRENGTHS:
        model = network.build(train.x.shape[1], seed)
        network.train(model, train, epochs, seed, torch.optim.AdamW, strength)
        models.append(model)
    seconds = time.perf_counter() - started
    for count in counts:
        cuts = [cut(model, count) for model in models]
        right = [accuracy(network.logits(model, validation.x), validation) for model, _ in cuts]
        best = int(np.argmax(right))
        model, kept = cuts[best]
        zeros = int((models[best][0].weight == 0).sum())
        own = accuracy(network.logits(model, test.x), test)
        mask = torch.zeros(train.x.shape[1])
        mask[kept] = 1
        network.train(model, train, epochs, seed, mask=mask)
        relaxed = accuracy(network.logits(model, test.x), test)
        yield count, Selected(kept, own, relaxed, zeros, seconds, len(STRENGTHS))


def cut(model, count):
    """A copy that reads so many features, and which."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        weight = model[0].weight
        kept = np.sort(np.argsort(-weight.norm(dim=0).numpy(), kind="stable")[:count])
        rest = np.setdiff1d(np.arange(weight.shape[1]), kept)
        weight[:, rest] = 0
    return model, kept
