"""Writes sparse.csv: 200 rows of 30 features, of which 5 make the outcome.

    python3 examples/sparse.py > examples/sparse.csv

Standard library only; seed 7. Neighbouring features are correlated (0.5), so that the choice is not trivial:

    outcome = 4 + 3 x03 - 2 x08 + 1.5 x13 - x18 + 0.5 x23 + noise of standard deviation 1.5
"""

import random

generator = random.Random(7)
TRUE = {3: 3.0, 8: -2.0, 13: 1.5, 18: -1.0, 23: 0.5}
print(",".join([f"x{j:02d}" for j in range(30)] + ["outcome"]))
for _ in range(200):
    x = [generator.gauss(0, 1)]
    for _ in range(29):
        x.append(round(0.5 * x[-1] + 0.75**0.5 * generator.gauss(0, 1), 4))
    x[0] = round(x[0], 4)
    outcome = 4 + sum(beta * x[j] for j, beta in TRUE.items()) + generator.gauss(0, 1.5)
    print(",".join([f"{value:g}" for value in x] + [f"{outcome:.4f}"]))
