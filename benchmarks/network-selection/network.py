"""The network in PyTorch, with the initial weights, optimizer, schedule and batches that Gradiometer's spec has.

    64 -> 100, ReLU -> 10,   cross-entropy,   Adam at 0.003, by half a cosine to a hundredth of it
"""

import math

import numpy as np
import torch
from torch import nn

UNITS = 100
CLASSES = 10
BATCH = 64
LEARNING_RATE = 0.003
FLOOR = 0.01


def build(inputs, seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(inputs, UNITS), nn.ReLU(), nn.Linear(UNITS, CLASSES))
    nn.init.kaiming_normal_(model[0].weight)
    nn.init.xavier_uniform_(model[2].weight)
    nn.init.zeros_(model[0].bias)
    nn.init.zeros_(model[2].bias)
    return model


def train(model, part, epochs, seed, optimizer=torch.optim.Adam, l1=0.0, mask=None):
    """`l1` times the L1 norm of the first layer's weights is a part of the loss. Of inputs where `mask` is 0 no weight moves."""
    x, y = torch.from_numpy(part.x), torch.from_numpy(part.y)
    order = torch.Generator().manual_seed(seed)
    optimizer = optimizer(model.parameters(), lr=LEARNING_RATE)
    steps = epochs * math.ceil(len(y) / BATCH)

    def share(step):
        return FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * step / steps)) / 2

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
    for _ in range(epochs):
        for rows in torch.randperm(len(y), generator=order).split(BATCH):
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            if l1 > 0:
                loss = loss + l1 * model[0].weight.abs().sum()
            optimizer.zero_grad()
            loss.backward()
            if mask is not None:
                model[0].weight.grad *= mask
            optimizer.step()
            schedule.step()


def logits(model, x):
    with torch.no_grad():
        return model(torch.from_numpy(np.ascontiguousarray(x))).numpy()
