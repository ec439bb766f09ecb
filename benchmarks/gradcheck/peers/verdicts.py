"""The peers' side of `cargo xtask bench gradcheck`: one JSON line a cell of a table, as benchmarks/gradcheck prints ours.

    python verdicts.py mutants LIBRARY SEEDS
    python verdicts.py single LIBRARY SEEDS
"""

import json
import sys
import time

import numpy as np
import torch

import functions
from checkers import CHECKERS, VERSIONS

SIZES = [16, 100, 1000, 8000]
# Relative errors that are tried, two a decade: 1e-12, 3e-12, … 1e6.
LADDER = [float(f"{digit}e{power}") for power in range(-12, 7) for digit in (1, 3)][:-1]
# Seconds above which a checker is not run again and again, and above which it is not run.
PATIENCE, MOST = 20.0, 60.0


def cell(table, row, column, text):
    print(json.dumps({"table": table, "row": row, "column": column, "cell": text, "versions": VERSIONS}, ensure_ascii=False))
    sys.stdout.flush()


def mutants(library, seeds):
    for precision in functions.PRECISIONS:
        single = precision == "f32"
        count = library.c.trials_count(single, seeds)
        for column, check in CHECKERS.items():
            failed, kinds = {}, {}
            for index in range(count):
                group = library.c.trial_group(single, index)
                kinds[group] = library.c.trial_kind(single, index)
                if failed.get(group):
                    continue
                with library.open("trial", precision, index) as foreign:
                    failed[group] = any([check(foreign, blocks) == "fail" for blocks in foreign.points()])
            for kind, name in enumerate(functions.KINDS):
                own = [failed[group] for group in failed if kinds[group] == kind]
                right = "false alarms" in name
                text = f"{sum(own)} of {len(own)}" if right else f"{100 * sum(own) / len(own):.1f} % of {len(own)}"
                cell("mutants", f"{precision}, {name}", column, text)


def least(found):
    """The least error that is found, and every larger one with it, by bisection."""
    low, high = -1, len(LADDER)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(LADDER[middle]) else (middle, high)
    return "none" if high == len(LADDER) else f"{LADDER[high]:.0e}".replace("e-0", "e-").replace("e+0", "e")


def sensitivity(library, seeds, precision, column, check):
    for n in SIZES:

        def found(error, seed):
            with library.open("single", precision, False, n, 1.0 + error, seed) as foreign:
                return check(foreign, next(foreign.points())) == "fail"

        def row(what):
            return f"{precision}, n = {n}, {what}"

        start = time.perf_counter()
        first = found(0.01, 0)
        seconds = time.perf_counter() - start
        if seconds > PATIENCE:
            cell("sensitivity", row("1 % found"), column, f"{int(first)} of 1")
            cell("sensitivity", row("least error found"), column, f"not sought: {seconds:.0f} s a check")
            continue
        hits = first + sum(found(0.01, seed) for seed in range(1, seeds))
        cell("sensitivity", row("1 % found"), column, f"{hits} of {seeds}")
        # Single precision that alarms whatever is there has found nothing.
        alarm = any(found(0.0, seed) for seed in range(seeds))
        text = "alarms without an error" if alarm else least(lambda e: all(found(e, seed) for seed in range(seeds)))
        cell("sensitivity", row("least error found"), column, text)


def mean(library, precision, column, check):
    # A whole run with every coordinate takes 2 n evaluations: seen at 10,000 first, whose square it grows with.
    with library.open("single", precision, True, 10_000, 1.0, 0) as foreign:
        start = time.perf_counter()
        check(foreign, next(foreign.points()))
        seconds = time.perf_counter() - start
    for n in [100_000, 1_000_000]:
        expected = seconds * n / 1e4
        for what, factor in [("zero", 0.0), ("sign flipped", -1.0), ("right", 1.0)]:
            row = f"{precision}, n = {n}, {what}"
            if column == "torch slow" and expected > MOST:
                cell("mean", row, column, f"not run: over {MOST:.0f} s")
                continue
            with library.open("single", precision, True, n, factor, 0) as foreign:
                cell("mean", row, column, check(foreign, next(foreign.points())))


def single(library, seeds):
    for precision in functions.PRECISIONS:
        for column, check in CHECKERS.items():
            sensitivity(library, seeds, precision, column, check)
            mean(library, precision, column, check)
            flagged = 0
            for seed in range(seeds):
                with library.open("rectifiers", precision, seed) as foreign:
                    flagged += check(foreign, next(foreign.points())) == "fail"
            cell("rectifiers", f"{precision}, networks flagged", column, f"{flagged} of {seeds}")


def main():
    part, library, seeds = sys.argv[1:4]
    # At such sizes more threads only wait for each other.
    torch.set_num_threads(1)
    library = functions.Library(library)
    {"mutants": mutants, "single": single}[part](library, int(seeds))


if __name__ == "__main__":
    main()
