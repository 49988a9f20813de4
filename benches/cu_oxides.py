#!/usr/bin/env python3
"""Scores of scikit-learn's and adatom's forests on the same rows and columns of a table of copper oxides.

    pip install scikit-learn
    adatom table cu-oxides --element Cu --modalities xanes,pdf,dpdf --labels cu-oxides/labels.csv \
        --level material \
        --energies 8987.5,9039.7 --hold-ends --points 100 --out cu.csv
    python benches/cu_oxides_splits.py cu-oxides splits
    python benches/cu_oxides.py cu.csv target/release/adatom splits [SEEDS]

300 trees, 20 columns per split for classes and 30 for bond lengths, untuned. The test rows are those of
train_test_split and GroupShuffleSplit of scikit-learn, from the lists in the folder splits. Each forest is
fitted with SEEDS seeds (10); means and standard deviations are those over seeds. The last column is the
difference of the means in standard deviations of scikit-learn's, positive where adatom is better.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import f1_score

COMBINATIONS = ["xanes", "pdf", "dpdf", "xanes,pdf", "xanes,dpdf"]
TARGETS = {
    "coordination_number": ("cn", ["4", "5", "6"], 20),
    "oxidation_state": ("oxidation", ["1", "2", "3"], 20),
    "mean_bond_length": ("bond", None, 30),
}
LONGEST = 2.6  # Angstrom; longer means belong to sites without neighbours


def load(path):
    """Ids, formulas, targets and the columns of each modality."""
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    rows.sort(key=lambda row: row[0])
    columns = {name: [row[index] for row in rows] for index, name in enumerate(header)}
    modalities = {}
    for index, name in enumerate(header):
        if "@" in name:
            modalities.setdefault(name.split("@")[0], []).append(index)
    features = {
        name: np.array([[float(row[at]) for at in columns] for row in rows])
        for name, columns in modalities.items()
    }
    return columns, features


def rows_of(columns, target, classes):
    """The rows that are used, and their truth."""
    values = columns[f"target:{target}"]
    if classes:
        rows = [row for row, value in enumerate(values) if value and str(int(float(value))) in classes]
        return np.array(rows), np.array([int(float(values[row])) for row in rows])
    rows = [row for row, value in enumerate(values) if value and float(value) < LONGEST]
    return np.array(rows), np.array([float(values[row]) for row in rows])


def of_scikit_learn(features, truth, train, test, width, classes, seeds):
    scores = []
    for seed in range(40, 40 + seeds):
        kind = RandomForestClassifier if classes else RandomForestRegressor
        forest = kind(300, max_features=width, random_state=seed, n_jobs=2).fit(features[train], truth[train])
        predictions = forest.predict(features[test])
        if classes:
            scores.append(f1_score(truth[test], predictions, average="weighted"))
        else:
            scores.append(np.sqrt(np.mean((predictions - truth[test]) ** 2)) / truth[test].mean())
    return np.array(scores)


def of_adatom(program, table, target, combination, listed, width, classes, seeds):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "fit"
        rows = ["--classes", ",".join(classes)] if classes else ["--range", f"0,{LONGEST - 1e-9}"]
        words = [program, "fit", table, "--target", target, "--modalities", combination, "--out", str(out)]
        words += ["--test-rows", listed, "--max-features", str(width), "--repeats", str(seeds), *rows]
        subprocess.run(words, check=True, capture_output=True)
        scores = json.loads((out / "metrics.json").read_text())["scores"]
        score = scores["weighted_f1" if classes else "rmse_over_mean"]
        return score["mean"], score["std"]


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    table, program, splits = sys.argv[1:4]
    seeds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    columns, features = load(table)
    print(f"{'target':20}{'held out':9}{'columns':12}{'scikit-learn':>18}{'adatom':>18}{'better by sd':>14}")
    for target, (name, classes, width) in TARGETS.items():
        rows, truth = rows_of(columns, target, classes)
        ids = np.array(columns["id"])[rows]
        for way in ["random", "grouped"]:
            listed = Path(splits) / f"{name}_{way}.txt"
            held = np.isin(ids, listed.read_text().split())
            train, test = np.flatnonzero(~held), np.flatnonzero(held)
            for combination in COMBINATIONS:
                together = np.hstack([features[name][rows] for name in combination.split(",")])
                theirs = of_scikit_learn(together, truth, train, test, width, classes, seeds)
                mean, deviation = of_adatom(
                    program, table, target, combination, str(listed), width, classes, seeds
                )
                spread = theirs.std(ddof=1)
                better = (mean - theirs.mean()) / spread * (1 if classes else -1)
                texts = [f"{theirs.mean():.4f} +- {spread:.4f}", f"{mean:.4f} +- {deviation:.4f}"]
                print(f"{target:20}{way:9}{combination:12}"
                      f"{texts[0]:>18}{texts[1]:>18}{better:>+14.2f}", flush=True)


if __name__ == "__main__":
    main()
