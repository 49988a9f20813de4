"""Shapley values of a forest by adatom and by the Python package shap, in turns on one machine.

    cargo build --profile dist -p adatom-benches --bin shap_speed
    venv/bin/pip install shap scikit-learn && venv/bin/python benches/shap_speed.py --rounds 3

Both explain the same rows by the same scikit-learn forest: 100 rows, 100 trees of 1,000 leaves and depth 27.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import shap
from sklearn.ensemble import RandomForestRegressor

PROGRAM = os.path.join(os.path.dirname(__file__), "../target/dist/shap_speed")


def forest(rows, columns):
    random = np.random.default_rng(7)
    x = random.normal(size=(rows, columns)).astype(np.float32).astype(float)
    y = 2 * x[:, 0] + np.sin(3 * x[:, 1]) + x[:, 2] * x[:, 3] + 0.3 * random.normal(size=rows)
    model = RandomForestRegressor(100, max_leaf_nodes=1000, max_depth=27, max_features="sqrt",
                                  random_state=0, n_jobs=2)
    return model.fit(x, y), x


def arrays(tree):
    return dict(feature=tree.feature.tolist(), threshold=tree.threshold.tolist(),
                left=tree.children_left.tolist(),
                right=tree.children_right.tolist(), cover=tree.weighted_n_node_samples.tolist(),
                impurity=tree.impurity.tolist(), value=tree.value.reshape(tree.node_count, -1).tolist())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--columns", type=int, default=300)
    parser.add_argument("--rows", type=int, default=100)
    options = parser.parse_args()
    model, x = forest(1600, options.columns)
    x = x[:options.rows]
    trees = [estimator.tree_ for estimator in model.estimators_]
    print(f"{len(trees)} trees, leaves {min(t.n_leaves for t in trees)} to {max(t.n_leaves for t in trees)}, "
          f"depth {min(t.max_depth for t in trees)} to {max(t.max_depth for t in trees)}, {len(x)} rows")
    with tempfile.TemporaryDirectory() as folder:
        given, answer = os.path.join(folder, "forest.json"), os.path.join(folder, "values.json")
        with open(given, "w") as file:
            json.dump(dict(trees=[arrays(tree) for tree in trees], X=x.tolist()), file)
        ours = subprocess.Popen([PROGRAM, given, answer],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert ours.stdout.readline().strip() == "ready"
        ratios = []
        for _ in range(options.rounds):
            begun = time.perf_counter()
            theirs = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent").shap_values(x)
            other = time.perf_counter() - begun
            print("go", file=ours.stdin, flush=True)
            own = float(ours.stdout.readline())
            ratios.append(other / own)
            print(f"shap {other:.3f} s, adatom {own:.4f} s, ratio {other / own:.1f}")
        ours.stdin.close()
        ours.wait()
        with open(answer) as file:
            values = np.array(json.load(file)).reshape(theirs.shape)
    print(f"largest difference {np.abs(values - theirs).max():.1e}, "
          f"shap {shap.__version__}, ratio {statistics.median(ratios):.1f} (median)")


main()
