"""Which pixels does a digit need? Three ways to choose, at equal numbers of them: python compare.py --program PATH/gradiometer --work FOLDER

Every measurement goes as a line of JSON to measurements.jsonl in a new folder of `--work`; the table, medians over the seeds, to the standard output.
"""

import argparse
import json
import pathlib
import statistics
import tempfile
import time

import numpy as np
import torch

import digits
import gradiometer
import l1_in_the_loss
import lasso_net
import network

TOOLS = {
    "Gradiometer, group_l1": gradiometer.paths,
    "PyTorch, L1 in the loss, AdamW": l1_in_the_loss.paths,
    "LassoNet": lasso_net.paths,
}


def fresh(train, test, features, epochs, seed):
    """A network without a penalty that has never seen other features: how good is the choice itself?"""
    model = network.build(len(features), seed)
    network.train(model, digits.Part(np.ascontiguousarray(train.x[:, features]), train.y), epochs, seed)
    return digits.accuracy(network.logits(model, test.x[:, features]), test)


def table(lines):
    print("| chosen by | features | exact zeros | as it comes | trained on | a fresh network on them | seconds | trainings |")
    print("|---|---|---|---|---|---|---|---|")
    for count in sorted({line["count"] for line in lines}, reverse=True):
        for tool in dict.fromkeys(line["tool"] for line in lines if line["count"] == count):
            own = [line for line in lines if line["count"] == count and line["tool"] == tool]

            def middle(key, form):
                values = [line[key] for line in own if line[key] is not None]
                return format(statistics.median(values), form) if values else ""

            keys = [("features", "g"), ("zeros", "g"), ("accuracy", ".3f"), ("relaxed", ".3f"), ("fresh", ".3f"), ("seconds", ".3g"), ("trainings", "g")]
            print(f"| {tool} | " + " | ".join(middle(key, form) for key, form in keys) + " |")


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--program", help="the path of gradiometer", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for runs and measurements")
    parser.add_argument("--counts", type=int, nargs="*", default=[32, 16], help="how many features")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1, help="more do not help networks so small")
    parser.add_argument("--lassonet-batch", type=int, help="rows of a step of LassoNet; all of them by default, as in its package")
    parser.add_argument("--lassonet-step", type=float, default=1.02, help="factor from one of LassoNet's lambdas to the next; the default is its package's")
    parser.add_argument("--tools", nargs="*", choices=TOOLS, default=list(TOOLS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    # Runs do not go where there is one.
    options.work = pathlib.Path(tempfile.mkdtemp(prefix="selection-", dir=options.work))
    lines = []
    with open(options.work / "measurements.jsonl", "w") as measurements:

        def record(**line):
            lines.append(line)
            measurements.write(json.dumps(line) + "\n")
            measurements.flush()

        for seed in range(options.seeds):
            train, validation, test = digits.split(seed)
            every = np.arange(train.x.shape[1])
            started = time.perf_counter()
            right = fresh(train, test, every, options.epochs, seed)
            seconds = time.perf_counter() - started
            record(tool="all features", seed=seed, count=len(every), features=len(every), zeros=0, accuracy=right, relaxed=None, fresh=right, seconds=seconds, trainings=1)
            for tool in options.tools:
                for count, found in TOOLS[tool](train, validation, test, options.counts, options.epochs, seed, options):
                    record(
                        tool=tool,
                        seed=seed,
                        count=count,
                        features=len(found.features),
                        zeros=found.zeros,
                        accuracy=found.accuracy,
                        relaxed=found.relaxed,
                        fresh=fresh(train, test, found.features, options.epochs, seed),
                        seconds=found.seconds,
                        trainings=found.trainings,
                        chosen=found.features.tolist(),
                    )
    table(lines)


if __name__ == "__main__":
    main()
