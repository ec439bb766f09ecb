"""Every tool on every problem, until an independent checker is content: python compare.py [...]

A tool's tolerance goes from 1e-3 to 1e-12, each in a process of its own, until the largest relative duality gap over the path is at most
1e-4, and then 1e-6. There it is timed: the median of `--repeats` runs after one that does not count, and with `--folds` its cross-validation
at the same tolerance. Every measurement goes as a line of JSON to the file of `--append`; what is there already is not measured again.
The tables, in markdown, go to the standard output, and are made anew of any number of such files by tables.py.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import checker
import data
import peers
import tables

HERE = pathlib.Path(__file__).parent
LADDER = [10.0**-power for power in range(3, 13)]
TARGETS = tables.TARGETS
# A tool that did not return a path in so many seconds did not reach the gap.
TIMEOUT = 300
# Nor one that takes longer for all its tolerances together.
BUDGET = 900
OURS = tables.OURS


def environment(threads):
    names = ["OMP", "OPENBLAS", "MKL", "RAYON", "NUMBA", "BLIS", "VECLIB"]
    own = dict(os.environ, **{f"{name}_NUM_THREADS": str(threads) for name in names})
    # Somebody may have set them to make OpenBLAS run everywhere; they make it slow.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        own.pop(name, None)
    return own


def machine():
    about = pathlib.Path("/proc/cpuinfo")
    models = [line.split(":")[1].strip() for line in about.read_text().splitlines() if line.startswith("model name")] if about.exists() else []
    return f"{(models or ['unknown'])[0]}, {os.cpu_count()} cores"


def run(command, environment, seconds):
    """Exit status, or None after so many seconds, and what went to the standard error."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None, ""
        finally:
            # With what it has started, such as R or workers: left behind, they would slow down the next.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        errors.seek(0)
        return process.returncode, errors.read()


def attempt(tool, folder, tolerance, repeats, options, folds=0, seconds=None):
    """One process, of at most so many seconds: its result and answer, or why there is none. A cross-validation has no answer but its result."""
    seconds = options.timeout if seconds is None else min(seconds, options.timeout)
    with tempfile.TemporaryDirectory(prefix="out-", dir=options.work) as out:
        # A peer leaves its first run out by itself; ours is asked for one more.
        runs = repeats + 1 if tool == OURS and repeats > 1 else repeats
        shared = ["--threads", options.threads, "--repeats", runs, "--tolerance", tolerance, "--out", out]
        if folds:
            shared += ["--folds", folds]
        if tool == OURS:
            command = [options.program, "cv" if folds else "solve", folder]
        else:
            command = [sys.executable, HERE / "peers.py", tool, folder]
        # Its repeats are no reason to call it slow.
        status, errors = run([str(part) for part in command + shared], environment(options.threads), seconds * max(1, repeats))
        if status is None:
            return None, f"no answer in {seconds:.0f} s"
        if status != 0:
            return None, (errors.strip().splitlines() or [f"exit status {status}"])[-1][:100]
        result = json.loads(pathlib.Path(out, "result.json").read_text())
        result["seconds"] = result["seconds"][runs - repeats :]
        if folds:
            return result, None
        return (result, *(np.load(pathlib.Path(out, name)) for name in ("coefficients.npy", "intercepts.npy"))), None


def quality(problem, b, b0, at=None):
    """What the path found, and how well it predicts rows that it did not see: at a point of it, or at the best for those rows."""
    nonzero = (b != 0) if b.ndim == 2 else (b != 0).any(axis=1)
    found = {"nonzero": int(nonzero[-1 if at is None else at].sum())}
    if problem.has_test():
        losses = checker.test_losses(problem, b, b0)
        best = int(np.argmin(losses)) if at is None else at
        found["test_loss"] = float(losses[best])
        if problem.true_support is not None:
            found["support_f1"] = checker.support_f1(np.flatnonzero(nonzero[best]), problem.true_support)
    return found


def validate(tool, problem, tolerance, b, b0, options):
    """The tool's cross-validation, and what the path has at its lambda."""
    if not options.folds:
        return {}
    if tool != OURS and not peers.supports(tool, problem, options.folds):
        return {"folds": options.folds}
    result, why = attempt(tool, problem.folder, tolerance, options.repeats, options, options.folds)
    if result is None:
        return {"folds": options.folds, "validation": {"why": why}}
    result["median_seconds"] = statistics.median(result["seconds"])
    return {"folds": options.folds, "validation": {**result, **quality(problem, b, b0, result["best"])}}


def measure(tool, problem, options):
    """Lines, one a target, of one tool on one problem."""
    shared = {
        "problem": problem.name,
        "family": problem.family,
        "rows": problem.rows,
        "columns": problem.columns,
        "tool": tool,
        "threads": options.threads,
        "seed": problem.seed,
        "machine": machine(),
        "measured": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        # Much above 0 on a machine that does nothing else means that the times mean little.
        "load": os.getloadavg()[0],
    }
    if tool == "glmnet" and shutil.which("Rscript") is None:
        return [dict(shared, target=target, why="not installed") for target in TARGETS]
    if tool != OURS and not peers.supports(tool, problem):
        return []
    lines, least, why = [], np.inf, None
    waiting = list(TARGETS)
    deadline = time.monotonic() + options.budget
    for tolerance in LADDER:
        left = deadline - time.monotonic()
        if left <= 0:
            why = f"no answer in {options.budget:.0f} s of all tolerances"
            break
        answer, why = attempt(tool, problem.folder, tolerance, 1, options, seconds=left)
        # A finer tolerance would take no less.
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
        measured = {"tolerance": tolerance, "gap": gap, "median_seconds": statistics.median(result["seconds"]), **result}
        measured |= {**quality(problem, b, b0), **validate(tool, problem, tolerance, b, b0, options)}
        lines += [dict(shared, target=target, **measured) for target in reached]
        waiting = [target for target in waiting if gap > target]
        if not waiting:
            break
    gap = f"gap {least:.1e}" if np.isfinite(least) else "no gap"
    return lines + [dict(shared, target=target, why=f"did not reach ({gap}{'; ' + why if why else ''})") for target in waiting]


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--problems", nargs="*", default=["all"], help=f"names of data.py, or of its sets: {', '.join(data.SETS)}")
    parser.add_argument("--tools", nargs="*", default=None, help=f"{OURS} and {', '.join(peers.PEERS)}; all by default")
    parser.add_argument("--program", help="the path of regularize-bench")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 0, of the simulated problems")
    parser.add_argument("--folds", type=int, default=0, help="time a cross-validation of so many folds, too, at the tolerance found")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds of an attempt")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds that a tool has for all tolerances of a problem, before it is timed")
    parser.add_argument("--append", type=pathlib.Path, help="where measurements go; measurements.jsonl in the folder of --work by default")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for the problems and answers")
    options = parser.parse_args()
    tools = options.tools or ([OURS] if options.program else []) + list(peers.PEERS)
    if OURS in tools and not options.program:
        parser.error("`ours` needs --program")
    names = list(dict.fromkeys(own for name in options.problems for own in data.SETS.get(name, [name])))
    unknown = [name for name in names if name not in data.PROBLEMS]
    if unknown:
        parser.error(f"no problem or set is called {', '.join(unknown)}")
    options.work.mkdir(parents=True, exist_ok=True)
    path = options.append or options.work / "measurements.jsonl"
    try:
        measured = tables.Measurements.read([path] if path.exists() else [])
        measured.refuse_others(machine(), options.threads)
    except ValueError as error:
        parser.error(str(error))
    with open(path, "a") as file:
        for name in names:
            for seed in range(options.seeds):
                problem = data.Problem(data.make(options.work, name, seed))
                if seed > 0 and problem.seed is None:
                    continue
                for tool in tools:
                    if measured.has(problem.name, problem.seed, tool, options.folds):
                        continue
                    for line in measure(tool, problem, options):
                        file.write(json.dumps(line) + "\n")
                        file.flush()
                        measured.add(line)
            print(measured.of_problem(name), flush=True)
    print(measured.summary(names))


if __name__ == "__main__":
    main()
