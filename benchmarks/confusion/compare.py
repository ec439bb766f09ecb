"""Ours and the peers on the same columns, each in a process of its own, and a table of rows per second."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import peers

HERE = pathlib.Path(__file__).parent


def lines(command, threads, timeout):
    # Every library that the peers count with takes its number of threads from one of these.
    names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
    environment = {**os.environ, **{name: str(threads) for name in names}}
    try:
        done = subprocess.run(command, env=environment, timeout=timeout, stdout=subprocess.PIPE, text=True, check=True)
    except subprocess.TimeoutExpired:
        print(f"not done in {timeout} s: {' '.join(map(str, command))}", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(records):
    """Million rows per second; ours also as a part of the speed of reading the columns once."""
    tools = ["gradiometer", *peers.PEERS]
    head = ["case", "threads", "gradiometer", "of reading once", *tools[1:], "ours over the best peer"]
    rows = [head, ["---"] * len(head)]
    for case in peers.CASES:
        for threads in sorted({r["threads"] for r in records}):
            of = {r["tool"]: r for r in records if (r["case"], r["threads"]) == (case, threads)}
            if "gradiometer" not in of:
                continue
            speed = {tool: r["rows"] / r["seconds"] / 1e6 for tool, r in of.items()}
            best = max((s for tool, s in speed.items() if tool != "gradiometer"), default=None)
            ours = of["gradiometer"]
            text = lambda tool: f"{speed[tool]:.4g}" if tool in speed else "–"
            ratio = f"{speed['gradiometer'] / best:.2g} ×" if best else "–"
            part = f"{ours['read_seconds'] / ours['seconds']:.2f}"
            rows.append([case, str(threads), text("gradiometer"), part, *map(text, tools[1:]), ratio])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def check(records):
    """All have counted the same columns, or their times say nothing."""
    for record in records:
        same = {r["correct"] for r in records if (r["case"], r["rows"]) == (record["case"], record["rows"])}
        if len(same) > 1:
            sys.exit(f"{record['case']}: the tools disagree about the rows on the diagonal: {sorted(same)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="confusion-bench, built with --release")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cases", nargs="+", choices=peers.CASES, default=list(peers.CASES))
    parser.add_argument("--peers", nargs="*", choices=peers.PEERS, default=list(peers.PEERS))
    parser.add_argument("--budget", type=float, default=30, help="seconds of runs of one peer on one case, of which three count at least")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one tool and one case")
    parser.add_argument("--append", type=pathlib.Path, help="a file of JSON lines; what is in it is not measured again")
    arguments = parser.parse_args()
    records = []
    if arguments.append and arguments.append.exists():
        records = [json.loads(line) for line in arguments.append.read_text().splitlines()]
    done = {(r["case"], r["tool"], r["threads"]) for r in records}
    for threads in arguments.threads:
        for case in arguments.cases:
            size = ["--rows", str(arguments.rows), "--threads", str(threads)]
            jobs = {"gradiometer": [arguments.program, "--only", case, *size]}
            for peer in arguments.peers:
                rows = min(arguments.rows, 1_000_000) if peer == "PyCM" else arguments.rows
                options = ["--rows", str(rows), "--threads", str(threads), "--budget", str(arguments.budget)]
                jobs[peer] = [sys.executable, HERE / "peers.py", peer, case, *options]
            for tool, command in jobs.items():
                if (case, tool, threads) in done:
                    continue
                new = lines(command, threads, arguments.timeout)
                records += new
                if arguments.append:
                    with arguments.append.open("a") as file:
                        file.writelines(json.dumps(record) + "\n" for record in new)
    check(records)
    print(table(records))
    for threads in arguments.threads:
        for record in lines([arguments.program, "--bootstrap", str(threads)], threads, arguments.timeout):
            print("bootstrap of {classes} classes, {rows:.0e} rows, {bootstrap} replicates, {threads} threads: {seconds:.2f} s".format(**record))


if __name__ == "__main__":
    main()
