"""A matrix from a Parquet file: the command beside DuckDB, polars and scikit-learn on the same file, each in a process of its own.

    python3 parquet.py --program PATH/gradiometer --work FOLDER --rows 1000000000 --classes 10

Times are of whole processes, start and imports included, medians of `--repeats`; memory is the resident set at its largest. All have `--threads`
threads. Every answer is compared with the counts that the file was made of. scikit-learn takes part up to 10^8 rows: beyond, its
columns and weights do not fit into the memory of this kind of machine, and neither does its square table of very many classes.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

LARGEST_FOR_SCIKIT_LEARN = 10**8
PART = 10**7
MOST_DENSE = 1000


def make(path, rows, classes, labels):
    """Rows of which nine in ten are right, in row groups of a million, and the counts that they are."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    generator = np.random.default_rng(0)
    names = np.array([f"class {k:04d}" for k in range(classes)])
    kind = pa.int64() if labels == "integers" else pa.string()
    # All cells of so many classes would not fit; those that occur do.
    cells = {}
    counts = np.zeros(classes**2 if classes <= MOST_DENSE else 0, dtype=np.int64)
    with pq.ParquetWriter(path, pa.schema([("actual", kind), ("predicted", kind)]), compression="zstd") as writer:
        for first in range(0, rows, PART):
            n = min(PART, rows - first)
            actual = generator.integers(0, classes, n)
            wrong = generator.random(n) < 0.1
            predicted = np.where(wrong, generator.integers(0, classes, n), actual)
            key = actual * classes + predicted
            if classes <= MOST_DENSE:
                counts += np.bincount(key, minlength=classes**2)
            else:
                for cell, n in zip(*(part.tolist() for part in np.unique(key, return_counts=True))):
                    cells[cell] = cells.get(cell, 0) + n
            columns = [actual, predicted] if labels == "integers" else [names[actual], names[predicted]]
            writer.write_table(pa.table({"actual": pa.array(columns[0], kind), "predicted": pa.array(columns[1], kind)}),
                               row_group_size=10**6)
    return [int(n) for n in counts if n] or [cells[cell] for cell in sorted(cells)]


PROGRAMS = {
    "duckdb": """
import duckdb, json
c = duckdb.connect(); c.execute("SET threads = {threads}"); c.execute("SET enable_progress_bar = false")
rows = c.execute("SELECT actual, predicted, count(*) FROM read_parquet('{path}') GROUP BY ALL ORDER BY ALL").fetchall()
print(json.dumps([n for *_, n in rows]))
""",
    "polars": """
import os; os.environ["POLARS_MAX_THREADS"] = "{threads}"
import polars as pl, json
f = pl.scan_parquet("{path}").group_by("actual", "predicted").len().sort("actual", "predicted").collect(engine="streaming")
print(json.dumps(f["len"].to_list()))
""",
    "scikit-learn": """
import json, pyarrow.parquet as pq
from sklearn.metrics import confusion_matrix
t = pq.read_table("{path}")
print(json.dumps([int(n) for n in confusion_matrix(t["actual"].to_numpy(), t["predicted"].to_numpy()).ravel() if n]))
""",
}


def child(command, answer):
    """Seconds and MiB of a process, and what it printed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        return None
    return seconds, usage.ru_maxrss / 1024, answer(out)


def counts_of(out):
    """The cells that are not zero, of the document, in order."""
    found = json.loads(out)
    if found["counts"] is None:
        return [n for _, _, n in found["cells"]]
    return [n for row in found["counts"] for n in row if n]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the path of gradiometer")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for the file")
    parser.add_argument("--rows", type=int, default=10**8)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--labels", choices=["integers", "strings"], default="integers")
    parser.add_argument("--copies", type=int, default=1, help="read the file so many times, as so many files of one table")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tools", nargs="*", default=["ours", *PROGRAMS])
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    path = options.work / f"{options.labels}-{options.rows}-{options.classes}.parquet"
    known = path.with_suffix(".json")
    if not known.exists():
        counts = make(path, options.rows, options.classes, options.labels)
        known.write_text(json.dumps(counts))
    expected = json.loads(known.read_text())
    total = options.rows * options.copies
    if options.copies > 1:
        folder = path.with_suffix("")
        folder.mkdir(exist_ok=True)
        for copy in range(options.copies):
            link = folder / f"{copy:03d}.parquet"
            if not link.exists():
                os.link(path, link)
        expected = [n * options.copies for n in expected]
        pattern = folder / "*.parquet"
    else:
        pattern = path
    print(f"{total} rows, {options.copies} × {path.name}: {path.stat().st_size / 2**20:.0f} MiB each, {options.threads} threads")
    print("| tool | seconds | million rows/s | MiB | right |\n|---|---|---|---|---|")
    ours = [options.program, "confusion", str(pattern), "--actual", "actual", "--predicted", "predicted", "--threads",
            str(options.threads), "--bootstrap", "0", "--format", "json", "-q"]
    for tool in options.tools:
        if tool == "scikit-learn" and (total > LARGEST_FOR_SCIKIT_LEARN or options.classes > MOST_DENSE):
            continue
        if tool == "ours":
            command = ours
            answer = counts_of
        else:
            command = [sys.executable, "-c", PROGRAMS[tool].format(path=pattern, threads=options.threads)]
            answer = json.loads
        runs = [child(command, answer) for _ in range(options.repeats)]
        if None in runs:
            print(f"| {tool} | failed | | | |")
            continue
        seconds = statistics.median(run[0] for run in runs)
        right = all(run[2] == expected for run in runs)
        print(f"| {tool} | {seconds:.2f} | {total / seconds / 1e6:.0f} | {max(run[1] for run in runs):.0f} | {right} |")


if __name__ == "__main__":
    main()
