//! Generated patches: bars, rings, triangles and crosses of random size, turned and shifted.

#![allow(dead_code, reason = "each program uses a part")]

use adatom_vae::ndarray::Array3;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Generated patches and their true parameters.
pub(crate) struct Shapes {
    /// `[n, size, size]`, values in [0, 1].
    pub(crate) patches: Array3<f32>,
    /// 0 bar, 1 ring, 2 triangle, 3 cross.
    pub(crate) kind: Vec<usize>,
    /// Size relative to the mean one.
    pub(crate) size: Vec<f64>,
    /// Angle, radians.
    pub(crate) angle: Vec<f64>,
    /// Position along columns from the centre, in half windows.
    pub(crate) right: Vec<f64>,
}

/// How the patches differ beside kind and size.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    /// Pixels along an edge.
    pub(crate) pixels: usize,
    /// Sizes are uniform in 1 ± this.
    pub(crate) size: f64,
    /// Angles are uniform in ± this, radians.
    pub(crate) angle: f64,
    /// Shifts are uniform in ± this along each axis, half windows.
    pub(crate) shift: f64,
    /// Standard deviation of the noise of a pixel.
    pub(crate) noise: f64,
}

/// `n` patches of the first `kinds` kinds, as many of each.
pub(crate) fn shapes(n: usize, kinds: usize, spread: Spread, seed: u64) -> Shapes {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = |reach: f64| reach * (2.0 * random.random::<f64>() - 1.0);
    let kind: Vec<usize> = (0..n).map(|index| index % kinds).collect();
    let (mut size, mut angle, mut place) = (Vec::new(), Vec::new(), Vec::new());
    let mut patches = Array3::zeros((n, spread.pixels, spread.pixels));
    for (index, mut patch) in patches.outer_iter_mut().enumerate() {
        let (s, turn) = (1.0 + uniform(spread.size), uniform(spread.angle));
        let (down, right) = (uniform(spread.shift), uniform(spread.shift));
        let (sine, cosine) = turn.sin_cos();
        for ((row, column), value) in patch.indexed_iter_mut() {
            let at = |pixel: usize| 2.0 * pixel as f64 / (spread.pixels - 1) as f64 - 1.0;
            let (y, x) = ((at(row) - down) / s, (at(column) - right) / s);
            let inside = 1.0
                / (1.0 + (distance(kind[index], cosine * x + sine * y, cosine * y - sine * x) / 0.05).exp());
            let noise = spread.noise * (0..12).map(|_| uniform(0.5)).sum::<f64>();
            *value = (0.1 + 0.8 * inside + noise).clamp(0.0, 1.0) as f32;
        }
        size.push(s);
        angle.push(turn);
        place.push(right);
    }
    Shapes { patches, kind, size, angle, right: place }
}

/// Distance from the edge of a shape at (u, v), negative inside.
fn distance(kind: usize, u: f64, v: f64) -> f64 {
    let bar = |u: f64, v: f64| (u.abs() - 0.6).max(v.abs() - 0.15);
    match kind {
        0 => bar(u, v),
        1 => ((u * u + v * v).sqrt() - 0.42).abs() - 0.12,
        2 => (0..3)
            .map(|side| {
                let (sine, cosine) = (f64::from(side) * std::f64::consts::TAU / 3.0).sin_cos();
                cosine * v + sine * u - 0.28
            })
            .fold(f64::MIN, f64::max),
        _ => bar(u, v).min(bar(v, u)),
    }
}

/// Pearson's correlation.
pub(crate) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| f(x - mx, y - my)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

/// Mean over the kinds of the size of the correlation of a latent with a factor, within each kind.
pub(crate) fn within(kind: &[usize], x: &[f64], y: &[f64]) -> f64 {
    let kinds = kind.iter().max().map_or(0, |most| most + 1);
    let of = |values: &[f64], which: usize| -> Vec<f64> {
        kind.iter().zip(values).filter(|(kind, _)| **kind == which).map(|(_, value)| *value).collect()
    };
    (0..kinds).map(|which| correlation(&of(x, which), &of(y, which)).abs()).sum::<f64>() / kinds as f64
}

/// Samples whose class is right when every found class may be named after any kind, the best way (at most 5
/// classes).
pub(crate) fn matched_accuracy(kind: &[usize], found: &[usize], classes: usize) -> f64 {
    let mut names: Vec<usize> = (0..classes).collect();
    let mut best = 0;
    permutations(&mut names, 0, &mut |names| {
        best = best.max(kind.iter().zip(found).filter(|(kind, found)| names[**found] == **kind).count());
    });
    best as f64 / kind.len() as f64
}

fn permutations(items: &mut [usize], from: usize, visit: &mut dyn FnMut(&[usize])) {
    if from == items.len() {
        return visit(items);
    }
    for other in from..items.len() {
        items.swap(from, other);
        permutations(items, from + 1, visit);
        items.swap(from, other);
    }
}

/// The most probable class of every row.
pub(crate) fn most_probable(probabilities: &adatom_vae::ndarray::Array2<f32>) -> Vec<usize> {
    let best = |row: adatom_vae::ndarray::ArrayView1<'_, f32>| {
        (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0)
    };
    probabilities.rows().into_iter().map(best).collect()
}
