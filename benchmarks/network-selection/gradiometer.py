"""`gradiometer train` with a group penalty on the first layer, its strength bisected until so many features are left."""

import csv
import json
import pathlib
import struct
import subprocess
import time

import numpy as np

from digits import Selected, accuracy

SPEC = """\
loss = "cross_entropy"

[data]
source = "table"
target = "label"
task = "classification"
validation = 0
test = 0
standardize = false

[[layers]]
kind = "dense"
units = 100
activation = "relu"

# Or the second layer would make up for what the penalty takes from the first.
[[layers]]
kind = "dense"
units = "classes"
penalty = { l2 = 1e-3 }

[optimizer]
kind = "adam"
learning_rate = 0.003
schedule = { kind = "cosine", floor = 0.01 }

[training]
batch_size = 64
"""
WEAKEST, STRONGEST = 1e-4, 1e-1
TRAININGS = 14


def paths(train, _validation, test, counts, epochs, seed, options):
    work = options.work / f"seed{seed}"
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "rows.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*(f"pixel_{j}" for j in range(train.x.shape[1])), "label"])
        rows.writerows([*map(float, x), y] for x, y in zip(train.x, train.y))
    (work / "spec.toml").write_text(SPEC)
    turns = 0

    def run(spec, out, *more):
        nonlocal turns
        turns += 1
        folder = work / f"{out}-{turns}"
        settings = {"data.path": work / "rows.csv", "training.epochs": epochs, "layers.0.penalty.group_l1": None}
        command = [options.program, "train", spec, "--quiet", "--format", "json", "--seed", seed, "--threads", options.threads]
        for key, value in settings.items():
            if value is not None:
                command += ["--set", f"{key}={value}"]
        command += [*more, "--compact", folder, "--out", work / f"run-{out}-{turns}"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"gradiometer: {done.stderr.strip()}")
        return json.loads(done.stdout), folder

    for count in counts:
        started = time.perf_counter()
        low, high = np.log(WEAKEST), np.log(STRONGEST)
        best, trainings = None, 0
        while trainings < TRAININGS:
            middle = (low + high) / 2
            document, folder = run(work / "spec.toml", f"{count}", "--set", f"layers.0.penalty.group_l1={np.exp(middle):.6e}")
            trainings += 1
            kept = document["penalty"]["layers"][0]["kept"]
            if 0 < len(kept) <= count and (best is None or len(kept) > len(best[1])):
                best = folder, kept, document
            if len(kept) == count:
                break
            low, high = (middle, high) if len(kept) > count else (low, middle)
        seconds = time.perf_counter() - started
        if best is None:
            raise RuntimeError(f"gradiometer: no strength up to {STRONGEST} leaves {count} features or a few less")
        folder, kept, document = best
        zeros = next(part["zeros"] for part in document["penalty"]["parameters"] if part["name"] == "00.dense.weight")
        own = accuracy(logits(folder, kept, test.x), test)
        # `select` is the smaller network's first layer.
        free = [part for layer in (1, 2) for key in ("group_l1", "l2") for part in ("--set", f"layers.{layer}.penalty.{key}=0")]
        _, trained_on = run(folder / "spec.toml", f"{count}-relaxed", "--weights", folder / "weights.safetensors", *free)
        relaxed = accuracy(logits(trained_on, kept, test.x), test)
        yield count, Selected(np.array(kept), own, relaxed, zeros, seconds, trainings)


def logits(folder, kept, x):
    """What the compacted network says."""
    tensors = read(folder / "weights.safetensors")
    hidden, out = sorted({name.split(".")[0] for name in tensors})
    h = np.maximum(x[:, kept] @ tensors[f"{hidden}.dense.weight"] + tensors[f"{hidden}.dense.bias"], 0)
    return h @ tensors[f"{out}.dense.weight"] + tensors[f"{out}.dense.bias"]


def read(path: pathlib.Path):
    """The arrays of a safetensors file: a length, a header in JSON, and the numbers."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, about in header.items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in about["data_offsets"])
            tensors[name] = np.frombuffer(content[start:end], dtype="<f4").reshape(about["shape"])
    return tensors
