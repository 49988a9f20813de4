"""Times AtomAI and adatom alternately for the encoding of every window of an image:
`python benches/atomai_dense.py`, after `pip install atomai six` and `cargo build --release`.

`encode_image_` of AtomAI cuts a window around every pixel and encodes them in batches; `adatom encode
--stride 1` reads the image, encodes every window and writes the latents. Windows of 28 x 28 pixels, two
latents, 128 hidden units.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import atomai
import numpy
import torch


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--size", type=int, default=1024, help="rows and columns of the image")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments = arguments.parse_args()
    torch.set_num_threads(arguments.threads)
    size = arguments.size
    rows, columns = numpy.mgrid[:size, :size]
    lattice = numpy.cos(rows * 0.4) * numpy.cos(columns * 0.4)
    image = (0.5 + 0.4 * lattice + 0.05 * numpy.random.default_rng(1).normal(size=(size, size))).clip(0, 1)
    image = image.astype("float32")

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        numpy.save(folder / "image.npy", image)
        program = pathlib.Path(__file__).parent.parent / "target" / "release" / "adatom"
        environment = {**os.environ, "RAYON_NUM_THREADS": str(arguments.threads)}
        run = lambda *words: subprocess.run(
            [program, *words], env=environment, check=True, capture_output=True)
        run("image", folder / "image.npy", "--window", "28", "--random", "500", "--epochs", "1",
            "--out", folder / "model")
        ours = lambda: run("encode", folder / "model/model.safetensors", folder / "image.npy",
                           "--stride", "1",
                           "--out", folder / "latents.npz", "--force")
        peer = atomai.models.VAE(
            (28, 28), latent_dim=2, conv_encoder=False, numlayers_encoder=2, numhidden_encoder=128)
        theirs = lambda: peer.encode_image_(image)
        pairs = [(seconds(ours), seconds(theirs)) for _ in range(arguments.rounds)]
    ratios = sorted(theirs / ours for ours, theirs in pairs)
    ours, theirs = (statistics.median(times) for times in zip(*pairs))
    print(f"every window of {size} x {size} pixels: adatom {ours:.2f} s, "
          f"AtomAI {atomai.__version__} {theirs:.1f} s, "
          f"AtomAI / adatom {statistics.median(ratios):.0f} ({ratios[0]:.0f} to {ratios[-1]:.0f})")


if __name__ == "__main__":
    main()
