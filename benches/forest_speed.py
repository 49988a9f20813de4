"""Forests of scikit-learn and adatom alternately: times of fit and prediction, and scores on held-out rows.

    cargo build --profile dist -p adatom-benches --features smartcore --bin forest_speed
    python3 -m venv venv && venv/bin/pip install scikit-learn numpy
    venv/bin/python benches/forest_speed.py --seeds 20 [CASE ...]

Both fit the same rows with the same parameters on as many threads (--threads) in every round; a round is a
seed, and its times stand side by side, on the clock and on processors (over all threads: what a machine that
others use too says of the work). Reading files is not timed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

CASES = {
    # name: (rows, columns, task, candidates, columns are spectra, held-out rows)
    "regression": (1600, 300, "regression", "all", False, 1000),
    "regression-spectra": (1600, 300, "regression", "all", True, 1000),
    "classification": (1600, 300, "classification", "sqrt", False, 1000),
    "classification-spectra": (1600, 300, "classification", "sqrt", True, 1000),
    "large": (20_000, 500, "regression", "sqrt", False, 2000),
    "large-spectra": (20_000, 500, "regression", "sqrt", True, 2000),
    "prediction": (1600, 300, "regression", "all", False, 100_000),
    "prediction-spectra": (1600, 300, "regression", "all", True, 100_000),
    "prediction-large": (20_000, 500, "regression", "sqrt", False, 100_000),
}


def spectra(rows, columns, random):
    """An edge with two lines, moved and scaled from row to row: neighbouring columns are correlated."""
    energy = np.linspace(0, 70, columns)[None, :]
    shift, height, width, waves = (random.uniform(size=(rows, 1)) for _ in range(4))
    edge = 1 / (1 + np.exp(-(energy - 15 - 4 * shift) / (1 + width)))
    line = (0.5 + height) * np.exp(-(((energy - 18 - 4 * shift) / 2) ** 2))
    before = 0.2 * (1 - shift) * np.exp(-(((energy - 8) / 1.5) ** 2))
    oscillations = 0.1 * waves * np.sin(energy / 5 + 3 * shift)
    x = edge + line + before + oscillations + 0.002 * random.normal(size=(rows, columns))
    return x, (2 * shift + height * waves + 0.05 * random.normal(size=(rows, 1)))[:, 0]


def independent(rows, columns, random):
    x = random.uniform(-0.5, 0.5, size=(rows, columns))
    y = 2 * x[:, 0] + np.sin(6 * x[:, 1]) + x[:, 2] * x[:, 3] + 0.3 * random.uniform(-0.5, 0.5, size=rows)
    return x, y


def make(case, folder):
    rows, columns, task, candidates, correlated, held_out = CASES[case]
    random = np.random.default_rng(7)
    x, y = (spectra if correlated else independent)(rows + held_out, columns, random)
    if task == "classification":
        y = np.digitize(y, np.quantile(y, [1 / 3, 2 / 3])).astype(float)
    data = dict(x=x[:rows], y=y[:rows], test=x[rows:], truth=y[rows:])
    for name, array in data.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array))
    return data


def theirs(data, task, candidates, seed, threads):
    kind = RandomForestClassifier if task == "classification" else RandomForestRegressor
    columns = None if candidates == "all" else "sqrt"
    forest = kind(n_estimators=100, max_features=columns, n_jobs=threads, random_state=seed)
    now = lambda: np.array([time.perf_counter(), time.process_time()])
    begun = now()
    forest.fit(data["x"], data["y"])
    fitted = now()
    predict = forest.predict_proba if task == "classification" else forest.predict
    predictions = predict(data["test"])
    return dict(fit=fitted - begun, predict=now() - fitted), predictions


def ours(program, folder, task, candidates, seed, threads):
    words = [program, "fit", folder, task, candidates, str(seed)]
    environment = dict(os.environ, RAYON_NUM_THREADS=str(threads))
    printed = subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(printed), np.load(folder / "predictions.npy")


def score(predictions, truth, task):
    if task == "classification":
        return np.mean(np.argmax(predictions, axis=1) == truth)
    return 1 - np.mean((predictions.ravel() - truth) ** 2) / np.var(truth)


def compare(case, options):
    rows, columns, task, candidates, _, held_out = CASES[case]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data = make(case, folder)
        times, scores = {"fit": [], "predict": []}, []
        for seed in range(options.seeds):
            their, their_predictions = theirs(data, task, candidates, seed, options.threads)
            own, own_predictions = ours(options.program, folder, task, candidates, seed, options.threads)
            for what in times:
                times[what].append((their[what], own[what]))
            both = (their_predictions, own_predictions)
            scores.append([score(predictions, data["truth"], task) for predictions in both])
    print(f"{case}: {rows} x {columns}, {task}, {candidates} columns, {held_out} held out, "
          f"{options.seeds} seeds")
    for what, pairs in times.items():
        for index, kind in enumerate(["clock", "processors"]):
            seconds = np.array(pairs)[:, :, index]
            ratios, (their, own) = np.sort(seconds[:, 0] / seconds[:, 1]), np.median(seconds, axis=0)
            print(
                f"  {what}, {kind}: scikit-learn {their:.3f} s, "
                f"adatom {own:.3f} s (medians), ratio of rounds "
                f"{np.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})"
            )
    mean, scatter = np.mean(scores, axis=0), np.std(scores, axis=0)
    name = "accuracy" if task == "classification" else "R2"
    print(f"  {name}: scikit-learn {mean[0]:.4f} +- {scatter[0]:.4f}, "
          f"adatom {mean[1]:.4f} +- {scatter[1]:.4f}", flush=True)


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--program", default=here / "target/dist/forest_speed")
    parser.add_argument(
        "--data", metavar="FOLDER", type=pathlib.Path, help="only write the arrays of one case there")
    options = parser.parse_args()
    if options.data:
        options.data.mkdir(parents=True, exist_ok=True)
        make(options.cases[0], options.data)
        return
    for case in options.cases:
        print(f"load {os.getloadavg()[0]:.1f}, {options.threads} threads")
        compare(case, options)


main()
