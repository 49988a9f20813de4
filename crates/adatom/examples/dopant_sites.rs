//! Do the latents of an image know which columns are of another element?
//!
//! ```text
//! cargo run --release -p adatom --example dopant_sites -- MoS2_stem_Exp-000-2.npy [SEEDS]
//! ```
//!
//! For a layer such as MoS₂ in which a few atoms of the metal are replaced by lighter ones. Patches lie around the sites of the
//! lattice; an autoencoder without invariances learns them. What the sites are is told apart without it: by their brightness (mean with a
//! Gaussian of 2 pixels), bright and dark ones divided where the two groups are best; a dark site that has no bright one nearer than
//! bright ones have each other stands in place of a bright one, and is a dopant. The others are of sulphur.
//!
//! Printed for every seed: how the sites are sorted by the nearest mean content (in standard deviations, each patch left out of the
//! mean of its own kind), and for each dopant, how many other patches lie nearer to the mean of the other dopants.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use adatom::core::ndarray::{Array2, ArrayView1, Axis};
use adatom::patch::{Image, Patches, ScalingMethod, Window};
use adatom::vae::{Likelihood, ShiftVae, Trainer};

const WINDOW: usize = 18;
const KINDS: [&str; 3] = ["metal", "sulphur", "dopant"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("the name of an image is needed")?;
    let seeds = arguments.next().map_or(Ok(3), |text| text.parse::<u64>())?;
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
    for seed in 0..seeds {
        let model = ShiftVae::config(WINDOW, WINDOW)
            .invariances([])
            .latent_dim(4)
            .likelihood(Likelihood::GaussianLearned);
        let trainer = Trainer::new(model).epochs(100).batch_size(16).learning_rate(2e-3).seed(seed);
        let posterior = trainer.fit(&patches)?.encode(&patches)?;
        let content = standardised(posterior.content().mapv(f64::from));
        println!("seed {seed}: rows are what sites are, columns the nearest mean");
        for (kind, counts) in sorted(&content, &kinds).iter().enumerate() {
            println!("{:>10} {counts:>5?}", KINDS[kind]);
        }
        println!("  nearer to the other dopants than each dopant: {:?}", nearer(&content, &kinds));
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
    let kind = |(place, b): (&[f64; 2], &f64)| match (*b > level, nearest(place) < limit) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    };
    places.iter().zip(brightness).map(kind).collect()
}

fn standardised(mut content: Array2<f64>) -> Array2<f64> {
    for mut latent in content.axis_iter_mut(Axis(1)) {
        let (mean, sd) = (latent.mean().unwrap_or(0.0), latent.std(0.0).max(1e-12));
        latent.mapv_inplace(|value| (value - mean) / sd);
    }
    content
}

/// The mean content of a kind without one patch.
fn mean_without(content: &Array2<f64>, kinds: &[usize], (kind, without): (usize, usize)) -> Vec<f64> {
    let mut sum = vec![0.0; content.ncols()];
    let mut count = 0.0;
    for (patch, row) in content.rows().into_iter().enumerate() {
        if kinds[patch] == kind && patch != without {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            count += 1.0;
        }
    }
    sum.into_iter().map(|sum| sum / count).collect()
}

fn squared_distance(a: ArrayView1<'_, f64>, b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// How many of each kind lie nearest to the mean of which.
fn sorted(content: &Array2<f64>, kinds: &[usize]) -> [[usize; 3]; 3] {
    let mut counts = [[0; 3]; 3];
    for (patch, row) in content.rows().into_iter().enumerate() {
        let to = |kind: usize| squared_distance(row, &mean_without(content, kinds, (kind, patch)));
        let nearest = (0..3).min_by(|&a, &b| to(a).total_cmp(&to(b))).unwrap_or(0);
        counts[kinds[patch]][nearest] += 1;
    }
    counts
}

/// For each dopant, how many patches of other kinds lie nearer to the mean of the other dopants.
fn nearer(content: &Array2<f64>, kinds: &[usize]) -> Vec<usize> {
    let dopants = (0..kinds.len()).filter(|&patch| kinds[patch] == 2);
    dopants
        .map(|dopant| {
            let mean = mean_without(content, kinds, (2, dopant));
            let own = squared_distance(content.row(dopant), &mean);
            let others = content.rows().into_iter().zip(kinds).filter(|(_, kind)| **kind != 2);
            others.filter(|(row, _)| squared_distance(row.view(), &mean) < own).count()
        })
        .collect()
}
