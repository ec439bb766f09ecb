"""Writes p_value.json beside this file: small matrices, and what PyCM gives as their P-Value.

    python -m venv venv && venv/bin/pip install pycm==4.6 && venv/bin/python make_p_value.py

The matrices are those of statistics.json with at most 400 rows, since PyCM's time grows with the square of the rows, and two of which PyCM
has no value or a negative one. Beside it stands what exact fractions give, without which nothing could be said of those two.
"""

import fractions
import json
import math
import pathlib

import pycm

here = pathlib.Path(__file__)
cases = json.loads(here.with_name("statistics.json").read_text())["cases"]
matrices = [case["counts"] for case in cases if sum(map(sum, case["counts"])) <= 400]
matrices += [[[405, 45], [45, 405]], [[464, 51], [51, 464]]]


def exactly(matrix):
    rows, hits = sum(map(sum, matrix)), sum(row[k] for k, row in enumerate(matrix))
    rate = fractions.Fraction(max(map(sum, matrix)), rows)
    # Over the common denominator, all terms are whole.
    p, q = rate.numerator, rate.denominator - rate.numerator
    above = sum(math.comb(rows, x) * p**x * q ** (rows - x) for x in range(hits, rows + 1))
    return float(fractions.Fraction(above, rate.denominator**rows))


written = []
for matrix in matrices:
    classes = range(len(matrix))
    shipped = pycm.ConfusionMatrix(matrix={i: {j: matrix[i][j] for j in classes} for i in classes})
    value = shipped.overall_stat["P-Value"]
    written.append({"counts": matrix, "pycm": None if value == "None" else float(value), "exact": exactly(matrix)})
here.with_name("p_value.json").write_text(json.dumps({"pycm": pycm.__version__, "cases": written}, separators=(",", ":")) + "\n")
