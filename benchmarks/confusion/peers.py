"""One peer on one case, in a process of its own: prints a line of JSON."""

import argparse
import json
import resource
import sys
import time

import numpy

RUNS = 7

# Of DuckDB; the others take theirs from the environment.
THREADS = 1

# (name, labels, classes): those of src/main.rs that a peer can hold.
CASES = {
    **{f"i64-{k}": ("i64", k) for k in (2, 10, 100, 1000, 50_000)},
    **{f"u8-{k}": ("u8", k) for k in (2, 10, 100)},
    **{f"dictionary-{k}": ("dictionary", k) for k in (10, 100)},
    "boolean": ("boolean", 2),
    **{f"string-{k}": ("string", k) for k in (2, 10, 100)},
    **{f"i64-{k}-weighted": ("i64", k) for k in (10, 100)},
    **{f"{labels}-{k}-batches": (labels, k) for labels, k in (("i64", 10), ("i64", 100), ("u8", 100))},
}

# Rows of a batch, as in src/main.rs.
BATCH = 8192

# One for each row of a weighted case; only the peers of WEIGHTED take them.
WEIGHTS = None


def draw(i):
    """The same 64-bit splitmix as in src/columns.rs."""
    with numpy.errstate(over="ignore"):
        z = (i + numpy.uint64(1)) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


def classes_of(rows, classes):
    row = numpy.arange(rows, dtype=numpy.uint64)
    of = lambda i: (draw(numpy.uint64(3) * row + numpy.uint64(i)) >> numpy.uint64(20))
    actual = of(0) % numpy.uint64(classes)
    right = of(1) % numpy.uint64(10) < numpy.uint64(9)
    predicted = numpy.where(right, actual, of(2) % numpy.uint64(classes))
    return actual.astype(numpy.int64), predicted.astype(numpy.int64)


def weights_of(rows):
    """Quarters from 1/4 to 2, so that their sums are exact in whatever order."""
    eighths = (draw(~numpy.arange(rows, dtype=numpy.uint64)) >> numpy.uint64(20)) % numpy.uint64(8)
    return (eighths.astype(numpy.float64) + 1) / 4


def names_of(columns, classes):
    names = numpy.array([f"class_{k}" for k in range(classes)], dtype=object)
    return tuple(names[column] for column in columns)


def arrow(columns, labels, classes):
    import pyarrow

    names = pyarrow.array([f"class_{k}" for k in range(classes)])
    if labels == "dictionary":
        return [pyarrow.DictionaryArray.from_arrays(column.astype(numpy.uint8), names) for column in columns]
    if labels == "string":
        return [names.take(pyarrow.array(column)) for column in columns]
    kind = {"i64": numpy.int64, "u8": numpy.uint8, "boolean": bool}[labels]
    return [pyarrow.array(column.astype(kind)) for column in columns]


def plain(columns, labels, classes):
    """numpy's arrays, of Python's strings where the labels are strings."""
    if labels in ("string", "dictionary"):
        return names_of(columns, classes)
    kind = {"i64": numpy.int64, "u8": numpy.uint8, "boolean": bool}[labels]
    return tuple(column.astype(kind) for column in columns)


def numpy_bincount(columns, labels, classes, batches=False):
    """Only where the labels are the integers from 0 on; the number of classes is told."""
    if labels not in ("i64", "u8", "boolean") or classes > 1000:
        return None
    actual, predicted = plain(columns, labels, classes)
    wide = numpy.int64 if labels == "i64" else numpy.uint16

    def count(part=slice(None)):
        index = actual[part].astype(wide, copy=False) * wide(classes) + predicted[part]
        return numpy.bincount(index, weights=WEIGHTS, minlength=classes * classes)

    def run():
        return float(count().reshape(classes, classes).trace())

    def run_batches():
        cells = numpy.zeros(classes * classes, dtype=numpy.int64)
        for first in range(0, len(actual), BATCH):
            cells += count(slice(first, first + BATCH))
        return float(cells.reshape(classes, classes).trace())

    return run_batches if batches else run


def scikit_learn(columns, labels, classes):
    if classes > 1000:
        return None
    from sklearn.metrics import confusion_matrix

    actual, predicted = plain(columns, labels, classes)
    return lambda: float(confusion_matrix(actual, predicted, sample_weight=WEIGHTS).trace())


def pandas_crosstab(columns, labels, classes):
    if classes > 1000:
        return None
    import pandas

    actual, predicted = (pandas.Series(column) for column in plain(columns, labels, classes))
    if labels == "dictionary":
        actual, predicted = actual.astype("category"), predicted.astype("category")
    return lambda: float(numpy.trace(pandas.crosstab(actual, predicted).to_numpy()))


def pycm(columns, labels, classes):
    if len(columns[0]) > 1_000_000 or classes > 100:
        return None
    from pycm import ConfusionMatrix

    actual, predicted = (column.tolist() for column in plain(columns, labels, classes))

    def run():
        matrix = ConfusionMatrix(actual, predicted).matrix
        return sum(matrix[label][label] for label in matrix)

    return run


def polars_group_by(columns, labels, classes):
    import polars

    actual, predicted = arrow(columns, labels, classes)
    frame = polars.DataFrame({"actual": polars.from_arrow(actual), "predicted": polars.from_arrow(predicted)})
    number = polars.len()
    if WEIGHTS is not None:
        frame = frame.with_columns(weight=polars.Series(WEIGHTS))
        number = polars.col("weight").sum().alias("len")

    def run():
        cells = frame.group_by("actual", "predicted").agg(number)
        same = cells.filter(polars.col("actual").cast(polars.String) == polars.col("predicted").cast(polars.String))
        return float(same["len"].sum())

    return run


def duckdb_group_by(columns, labels, classes):
    import duckdb
    import pyarrow

    arrays = arrow(columns, labels, classes)
    connection = duckdb.connect()
    columns = {"actual": arrays[0], "predicted": arrays[1]}
    if WEIGHTS is not None:
        columns["weight"] = pyarrow.array(WEIGHTS)
    number = "count(*)" if WEIGHTS is None else "sum(weight)"
    connection.register("given", pyarrow.table(columns))
    # Its own storage, in memory: it counts that quicker than Arrow's.
    connection.execute("create table t as select * from given")
    connection.execute(f"set threads = {THREADS}")

    def run():
        cells = connection.execute(f"select actual, predicted, {number} from t group by all").fetchnumpy()
        actual, predicted, counts = cells.values()
        return float(numpy.asarray(counts)[numpy.asarray(actual) == numpy.asarray(predicted)].sum())

    return run


PEERS = {
    "scikit-learn": scikit_learn,
    "numpy bincount": numpy_bincount,
    "pandas crosstab": pandas_crosstab,
    "polars group_by": polars_group_by,
    "DuckDB group by": duckdb_group_by,
    "PyCM": pycm,
}

# Those that take weights, and those that can add batches to what they have.
WEIGHTED = ("scikit-learn", "numpy bincount", "polars group_by", "DuckDB group by")
IN_BATCHES = ("numpy bincount",)


def main():
    global THREADS, WEIGHTS
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--budget", type=float, default=30.0, help="seconds; past it no further run is begun")
    arguments = parser.parse_args()
    THREADS = arguments.threads
    labels, classes = CASES[arguments.case]
    weighted, batches = arguments.case.endswith("-weighted"), arguments.case.endswith("-batches")
    if weighted and arguments.peer not in WEIGHTED or batches and arguments.peer not in IN_BATCHES:
        return
    if weighted:
        WEIGHTS = weights_of(arguments.rows)
    options = {"batches": True} if batches else {}
    run = PEERS[arguments.peer](classes_of(arguments.rows, classes), labels, classes, **options)
    if run is None:
        return
    times, began = [], time.monotonic()
    while len(times) <= RUNS and (len(times) < 4 or time.monotonic() - began < arguments.budget):
        start = time.perf_counter()
        correct = run()
        times.append(time.perf_counter() - start)
    # The first run does not count.
    times = sorted(times[1:])
    record = {
        "case": arguments.case, "tool": arguments.peer, "rows": arguments.rows, "threads": arguments.threads,
        "seconds": times[len(times) // 2], "runs": len(times), "correct": correct,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    json.dump(record, sys.stdout)
    print()


if __name__ == "__main__":
    main()
