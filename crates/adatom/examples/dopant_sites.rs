//! Do the latents of an image identify columns of another element?
//!
//! ```text
//! cargo run --release -p adatom --example dopant_sites -- MoS2_stem_Exp-000-2.npy [SEEDS [FIGURE.png]]
//! ```
//!
//! For a layer such as MoS₂ with a few substitutional atoms lighter than the metal. An autoencoder without
//! invariances is trained on patches around the sites of the lattice. The reference assignment uses
//! intensities (mean with a Gaussian of 2 pixels) and positions only: sites are divided into bright and dark
//! by the best threshold; a dark site whose nearest bright site is not closer than bright sites are to each
//! other is a metal position. The darker half of the metal positions is divided at the largest gap of
//! intensity: dopants below, metal above. The remaining sites are sulphur.
//!
//! Printed for every seed: how the sites are sorted by the nearest mean content (distances by the covariance
//! within the kinds, each patch left out of all means), and for each dopant, how many other patches look more
//! like the other dopants, and less like metal or sulphur, than it does.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use adatom::core::ndarray::{Array1, Array2, ArrayView1};
use adatom::interpret::{Figure, ScatterFigure};
use adatom::patch::{Image, Patches, ScalingMethod, Window};
use adatom::vae::{Likelihood, ShiftVae, Trainer};

const WINDOW: usize = 10;
const KINDS: [&str; 3] = ["metal", "sulphur", "dopant"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("the name of an image is needed")?;
    let seeds = arguments.next().map_or(Ok(3), |text| text.parse::<u64>())?;
    let picture = arguments.next();
    let image = Image::open(path)?;
    let sites = image.lattice_sites()?;
    let patches = Patches::of([&image])
        .window(Window::square(WINDOW))
        .scaling(ScalingMethod::Percentile { low: 0.1, high: 99.9 })
        .at([sites.view()])?;
    let places: Vec<[f64; 2]> = (0..patches.len())
        .map(|patch| patches.patch_grid().centre(patch))
        .map(|centre| [centre.row, centre.column])
        .collect();
    let brightness: Vec<f64> = places.iter().map(|&place| brightness(&image, place)).collect();
    let kinds = kinds(&places, &brightness);
    for (kind, name) in KINDS.iter().enumerate() {
        let of_kind: Vec<f64> =
            brightness.iter().zip(&kinds).filter(|(_, k)| **k == kind).map(|(b, _)| *b).collect();
        let mean = of_kind.iter().sum::<f64>() / of_kind.len() as f64;
        println!("{:>5} {name:<8} mean brightness {mean:.4}", of_kind.len());
    }
    if (0..KINDS.len()).any(|kind| kinds.iter().filter(|&&other| other == kind).count() < 2) {
        return Err("expected at least two sites of metal, of sulphur and of dopants".into());
    }
    for seed in 0..seeds {
        let model = ShiftVae::image_config(WINDOW, WINDOW)
            .invariances([])
            .latent_dim(2)
            .likelihood(Likelihood::GaussianLearned);
        let trainer = Trainer::new(model).epochs(100).batch_size(32).seed(seed);
        let posterior = trainer.fit(&patches)?.encode(&patches)?;
        let content = posterior.content().mapv(f64::from);
        let distances = distances(&content, &kinds);
        println!("seed {seed}: rows are what sites are, columns the nearest mean");
        for (kind, counts) in sorted(&distances, &kinds).iter().enumerate() {
            println!("{:>10} {counts:>5?}", KINDS[kind]);
        }
        println!("  more like dopants than each dopant: {:?}", more_alike(&distances, &kinds));
        if let (0, Some(file)) = (seed, &picture) {
            let colours: Array1<f32> = kinds.iter().map(|&kind| [0.0, 2.0, 1.0][kind]).collect();
            let figure = ScatterFigure::new(posterior.content().column(0), posterior.content().column(1))?
                .title("Sites of MoS₂ with vanadium")
                .labels("content 1", "content 2")
                .coloured_by("0 metal, 1 dopant, 2 sulphur", colours.view())?;
            figure.save_png(file)?;
        }
    }
    Ok(())
}

/// Mean of the pixels around a place, weighted with a Gaussian of 2 pixels; the image's own units.
fn brightness(image: &Image, [row, column]: [f64; 2]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for ((r, c), &value) in image.pixels().indexed_iter() {
        let squared = (r as f64 - row).powi(2) + (c as f64 - column).powi(2);
        if squared < 36.0 {
            let weight = (-squared / 8.0).exp();
            sum += weight * f64::from(value);
            weights += weight;
        }
    }
    sum / weights
}

/// 0 for the metal, 1 for sulphur, 2 for a dopant.
fn kinds(places: &[[f64; 2]], brightness: &[f64]) -> Vec<usize> {
    let mut level = brightness.iter().sum::<f64>() / brightness.len() as f64;
    for _ in 0..100 {
        let mean = |bright: bool| {
            let group: Vec<f64> = brightness.iter().copied().filter(|&b| (b > level) == bright).collect();
            group.iter().sum::<f64>() / group.len() as f64
        };
        level = 0.5 * (mean(true) + mean(false));
    }
    let bright: Vec<[f64; 2]> =
        places.iter().zip(brightness).filter(|(_, b)| **b > level).map(|(place, _)| *place).collect();
    let nearest = |place: &[f64; 2]| {
        let distances = bright.iter().map(|other| (place[0] - other[0]).hypot(place[1] - other[1]));
        distances.filter(|&distance| distance > 0.5).fold(f64::INFINITY, f64::min)
    };
    let mut apart: Vec<f64> = bright.iter().map(nearest).collect();
    apart.sort_by(f64::total_cmp);
    // Sites of sulphur are 1/√3 as far from the metal as that is from itself.
    let limit = 0.8 * apart.get(apart.len() / 2).copied().unwrap_or(0.0);
    let in_place: Vec<bool> = places.iter().map(|place| nearest(place) >= limit).collect();
    let mut metal: Vec<f64> = brightness
        .iter()
        .zip(&in_place)
        .filter(|(b, place)| **b > level || **place)
        .map(|(b, _)| *b)
        .collect();
    metal.sort_by(f64::total_cmp);
    // Dopants are the fewer.
    let darker = &metal[..metal.len() / 2 + 1];
    let step = |pair: &[f64]| pair[1] - pair[0];
    let largest = darker.windows(2).max_by(|a, b| step(a).total_cmp(&step(b)));
    let between = largest.map_or(f64::NEG_INFINITY, |pair| 0.5 * (pair[0] + pair[1]));
    let kind = |(&b, &in_place): (&f64, &bool)| match (b > level || in_place, b > between) {
        (true, true) => 0,
        (true, false) => 2,
        (false, _) => 1,
    };
    brightness.iter().zip(&in_place).map(kind).collect()
}

/// The mean content of a kind without one patch.
fn mean_without(content: &Array2<f64>, kinds: &[usize], (kind, without): (usize, usize)) -> [f64; 2] {
    let (mut sum, mut count) = ([0.0; 2], 0.0);
    for (patch, row) in content.rows().into_iter().enumerate() {
        if kinds[patch] == kind && patch != without {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            count += 1.0;
        }
    }
    sum.map(|sum| sum / count)
}

/// The squared distances of every patch to the means of the kinds, each without that patch, in units of the
/// covariance within the kinds.
fn distances(content: &Array2<f64>, kinds: &[usize]) -> Vec<[f64; 3]> {
    let none = usize::MAX;
    let means = [0, 1, 2].map(|kind| mean_without(content, kinds, (kind, none)));
    let from = |row: ArrayView1<'_, f64>, mean: [f64; 2]| [row[0] - mean[0], row[1] - mean[1]];
    let [mut aa, mut ab, mut bb] = [0.0; 3];
    for (row, &kind) in content.rows().into_iter().zip(kinds) {
        let [a, b] = from(row, means[kind]);
        (aa, ab, bb) = (aa + a * a, ab + a * b, bb + b * b);
    }
    let degrees = (kinds.len() - KINDS.len()) as f64;
    let determinant = (aa * bb - ab * ab) / degrees;
    let of_patch = |(patch, row): (usize, ArrayView1<'_, f64>)| {
        [0, 1, 2].map(|kind| {
            let [a, b] = from(row, mean_without(content, kinds, (kind, patch)));
            (bb * a * a - 2.0 * ab * a * b + aa * b * b) / determinant
        })
    };
    content.rows().into_iter().enumerate().map(of_patch).collect()
}

/// How many of each kind lie nearest to the mean of which.
fn sorted(distances: &[[f64; 3]], kinds: &[usize]) -> [[usize; 3]; 3] {
    let mut counts = [[0; 3]; 3];
    for (to, &kind) in distances.iter().zip(kinds) {
        let nearest = (0..3).min_by(|&a, &b| to[a].total_cmp(&to[b])).unwrap_or(0);
        counts[kind][nearest] += 1;
    }
    counts
}

/// For each dopant, how many patches of other kinds are nearer to the dopants, less the distance to the
/// nearer of the others, than it is.
fn more_alike(distances: &[[f64; 3]], kinds: &[usize]) -> Vec<usize> {
    let alike = |to: &[f64; 3]| to[0].min(to[1]) - to[2];
    let other: Vec<f64> =
        distances.iter().zip(kinds).filter(|(_, kind)| **kind != 2).map(|(to, _)| alike(to)).collect();
    let dopants = distances.iter().zip(kinds).filter(|(_, kind)| **kind == 2);
    dopants.map(|(to, _)| other.iter().filter(|&&other| other > alike(to)).count()).collect()
}
