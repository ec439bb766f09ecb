"""python test_tables.py: how measurements of several runs become one table."""

import json
import pathlib
import tempfile

import tables


def record(tool, seed, seconds, target=1e-6, **more):
    shared = {"problem": "p", "family": "gaussian", "rows": 9, "columns": 3, "threads": 2, "machine": "m", "gap": 1e-9, "nonzero": 2}
    own = {"why": "did not reach (no gap)"} if seconds is None else {"median_seconds": seconds, "peak_bytes": 3 << 20, "loaded_bytes": 1 << 20}
    return {**shared, "tool": tool, "seed": seed, "target": target, **own, **more}


def read(*files):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, records in enumerate(files):
            paths.append(pathlib.Path(folder, f"{number}.jsonl"))
            paths[-1].write_text("".join(json.dumps(line) + "\n" for line in records))
        return tables.Measurements.read(paths)


def seeds_of_several_files_are_one_row():
    first = [record("ours", 0, 1.0), record("glmnet", 0, 4.0), record("celer", 0, None)]
    second = [record("ours", 1, 3.0), record("glmnet", 1, 6.0), record("celer", 1, 1.0)]
    summary = read(first, second).summary()
    assert "| p | 2 | 2 | glmnet 5 | 0.40 | 5 (0.40) | did not reach |" in summary, summary


def what_is_measured_again_counts():
    found = read([record("ours", 0, 1.0)], [record("ours", 0, 2.0)])
    assert "| p | 1 | 2 | none |  |" in found.summary(), found.summary()
    assert "| ours | 1e-06 | 2 | 1.00 |" in found.of_problem("p"), found.of_problem("p")
    assert "| 3 | 2 |" in found.of_problem("p"), found.of_problem("p")


def a_tool_without_cross_validation_has_no_row_of_it():
    own = {"folds": 5, "validation": {"median_seconds": 7.0, "peak_bytes": 3 << 20, "nonzero": 1}}
    page = read([record("ours", 0, 1.0, **own), record("celer", 0, 2.0, folds=5)]).of_problem("p")
    validated = page.split("cross-validation")[1]
    assert "| ours | 1e-06 | 7 |" in validated and "celer" not in validated, page


def nothing_is_measured_twice():
    found = read([record("ours", 0, 1.0, target=target) for target in tables.TARGETS] + [record("celer", 0, None)])
    assert found.has("p", 0, "ours", 0)
    assert not found.has("p", 0, "ours", 10), "its cross-validation is not there"
    assert not found.has("p", 1, "ours", 0)
    assert not found.has("p", 0, "celer", 0), "one target of it is not there"


def what_cannot_be_compared_is_refused():
    for more in ({"machine": "n"}, {"threads": 1}):
        try:
            read([record("ours", 0, 1.0)], [record("glmnet", 0, 2.0, **more)])
        except ValueError as error:
            assert "--append" in str(error), error
        else:
            raise AssertionError(f"{more} went into one table")


if __name__ == "__main__":
    for test in [
        seeds_of_several_files_are_one_row,
        what_is_measured_again_counts,
        a_tool_without_cross_validation_has_no_row_of_it,
        nothing_is_measured_twice,
        what_cannot_be_compared_is_refused,
    ]:
        test()
        print(test.__name__)
