"""Measurements of compare.py as tables: python tables.py FILE [FILE ...]

Of what was measured twice the last counts. Several seeds of a problem make one row: the median over them, where all of them got there.
"""

import json
import pathlib
import statistics
import sys

OURS = "ours"
# Relative duality gaps.
TARGETS = [1e-4, 1e-6]
# What is read from a record at its top, and of its cross-validation.
PATH = [
    ("seconds", "median_seconds", ".3g"),
    ("cold", "cold_seconds", ".3g"),
    ("convert", "convert_seconds", ".2g"),
    ("largest gap", "gap", ".1e"),
    ("features", "nonzero", "g"),
    ("support F1", "support_f1", ".2f"),
    ("test loss", "test_loss", ".4g"),
    ("MiB", "peak_bytes", "MiB"),
    ("beyond the data", "beyond_bytes", "MiB"),
]
VALIDATION = [entry for entry in PATH if entry[1] not in ("cold_seconds", "convert_seconds", "gap")]


class Measurements:
    """The last record of each problem, seed, tool and target."""

    def __init__(self):
        self.records = {}

    @staticmethod
    def read(paths):
        own = Measurements()
        for path in paths:
            for line in pathlib.Path(path).read_text().splitlines():
                own.add(json.loads(line))
        return own

    def add(self, record):
        """Raises ValueError where times would not be comparable."""
        self.refuse_others(record["machine"], record["threads"])
        self.records[tuple(record[key] for key in ("problem", "seed", "tool", "target"))] = record

    def refuse_others(self, machine, threads):
        """Raises ValueError where what is here is of another machine or number of threads."""
        for first in list(self.records.values())[:1]:
            if (first["machine"], first["threads"]) != (machine, threads):
                own = f"{first['machine']}, {first['threads']} threads"
                raise ValueError(f"measurements of {own} and of {machine}, {threads} threads, in one table: give --append another file")

    def has(self, problem, seed, tool, folds):
        own = [self.records.get((problem, seed, tool, target)) for target in TARGETS]
        # One that did not get there has no cross-validation either.
        return all(record and ("why" in record or not folds or record.get("folds") == folds) for record in own)

    def problems(self):
        return list(dict.fromkeys(record["problem"] for record in self.records.values()))

    def tools(self, problem, target):
        """The records of each tool, ours first, one a seed."""
        found = {OURS: []}
        for record in self.records.values():
            if record["problem"] == problem and record["target"] == target:
                found.setdefault(record["tool"], []).append(record)
        return {tool: records for tool, records in found.items() if records}

    def of_problem(self, problem):
        """Each tool at each target."""
        first = next((record for record in self.records.values() if record["problem"] == problem), None)
        if first is None:
            return f"\n{problem}: not measured"
        lines = ["", f"{problem}, {first['family']}, {first['rows']} x {first['columns']}", ""]
        lines += rows(self, problem, PATH, lambda record: record)
        if any("validation" in record for record in self.records.values() if record["problem"] == problem):
            lines += ["", "cross-validation", ""]
            lines += rows(self, problem, VALIDATION, lambda record: record.get("validation"))
        return "\n".join(lines)

    def summary(self, problems=None):
        """One row a problem, at the finest target: ours, the quickest peer, and all peers with ours as a share of them."""
        problems = [problem for problem in problems or self.problems() if self.tools(problem, TARGETS[-1])]
        tools = list(dict.fromkeys(tool for problem in problems for tool in self.tools(problem, TARGETS[-1]) if tool != OURS))
        lines = ["", f"seconds at a relative gap of {TARGETS[-1]:.0e}; in brackets ours as a share", ""]
        lines += [head(["problem", "seeds", "ours", "quickest peer", "ours / quickest peer", *tools])]
        for problem in problems:
            found = self.tools(problem, TARGETS[-1])
            seconds = {tool: median(records, "median_seconds") for tool, records in found.items()}
            own = seconds.get(OURS)
            reached = {tool: time for tool, time in seconds.items() if tool != OURS and time is not None}
            best = min(reached, key=reached.get, default=None)
            cells = [problem, str(max(map(len, found.values()))), form(own, ".3g") or reason(found.get(OURS))]
            cells += [f"{best} {reached[best]:.3g}" if best else "none", share(own, reached.get(best))]
            for tool in tools:
                time = reached.get(tool)
                cells.append(f"{time:.3g} ({share(own, time)})" if time is not None else "" if tool not in found else "did not reach")
            lines.append(row(cells))
        return "\n".join(lines)


def rows(measurements, problem, columns, part):
    names = [name for name, _, _ in columns]
    lines = [head(["tool", "gap", names[0], "ours / tool", *names[1:]])]
    for target in TARGETS:
        found = measurements.tools(problem, target)
        own = median([part(record) or {} for record in found.get(OURS, [])], "median_seconds")
        for tool, records in found.items():
            parts = [part(record) for record in records]
            # No cross-validation, or none over a given grid.
            if all(each is None for each in parts):
                continue
            parts = [dict(each or {}, beyond_bytes=beyond(each or {})) for each in parts]
            seconds = median(parts, "median_seconds")
            if seconds is None:
                lines.append(row([tool, f"{target:.0e}", reason(parts), *[""] * (len(columns))]))
                continue
            cells = [form(median(parts, key), how) for _, key, how in columns]
            lines.append(row([tool, f"{target:.0e}", cells[0], share(own, seconds), *cells[1:]]))
    return lines


def beyond(record):
    """Memory at its peak less that with the data read, the interpreter included in both."""
    peak, loaded = record.get("peak_bytes"), record.get("loaded_bytes")
    return None if peak is None or loaded is None else peak - loaded


def median(records, key):
    """Of all of them, or None."""
    values = [record.get(key) for record in records]
    return None if not values or None in values else statistics.median(values)


def reason(records):
    return next((record["why"] for record in records or [] if "why" in record), "not measured")


def share(own, other):
    return "" if own is None or other is None else f"{own / other:.2f}"


def form(value, how):
    if value is None:
        return ""
    return f"{value / 2**20:.0f}" if how == "MiB" else format(value, how)


def head(cells):
    return row(cells) + "\n" + "|---" * len(cells) + "|"


def row(cells):
    return "| " + " | ".join(cells) + " |"


def main():
    if len(sys.argv) < 2:
        sys.exit("python tables.py FILE [FILE ...]")
    try:
        found = Measurements.read(sys.argv[1:])
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    for problem in found.problems():
        print(found.of_problem(problem))
    print(found.summary())


if __name__ == "__main__":
    main()
