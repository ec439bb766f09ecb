"""The four networks of the training benchmarks in PyTorch, each the twin of specs/<name>.toml.

Layer for layer the same work: the same shapes, the same optimizer with its usual constants, biases everywhere. The
numbers in the weights and in the data differ, since neither changes the time of a step.
"""

from torch import nn, optim, randint, randn

CLASSES = 10


class LastStep(nn.Module):
    """An LSTM whose output is its last time step: (batch, time, in) -> (batch, hidden)."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, sequence):
        return self.lstm(sequence)[0][:, -1]


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


def lstm():
    return nn.Sequential(LastStep(32, 128), nn.Linear(128, CLASSES))


def conv():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        *[Residual(16) for _ in range(4)],
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )


def sgd(parameters, **options):
    return optim.SGD(parameters, lr=0.01, **options)


def adam(parameters, **options):
    return optim.Adam(parameters, lr=0.001, **options)


# case: (network, shape of one example, batch size, optimizer)
CASES = {
    "deep": (deep, (64,), 64, sgd),
    "wide": (wide, (784,), 128, adam),
    "lstm": (lstm, (64, 32), 32, adam),
    "conv": (conv, (1, 28, 28), 32, adam),
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
