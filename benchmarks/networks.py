"""The networks of the benchmarks in PyTorch, each the twin of specs/<name>.toml.

Layer for layer the same work: the same shapes, the same optimizer with its usual constants, biases everywhere. PyTorch
gives each recurrent layer two biases; ours has one where the second would only add to the first, in all but the GRU.
The numbers in the weights and in the data differ, since neither changes the time of a step.
"""

from functools import partial

from torch import nn, optim, randint, randn

CLASSES = 10


class LastStep(nn.Module):
    """A recurrent layer whose output is its last time step: (batch, time, in) -> (batch, hidden)."""

    def __init__(self, kind, inputs, hidden):
        super().__init__()
        self.recurrent = kind(inputs, hidden, batch_first=True)

    def forward(self, sequence):
        return self.recurrent(sequence)[0][:, -1]


class Residual(nn.Module):
    """conv - norm - relu - conv - norm, plus the input, then relu: (batch, channels, height, width) unchanged."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
        )
        self.relu = nn.ReLU()

    def forward(self, image):
        return self.relu(image + self.body(image))


def deep():
    blocks = []
    for _ in range(10):
        blocks += [nn.Linear(64, 64), nn.ReLU()]
    return nn.Sequential(*blocks, nn.Linear(64, CLASSES))


def wide():
    return nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, CLASSES)
    )


def recurrent(kind, inputs, hidden, outputs=CLASSES):
    return nn.Sequential(LastStep(kind, inputs, hidden), nn.Linear(hidden, outputs))


def conv(channels, blocks=4):
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1),
        nn.ReLU(),
        *[Residual(channels) for _ in range(blocks)],
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, CLASSES),
    )


def sgd(parameters, **options):
    return optim.SGD(parameters, lr=0.01, **options)


def adam(parameters, **options):
    return optim.Adam(parameters, lr=0.001, **options)


def recurrent_cases(name, kind):
    """A recurrent layer in three sizes: the usual one, over long thin sequences, and with large weights."""
    return {
        name: (partial(recurrent, kind, 32, 128), (64, 32), 32, adam),
        f"{name}-long": (partial(recurrent, kind, 2, 64), (100, 2), 50, adam),
        f"{name}-large": (partial(recurrent, kind, 32, 512), (64, 32), 32, adam),
    }


# case: (network, shape of one example, batch size, optimizer)
CASES = {
    "deep": (deep, (64,), 64, sgd),
    "wide": (wide, (784,), 128, adam),
    **recurrent_cases("lstm", nn.LSTM),
    **recurrent_cases("gru", nn.GRU),
    **recurrent_cases("rnn", nn.RNN),
    "conv": (partial(conv, 16), (1, 28, 28), 32, adam),
    "conv-64": (partial(conv, 64), (1, 14, 14), 32, adam),
}

# Batches that a step takes in turn, as many as a spec has in an epoch, so that none is served from a cache that real
# training would not have.
BATCHES = 10


def build(case, **optimizer_options):
    """The network of a case, its optimizer and its batches of (inputs, targets)."""
    network, shape, batch, optimizer = CASES[case]
    model = network().train()
    batches = [(randn(batch, *shape), randint(CLASSES, (batch,))) for _ in range(BATCHES)]
    return model, optimizer(model.parameters(), **optimizer_options), batches
