"""Permutation importance of a forest by adatom and by scikit-learn, in turns on one machine.

    cargo build --profile dist -p adatom-benches --bin permutation_speed
    venv/bin/pip install scikit-learn && venv/bin/python benches/permutation_speed.py --rounds 2

The same forest of 100 trees, 300 columns, 400 held-out rows, 5 repeats, R². Orders of rows differ, so that
importances agree within their spread only; the script prints how far.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

PROGRAM = os.path.join(os.path.dirname(__file__), "../target/dist/permutation_speed")


def arrays(tree):
    return dict(feature=tree.feature.tolist(), threshold=tree.threshold.tolist(),
                left=tree.children_left.tolist(),
                right=tree.children_right.tolist(), cover=tree.weighted_n_node_samples.tolist(),
                impurity=tree.impurity.tolist(), value=tree.value.reshape(tree.node_count, -1).tolist())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--max-features", type=float, default=1.0)
    options = parser.parse_args()
    random = np.random.default_rng(7)
    x = random.normal(size=(2000, 300)).astype(np.float32).astype(float)
    y = 2 * x[:, 0] + np.sin(3 * x[:, 1]) + x[:, 2] * x[:, 3] + 0.3 * random.normal(size=2000)
    model = RandomForestRegressor(100, max_features=options.max_features, random_state=0, n_jobs=2)
    model.fit(x[400:], y[400:])
    x, y = x[:400], y[:400]
    model.set_params(n_jobs=1)
    with tempfile.TemporaryDirectory() as folder:
        given, answer = os.path.join(folder, "forest.json"), os.path.join(folder, "importances.json")
        with open(given, "w") as file:
            trees = [arrays(e.tree_) for e in model.estimators_]
            json.dump(dict(trees=trees, X=x.tolist(), y=y.tolist()), file)
        ours = subprocess.Popen([PROGRAM, given, answer],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert ours.stdout.readline().strip() == "ready"
        ratios = []
        for turn in range(options.rounds):
            begun = time.perf_counter()
            theirs = permutation_importance(model, x, y, n_repeats=5, random_state=turn, n_jobs=2)
            other = time.perf_counter() - begun
            print("go", file=ours.stdin, flush=True)
            own = float(ours.stdout.readline())
            ratios.append(other / own)
            print(f"scikit-learn {other:.2f} s, adatom {own:.3f} s, ratio {other / own:.1f}")
        ours.stdin.close()
        ours.wait()
        with open(answer) as file:
            values = np.array(json.load(file))
    gap = np.abs(values - theirs.importances_mean) / (theirs.importances_std + 1e-5)
    print(f"scikit-learn {sklearn.__version__}, ratio {statistics.median(ratios):.1f} (median); "
          f"importances differ by at most "
          f"{np.abs(values - theirs.importances_mean).max():.4f}, median {np.median(gap):.2f} of the spread")


main()
