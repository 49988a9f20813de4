"""pyroVED on the patches of `cargo run --release -p adatom --example perovskite -- --out FOLDER`.

    pip install torch pyroved scikit-learn
    python benches/pyroved_perovskite.py FOLDER/seed-0 FOLDER/seed-1 ... [--epochs 20] [--threads 2]

Shift invariance, three content latents, pyroVED's defaults else (batch 100, learning rate 1e-3, dx_prior
0.1). The figures are those that the example prints: correlation and rmse of the shift, for polarisation and
composition the largest correlation of one content latent and the multiple correlation of all.
"""

import argparse
import pathlib
import time

import numpy as np
import pyroved
import torch


def multiple(latents, values):
    design = np.column_stack([latents, np.ones(len(latents))])
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return np.sqrt(max(0.0, 1 - np.var(values - fitted) / np.var(values)))


def strongest(latents, values):
    with np.errstate(invalid="ignore"):
        return np.nanmax([abs(np.corrcoef(column, values)[0, 1]) for column in latents.T])


def run(folder, epochs, seed, dx_prior):
    patches = np.load(folder / "patches.npy").astype(np.float32)
    shift, polarisation = np.load(folder / "shift.npy"), np.load(folder / "polarisation.npy")
    composition = np.load(folder / "composition.npy")
    size = patches.shape[1]
    data = torch.tensor(patches).clip(0, 1)
    begun = time.time()
    model = pyroved.models.iVAE((size, size), latent_dim=3, invariances=["t"], dx_prior=dx_prior, seed=seed)
    loader = pyroved.utils.init_dataloader(data, batch_size=100)
    trainer = pyroved.trainers.SVItrainer(model)
    for _ in range(epochs):
        trainer.step(loader)
    seconds = time.time() - begun
    mean, _ = model.encode(data)
    mean = np.asarray(mean)
    # Rows from -1 to 1, columns from 1 to -1: see docs/shift-vae.md.
    pixels = dx_prior * (size - 1) / 2
    found = np.column_stack([-mean[:, 0] * pixels, mean[:, 1] * pixels])
    rs = [np.corrcoef(found[:, axis], shift[:, axis])[0, 1] for axis in range(2)]
    rmse = np.sqrt(np.mean([np.var(found[:, axis] - shift[:, axis]) for axis in range(2)]))
    content = mean[:, 2:]
    polar = np.mean([strongest(content, polarisation[:, axis]) for axis in range(2)])
    polar_all = np.mean([multiple(content, polarisation[:, axis]) for axis in range(2)])
    composed = [strongest(content, composition), multiple(content, composition)]
    return [np.mean(rs), rmse, polar, polar_all, *composed, seconds]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dx-prior", type=float, default=0.1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names = ["r shift", "rmse/px", "polarisation", "R", "composition", "R", "seconds"]
    print("seed " + " ".join(f"{name:>12}" for name in names))
    rows = []
    for seed, folder in enumerate(options.folders):
        rows.append(run(folder, options.epochs, seed, options.dx_prior))
        print(f"{seed:>4} " + " ".join(f"{value:>12.4f}" for value in rows[-1]), flush=True)
    print("mean " + " ".join(f"{value:>12.4f}" for value in np.mean(rows, axis=0)))


main()
