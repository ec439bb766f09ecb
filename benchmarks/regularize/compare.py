"""Every tool on every problem, until an independent checker is content: python compare.py [...]

A tool's tolerance goes from 1e-3 to 1e-12, each in a process of its own, until the largest relative duality gap over the path is at most
1e-4, and then 1e-6. There it is timed: the median of `--repeats` runs after one that does not count, and with `--folds` its cross-validation
at the same tolerance. Every measurement goes as a line of JSON
to measurements.jsonl in `--work`, and the tables, in markdown, to the standard output.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import numpy as np

import checker
import data
import peers

HERE = pathlib.Path(__file__).parent
LADDER = [10.0**-power for power in range(3, 13)]
TARGETS = [1e-4, 1e-6]
# A tool that did not return a path in so many seconds did not reach the gap.
TIMEOUT = 300
OURS = "ours"


def environment(threads):
    names = ["OMP", "OPENBLAS", "MKL", "RAYON", "NUMBA", "BLIS", "VECLIB"]
    own = dict(os.environ, **{f"{name}_NUM_THREADS": str(threads) for name in names})
    # Somebody may have set them to make OpenBLAS run everywhere; they make it slow.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        own.pop(name, None)
    return own


def attempt(tool, folder, tolerance, repeats, options, folds=0):
    """One process: its result and answer, or why there is none. A cross-validation has no answer but its result."""
    out = options.work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    # A peer leaves its first run out by itself; ours is asked for one more.
    runs = repeats + 1 if tool == OURS and repeats > 1 else repeats
    shared = ["--threads", options.threads, "--repeats", runs, "--tolerance", tolerance, "--out", out]
    if folds:
        shared += ["--folds", folds]
    if tool == OURS:
        command = [options.program, "cv" if folds else "solve", folder]
    else:
        command = [sys.executable, HERE / "peers.py", tool, folder]
    try:
        done = subprocess.run(
            [str(part) for part in command + shared],
            env=environment(options.threads),
            # Its repeats are no reason to call it slow.
            timeout=options.timeout * (1 + max(0, repeats - 1)),
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return None, f"no path in {options.timeout} s"
    if done.returncode != 0:
        return None, (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1][:100]
    result = json.loads((out / "result.json").read_text())
    result["seconds"] = result["seconds"][runs - repeats :]
    if folds:
        return result, None
    return (result, np.load(out / "coefficients.npy"), np.load(out / "intercepts.npy")), None


def quality(problem, b, b0):
    """What the path found, and how well it predicts rows that it did not see."""
    nonzero = (b != 0) if b.ndim == 2 else (b != 0).any(axis=1)
    found = {"nonzero": int(nonzero[-1].sum())}
    if problem.has_test():
        losses = checker.test_losses(problem, b, b0)
        best = int(np.argmin(losses))
        found["test_loss"] = float(losses[best])
        if problem.true_support is not None:
            found["support_f1"] = checker.support_f1(np.flatnonzero(nonzero[best]), problem.true_support)
    return found


def measure(tool, problem, options):
    """Lines, one a target, of one tool on one problem."""
    shared = {"problem": problem.name, "tool": tool, "threads": options.threads, "seed": problem.seed}
    if tool == "glmnet" and shutil.which("Rscript") is None:
        return [dict(shared, target=target, why="not installed") for target in TARGETS]
    if tool != OURS and not peers.supports(tool, problem):
        return []
    lines, least, why = [], np.inf, None
    waiting = list(TARGETS)
    for tolerance in LADDER:
        answer, why = attempt(tool, problem.folder, tolerance, 1, options)
        if answer is None:
            break
        result, b, b0 = answer
        gap = float(checker.relative_gaps(problem, b, b0).max())
        least = min(least, gap)
        reached = [target for target in waiting if gap <= target]
        if not reached:
            continue
        # So far it has run once, which compiles, too, in some of them.
        if options.repeats > 1 and result["seconds"][0] <= peers.PATIENCE:
            again, _ = attempt(tool, problem.folder, tolerance, options.repeats, options)
            if again is not None:
                result, b, b0 = again
        validated = {}
        if options.folds and (tool == OURS or peers.supports(tool, problem, options.folds)):
            found, why_not = attempt(tool, problem.folder, tolerance, options.repeats, options, options.folds)
            validated = {"validation": found, "validation_seconds": statistics.median(found["seconds"])} if found else {"validation_why": why_not}
        for target in reached:
            lines.append(
                dict(
                    shared,
                    target=target,
                    tolerance=tolerance,
                    gap=gap,
                    median_seconds=statistics.median(result["seconds"]),
                    **result,
                    **quality(problem, b, b0),
                    **validated,
                )
            )
        waiting = [target for target in waiting if gap > target]
        if not waiting:
            break
    gap = f"gap {least:.1e}" if np.isfinite(least) else "no gap"
    return lines + [dict(shared, target=target, why=f"did not reach ({gap}{'; ' + why if why else ''})") for target in waiting]


def number(value, form):
    return "" if value is None else format(value, form)


def table(problem, lines):
    print(f"\n{problem.name}, {problem.family}, {problem.rows} x {problem.columns}\n")
    print("| tool | gap | seconds | ours / tool | cold | convert | largest gap | nonzero | support F1 | test loss | MiB | cross-validation |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for target in TARGETS:
        own = next((line.get("median_seconds") for line in lines if line["tool"] == OURS and line["target"] == target), None)
        for line in lines:
            if line["target"] != target:
                continue
            if "why" in line:
                print(f"| {line['tool']} | {target:.0e} | {line['why']} | | | | | | | | | |")
                continue
            seconds = line["median_seconds"]
            cells = [
                line["tool"],
                f"{target:.0e}",
                f"{seconds:.3g}",
                number(own / seconds if own else None, ".3g"),
                number(line.get("cold_seconds"), ".3g"),
                number(line.get("convert_seconds"), ".2g"),
                f"{line['gap']:.1e}",
                str(line["nonzero"]),
                number(line.get("support_f1"), ".2f"),
                number(line.get("test_loss"), ".4g"),
                f"{line['peak_bytes'] / 2**20:.0f}",
                number(line.get("validation_seconds"), ".3g") or line.get("validation_why", ""),
            ]
            print("| " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--problems", nargs="*", default=list(data.PROBLEMS), help="names of data.py")
    parser.add_argument("--tools", nargs="*", default=None, help=f"{OURS} and {', '.join(peers.PEERS)}; all by default")
    parser.add_argument("--program", help="the path of regularize-bench")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 0, of the simulated problems")
    parser.add_argument("--folds", type=int, default=0, help="time a cross-validation of so many folds, too, at the tolerance found")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds of an attempt")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for the problems and answers")
    options = parser.parse_args()
    tools = options.tools or ([OURS] if options.program else []) + list(peers.PEERS)
    if OURS in tools and not options.program:
        parser.error("`ours` needs --program")
    options.work.mkdir(parents=True, exist_ok=True)
    with open(options.work / "measurements.jsonl", "a") as measurements:
        for name in options.problems:
            for seed in range(options.seeds):
                problem = data.Problem(data.make(options.work, name, seed))
                if seed > 0 and problem.seed is None:
                    continue
                lines = []
                for tool in tools:
                    own = measure(tool, problem, options)
                    for line in own:
                        measurements.write(json.dumps(line) + "\n")
                        measurements.flush()
                    lines += own
                table(problem, lines)


if __name__ == "__main__":
    main()
