"""Makes cats.csv and digits.csv, two tables of predictions for `gradiometer confusion`. Needs scikit-learn 1.9.

cats.csv is the textbook's detector: 50 true positives, 5 false positives, 10 false negatives, 100 true negatives, in a shuffled order.
digits.csv holds what two models say of 899 handwritten digits that they were not trained on: a multinomial logistic regression on every
third pixel, with its probability of an eight, and a tree of depth 8.
"""

import csv
import pathlib
import random

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

HERE = pathlib.Path(__file__).parent


def cats():
    rows = [("cat", "cat")] * 50 + [("not cat", "cat")] * 5 + [("cat", "not cat")] * 10 + [("not cat", "not cat")] * 100
    random.Random(0).shuffle(rows)
    with open(HERE / "cats.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["actual", "predicted"])
        writer.writerows(rows)


def digits():
    x, y = load_digits(return_X_y=True)
    train, test, y_train, y_test = train_test_split(x / 16, y, test_size=0.5, random_state=0, stratify=y)
    model = LogisticRegression(max_iter=2000).fit(train[:, ::3], y_train)
    tree = DecisionTreeClassifier(max_depth=8, random_state=0).fit(train, y_train)
    shares = model.predict_proba(test[:, ::3])
    predicted = model.classes_[shares.argmax(axis=1)]
    ink = ["thin" if total < 0.9 * 19.5 else "thick" if total > 1.1 * 19.5 else "medium" for total in test.sum(axis=1)]
    with open(HERE / "digits.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["actual", "predicted", "tree", "p8", "ink"])
        for row in zip(y_test, predicted, tree.predict(test), shares[:, 8].round(4), ink):
            writer.writerow(row)


if __name__ == "__main__":
    cats()
    digits()
