//! Correlation of latent variables with a given field, with confidence intervals for spatially correlated
//! patches, and a linear fit by all of them.
//!
//! Intervals and p-values use the effective number n' of independent patches
//! ([`effective`](super::effective)): tanh(atanh r ± 1.96 / √(n' − 3)) (Fisher), and Student's t with n' − 2
//! degrees. The fit is scored on held-out parts of the image.

mod linear_fit;

use ndarray::{Array1, Array2, ArrayView1};
use rayon::prelude::*;

use self::linear_fit::fit;
use super::Latents;
use super::effective::{Pairs, effective};
use super::error::{LatentError, Result, at_least, exactly};
use crate::statistics::student_two_sided;

pub use self::linear_fit::LinearFit;

/// A correlation coefficient with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Correlation {
    /// The coefficient, from -1 to 1.
    pub r: f64,
    /// Its 95 % confidence interval; from -1 to 1 for an effective number of patches below four.
    pub interval: [f64; 2],
    /// The effective number of independent patches.
    pub effective: f64,
    /// The two-sided p-value under the hypothesis of no correlation.
    pub p: f64,
}

impl Correlation {
    fn new(r: f64, effective: f64) -> Self {
        // Two equal columns would have an interval without width.
        let clamped = r.clamp(-1.0 + 1e-12, 1.0 - 1e-12);
        let interval = if effective > 3.0 {
            let half = 1.959_964 / (effective - 3.0).sqrt();
            [-half, half].map(|half| (clamped.atanh() + half).tanh())
        } else {
            [-1.0, 1.0]
        };
        let degrees = effective - 2.0;
        let p = if degrees > 0.0 {
            student_two_sided(clamped * (degrees / (1.0 - clamped * clamped)).sqrt(), degrees)
        } else {
            1.0
        };
        Self { r, interval, effective, p }
    }
}

/// The correlation of one latent variable with a field.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LatentCorrelation {
    /// The latent variable.
    pub latent: String,
    /// Pearson's coefficient: of a linear relation.
    pub pearson: Correlation,
    /// Spearman's coefficient: of any monotonic relation.
    pub spearman: Correlation,
}

/// The correlations of the latent variables of an image with one given field.
///
/// ```
/// use adatom_interpret::{
///     FieldCorrelation, ImageFrame, Latents, PatchGrid, Window,
///     ndarray::{Array1, Array2},
/// };
/// let grid = PatchGrid::regular([ImageFrame::new(64, 64)], Window::square(4), [2, 2])?;
/// let wave = |patch: usize| {
///     let c = grid.centre(patch);
///     [(c.row / 4.0).sin(), (c.column / 3.0).cos()]
/// };
/// // Two latents that are the field and another wave, mixed: none is the field, both together are.
/// let content = Array2::from_shape_fn((grid.len(), 2), |(patch, k)| {
///     let [a, b] = wave(patch);
///     if k == 0 { (a + b) as f32 } else { (a - b) as f32 }
/// });
/// let field = Array1::from_shape_fn(grid.len(), |patch| wave(patch)[0]);
/// let found = FieldCorrelation::of(&Latents::new(&grid, content.view())?, "strain", field.view())?;
/// assert!((found.latents()[0].pearson.r - 0.7).abs() < 0.1 && found.latents()[0].pearson.p < 1e-3);
/// assert!(found.fit().r_squared > 0.9999 && found.latents()[0].pearson.effective < grid.len() as f64);
///
/// let error = FieldCorrelation::of(
///     &Latents::new(&grid, content.view())?,
///     "flat",
///     Array1::ones(grid.len()).view(),
/// );
/// assert_eq!(error.unwrap_err().to_string(), "flat has the constant value 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FieldCorrelation {
    field: String,
    patches: usize,
    latents: Vec<LatentCorrelation>,
    fit: LinearFit,
}

impl FieldCorrelation {
    /// The field `values` `[n]` of all patches, such as [`FieldSampling`](crate::FieldSampling) gives;
    /// patches where it is not finite are left out.
    ///
    /// # Errors
    /// [`LatentError::Length`] unless there is one value for each patch, [`LatentError::TooFew`] for fewer
    /// than 4 finite ones, [`LatentError::Constant`] when these, or a latent variable where they are, are all
    /// equal.
    pub fn of(latents: &Latents, field: impl Into<String>, values: ArrayView1<'_, f64>) -> Result<Self> {
        let field = field.into();
        exactly("values of the field", latents.len(), values.len())?;
        let used: Vec<usize> = (0..values.len()).filter(|&patch| values[patch].is_finite()).collect();
        at_least("patches with a value of the field", 4, used.len())?;
        varies(&field, &used, values)?;
        for (name, column) in latents.names().iter().zip(latents.values().columns()) {
            varies(name, &used, column)?;
        }
        let pairs = Pairs::new(latents.centres(), &used, latents.window());
        let (own, own_ranks) = Quantity::with_ranks(values, &used, &pairs);
        let one = |(name, column): (&String, ArrayView1<'_, f64>)| {
            let (plain, ranks) = Quantity::with_ranks(column, &used, &pairs);
            let [pearson, spearman] = [plain.with(&own), ranks.with(&own_ranks)];
            LatentCorrelation { latent: name.clone(), pearson, spearman }
        };
        let all = latents.values();
        let columns: Vec<_> = latents.names().iter().zip(all.columns()).collect();
        let correlations = columns.into_par_iter().map(one).collect();
        let fit = fit(latents, values, (&used, &pairs, &own));
        Ok(Self { field, patches: used.len(), latents: correlations, fit })
    }

    /// The name of the field.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The number of patches with a value of the field.
    pub fn patches(&self) -> usize {
        self.patches
    }

    /// The correlation of each latent variable with the field, in the order of [`Latents::names`].
    pub fn latents(&self) -> &[LatentCorrelation] {
        &self.latents
    }

    /// The linear fit of the field by all content latents.
    pub fn fit(&self) -> &LinearFit {
        &self.fit
    }
}

fn varies(what: &str, used: &[usize], values: ArrayView1<'_, f64>) -> Result<()> {
    let value = values[used[0]];
    if used.iter().all(|&patch| values[patch] == value) {
        return Err(LatentError::Constant { what: what.to_owned(), value });
    }
    Ok(())
}

/// A quantity of the used patches: its values and their spatial correlation.
struct Quantity {
    values: Vec<f64>,
    structure: Array2<f64>,
}

impl Quantity {
    fn new(all: ArrayView1<'_, f64>, used: &[usize], pairs: &Pairs) -> Self {
        let values = used.iter().map(|&patch| all[patch]).collect();
        Self { values, structure: pairs.structure(all) }
    }

    /// The quantity, and its ranks.
    fn with_ranks(all: ArrayView1<'_, f64>, used: &[usize], pairs: &Pairs) -> (Self, Self) {
        let mut ranks = Array1::from_elem(all.len(), f64::NAN);
        for (&patch, rank) in used.iter().zip(ranked(&used.iter().map(|&i| all[i]).collect::<Vec<_>>())) {
            ranks[patch] = rank;
        }
        (Self::new(all, used, pairs), Self::new(ranks.view(), used, pairs))
    }

    fn with(&self, other: &Self) -> Correlation {
        Correlation::new(pearson(&self.values, &other.values), effective(&self.structure, &other.structure))
    }
}

/// Ranks from 0; equal values share the mean of theirs.
fn ranked(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = first as f64 + (ties.len() as f64 - 1.0) / 2.0;
        ties.iter().for_each(|&index| ranks[index] = rank);
        first += ties.len();
    }
    ranks
}

/// Pearson's coefficient of two columns that vary.
fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - mean_x, y - mean_y);
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use adatom_core::{ImageFrame, PatchGrid, Window};
    use ndarray::Axis;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    /// Noise of unit variance smoothed over the patches within `reach` cells, on a grid of `side` × `side`.
    fn smooth(side: usize, reach: usize, seed: u64) -> Array1<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let broad = side + 2 * reach;
        let uniform = |random: &mut ChaCha8Rng| (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
        let noise = Array2::from_shape_simple_fn((broad, broad), || uniform(&mut random));
        Array1::from_shape_fn(side * side, |i| {
            let (row, column) = (i / side, i % side);
            let around = |first: usize| first..=first + 2 * reach;
            around(row).flat_map(|r| around(column).map(move |c| (r, c))).map(|at| noise[at]).sum()
        })
    }

    #[test]
    fn unrelated_smooth_fields_are_seldom_called_related() {
        let side = 24;
        let grid =
            PatchGrid::regular([ImageFrame::new(4 * side, 4 * side)], Window::square(4), [4, 4]).unwrap();
        let trials = 120;
        let (mut by_us, mut naive, mut covered) = (0, 0, 0);
        for trial in 0..trials {
            let (x, y) = (smooth(side, 3, 2 * trial), smooth(side, 3, 2 * trial + 1));
            let content = x.mapv(|x| x as f32).insert_axis(Axis(1));
            let latents = Latents::new(&grid, content.view()).unwrap();
            let found = FieldCorrelation::of(&latents, "field", y.view()).unwrap();
            let pearson = found.latents()[0].pearson;
            by_us += usize::from(pearson.p < 0.05);
            covered += usize::from(pearson.interval[0] < 0.0 && pearson.interval[1] > 0.0);
            naive += usize::from(Correlation::new(pearson.r, (side * side) as f64).p < 0.05);
        }
        // Binomial of 120 with 0.05: mean 6, 15 or more happen with probability 0.001.
        assert!(by_us < 15, "{by_us} of {trials}");
        assert!(covered > 105, "{covered} of {trials}");
        assert!(naive > 60, "the patches are not independent: {naive} of {trials}");
    }

    #[test]
    fn coefficients_are_those_of_the_definitions() {
        // x = 1, 2, 3, 4, y = 1, 4, 9, 16: Σ(x - 2.5)(y - 7.5) = 25, Σ(x - 2.5)² = 5, Σ(y - 7.5)² = 129.
        let (x, y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 4.0, 9.0, 16.0]);
        assert!((pearson(&x, &y) - 25.0 / (5.0f64 * 129.0).sqrt()).abs() < 1e-15);
        assert_eq!(ranked(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
        // r = 0.5 of 28 independent values: atanh 0.5 = 0.5493, ± 1.96 / 5 = 0.392: tanh 0.1573 and tanh
        // 0.9413.
        let found = Correlation::new(0.5, 28.0);
        assert!((found.interval[0] - 0.1560).abs() < 1e-4 && (found.interval[1] - 0.7359).abs() < 1e-4);
        // t = 0.5 √(26 / 0.75) = 2.944 with 26 degrees: p = 0.0067.
        assert!((found.p - 0.0067).abs() < 1e-4, "{}", found.p);
        assert_eq!(Correlation::new(0.99, 1.5).interval, [-1.0, 1.0]);
        assert_eq!(Correlation::new(0.99, 1.5).p, 1.0);
    }

    #[test]
    fn a_monotonic_relation_has_a_larger_rank_correlation() {
        let grid = PatchGrid::regular([ImageFrame::new(80, 80)], Window::square(4), [4, 4]).unwrap();
        let x = smooth(20, 0, 5);
        let content = x.mapv(|x| x as f32).insert_axis(Axis(1));
        let field = content.column(0).mapv(|x| f64::from(8.0 * x).exp());
        let latents = Latents::new(&grid, content.view()).unwrap();
        let found = FieldCorrelation::of(&latents, "field", field.view()).unwrap();
        let LatentCorrelation { pearson, spearman, .. } = &found.latents()[0];
        assert!((spearman.r - 1.0).abs() < 1e-12 && pearson.r < 0.9, "{spearman:?} {pearson:?}");
    }

    #[test]
    fn a_field_with_gaps_is_correlated_where_it_is_known() {
        let grid = PatchGrid::regular([ImageFrame::new(80, 80)], Window::square(4), [4, 4]).unwrap();
        let content = smooth(20, 1, 6).mapv(|x| x as f32).insert_axis(Axis(1));
        let mut field = content.column(0).mapv(f64::from);
        field.iter_mut().step_by(3).for_each(|value| *value = f64::NAN);
        let latents = Latents::new(&grid, content.view()).unwrap();
        let found = FieldCorrelation::of(&latents, "field", field.view()).unwrap();
        assert_eq!(found.patches(), 266);
        assert!(found.fit().r_squared > 0.999_999 && found.fit().held_out.unwrap() > 0.999_999);
        let error = FieldCorrelation::of(&latents, "field", field.mapv(|_| f64::NAN).view()).unwrap_err();
        assert_eq!(error.to_string(), "expected at least 4 patches with a value of the field, found 0");
        let error = FieldCorrelation::of(&latents, "field", Array1::ones(3).view()).unwrap_err();
        assert_eq!(error.to_string(), "expected 400 values of the field, found 3");
    }

    #[test]
    fn what_is_known_by_chance_alone_is_worth_nothing_on_other_parts() {
        // Twelve smooth latents and a smooth field that have nothing to do with each other.
        let grid = PatchGrid::regular([ImageFrame::new(96, 96)], Window::square(4), [4, 4]).unwrap();
        let columns: Vec<Array1<f64>> = (0..12).map(|k| smooth(24, 4, 100 + k)).collect();
        let content = Array2::from_shape_fn((576, 12), |(patch, k)| columns[k][patch] as f32);
        let field = smooth(24, 4, 50);
        let latents = Latents::new(&grid, content.view()).unwrap();
        let found = FieldCorrelation::of(&latents, "field", field.view()).unwrap();
        let fit = found.fit();
        assert!(fit.r_squared > 0.2 && fit.p > 0.01, "{} {}", fit.r_squared, fit.p);
        assert!(fit.held_out.unwrap() < 0.5 * fit.r_squared, "{:?} {}", fit.held_out, fit.r_squared);
    }
}
