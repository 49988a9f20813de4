"""The test materials of the splits of scikit-learn, so that different programs are scored on the same rows.

    python cu_oxides_splits.py FOLDER OUT

FOLDER contains one folder per material and labels.csv (material, site, formula, coordination_number,
mean_bond_length, oxidation_state; one row per site). OUT/TARGET_HOW.txt has one material per line, for the
targets cn, oxidation and bond: by train_test_split (random; stratified by class) or GroupShuffleSplit by
formula (grouped), a quarter of the rows, random_state 40, of the materials in alphabetic order.

Classes: where all sites agree; coordination numbers of 4, 5 and 6 (a site without neighbours, of which there
is one, says nothing). Bond length: mean over the sites, below 2.6 Å.
"""

import csv
import math
import os
import sys

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

SEED = 40


def sites_of(folder):
    """The rows of labels.csv by material, materials in alphabetic order."""
    materials = {}
    with open(os.path.join(folder, "labels.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            materials.setdefault(row["material"], []).append(row)
    return dict(sorted(materials.items()))


def agreed(sites, name, unknown):
    """The common value of all sites; NaN if they do not agree or one is unknown."""
    values = {site[name] for site in sites} - unknown
    return float(values.pop()) if len(values) == 1 and values != {""} else math.nan


def targets(materials):
    """By target the values of all materials; NaN where a material has no part in it."""
    number = np.array([agreed(sites, "coordination_number", {"0"}) for sites in materials.values()])
    number[~np.isin(number, [4, 5, 6])] = math.nan
    state = np.array([agreed(sites, "oxidation_state", set()) for sites in materials.values()])
    lengths = [
        [float(site["mean_bond_length"]) for site in sites if site["mean_bond_length"]]
        for sites in materials.values()
    ]
    length = np.array([np.mean(sites) if sites else math.nan for sites in lengths])
    length[length >= 2.6] = math.nan
    return {"cn": number, "oxidation": state, "bond": length}


def main():
    folder, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    materials = sites_of(folder)
    ids = np.array(list(materials))
    formulas = np.array([sites[0]["formula"] for sites in materials.values()])
    for target, values in targets(materials).items():
        known = np.flatnonzero(~np.isnan(values))
        classes = None if target == "bond" else values[known]
        held = {
            "random": train_test_split(
                np.arange(len(known)), test_size=0.25, random_state=SEED, stratify=classes)[1],
            "grouped": next(GroupShuffleSplit(1, test_size=0.25, random_state=SEED).split(
                known, known, formulas[known]))[1],
        }
        for how, rows in held.items():
            with open(os.path.join(out, f"{target}_{how}.txt"), "w", encoding="utf-8") as file:
                file.writelines(f"{material}\n" for material in ids[known[rows]])
            print(f"{target} {how}: {len(rows)} of {len(known)} materials")


if __name__ == "__main__":
    main()
