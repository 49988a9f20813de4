"""Times pyroVED and adatom alternately: `python benches/pyroved_step.py --threads 2`, after
`pip install pyroved torch` and `cargo build --profile dist -p adatom-benches`.

Each round measures both one after the other; ratios are taken within rounds, so that a machine whose speed
changes slows both alike. A step is 100 patches of 28 x 28 pixels with the defaults and translation; the 1-D
epoch is 5,000 signals of 100 points in batches of 64 with dx_prior 0.3. Medians after warm-up.
"""
import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import time

import torch
import pyroved


def generated_patches(count):
    """Gaussian spots at random positions, with noise, in [0, 1]."""
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    centre = 13.5 + torch.randn(count, 2, 1, 1)
    spots = torch.exp(-((rows - centre[:, 0]) ** 2 + (columns - centre[:, 1]) ** 2) / 40)
    return (0.9 * spots + 0.1 * torch.rand(count, 28, 28)).clamp(0, 1)


def generated_signals(count):
    """Gaussians of random position and width, with noise, in [0, 1]."""
    position, width = 6 * torch.rand(count, 1) - 3, 0.5 + 1.5 * torch.rand(count, 1)
    x = torch.linspace(-12, 12, 100) - position
    return (0.9 * torch.exp(-0.5 * (x / width) ** 2) + 0.1 * torch.rand(count, 100)).clamp(0, 1)


def times(work, warm_up, turns):
    """Seconds of each of `turns` calls."""
    found = []
    for turn in range(warm_up + turns):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found[warm_up:]


def adatom(program, turns, threads):
    """What `program --alone` measures, in seconds."""
    path = pathlib.Path(__file__).parent.parent / "target" / "dist" / program
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    command = [path, "--alone", str(turns)]
    return float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def compare(what, ours, theirs, rounds):
    """Takes turns and prints medians of times and of the ratios within rounds."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    ratios = sorted(theirs / ours for ours, theirs in pairs)
    ours, theirs = (statistics.median(times) for times in zip(*pairs))
    print(f"{what}: adatom {ours:.4g} s, pyroVED {theirs:.4g} s, "
          f"pyroVED / adatom {statistics.median(ratios):.2f} "
          f"({ratios[0]:.2f} to {ratios[-1]:.2f} over {rounds} rounds)")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--steps", type=int, default=10)
    arguments = arguments.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    print(f"torch {torch.__version__}, {arguments.threads} threads, {platform.machine()}")

    model = pyroved.models.iVAE((28, 28), latent_dim=2, invariances=["t"], device="cpu")
    trainer = pyroved.trainers.SVItrainer(model, device="cpu")
    batch = generated_patches(100)
    compare("step of 100 patches 28 x 28",
            lambda: adatom("step_ratios", 3 * arguments.steps, arguments.threads),
            lambda: statistics.median(times(lambda: trainer.svi.step(batch), 3, arguments.steps)),
            arguments.rounds)

    signals = pyroved.models.iVAE((100,), latent_dim=2, invariances=["t"], dx_prior=0.3, device="cpu")
    of_signals = pyroved.trainers.SVItrainer(signals, device="cpu")
    loader = pyroved.utils.init_dataloader(generated_signals(5000), batch_size=64)
    compare("epoch of 5,000 signals of 100 points",
            lambda: adatom("epoch_ratios", 200, arguments.threads),
            lambda: statistics.median(times(lambda: of_signals.train(loader), 1, 2)), arguments.rounds)


if __name__ == "__main__":
    main()
