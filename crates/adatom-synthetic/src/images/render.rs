//! Paints the columns of a generated lattice: Gaussians on a slow background, and noise.

use std::f64::consts::TAU;

use ndarray::Array2;

use super::LatticeImage;
use super::geometry::{ColumnB, REACH};
use crate::random::Random;

/// Keeps the stream of the noise apart from that of the lattice's origin.
const NOISE_STREAM: u64 = 0x6e6f_6973;

pub(super) fn render(lattice: &LatticeImage, a: &[[f64; 2]], b: &[ColumnB]) -> Array2<f32> {
    let (height, width) = (lattice.height, lattice.width);
    let mut intensity = Array2::from_shape_fn((height, width), |(row, column)| {
        let phase = [row as f64 / height as f64, column as f64 / width as f64];
        let wave = (TAU * (0.35 * phase[0] + 0.15)).sin() * (TAU * (0.4 * phase[1] + 0.05)).cos();
        lattice.background * (1.0 + 0.5 * wave)
    });
    for &at in a {
        add_column(&mut intensity, at, 1.0, lattice.column_width);
    }
    for column in b {
        let peak = lattice.b_intensity * (1.0 + lattice.composition * column.composition);
        add_column(&mut intensity, column.at, peak, lattice.column_width);
    }
    let mut random = Random::new(lattice.seed ^ NOISE_STREAM, 0);
    intensity.mapv(|clean| {
        let counted = lattice.dose.map_or(clean, |dose| random.poisson(clean * dose) / dose);
        let noisy = if lattice.noise > 0.0 { counted + lattice.noise * random.normal() } else { counted };
        noisy as f32
    })
}

/// Adds one Gaussian, the product of one along rows and one along columns.
fn add_column(intensity: &mut Array2<f64>, at: [f64; 2], peak: f64, deviation: f64) {
    let (height, width) = intensity.dim();
    let range = |centre: f64, extent: usize| {
        // Clamped to the image first, so that the floats are whole numbers of its pixels.
        let first = (centre - REACH * deviation).ceil().clamp(0.0, extent as f64) as usize;
        let end = ((centre + REACH * deviation).floor() + 1.0).clamp(0.0, extent as f64) as usize;
        first..end.max(first)
    };
    let profile = |place: usize, centre: f64| (-0.5 * ((place as f64 - centre) / deviation).powi(2)).exp();
    let columns = range(at[1], width);
    let along: Vec<f64> = columns.clone().map(|column| profile(column, at[1])).collect();
    for row in range(at[0], height) {
        let down = peak * profile(row, at[0]);
        for (column, along) in columns.clone().zip(&along) {
            intensity[[row, column]] += down * along;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LatticeImage;

    #[test]
    fn the_same_seed_gives_the_same_pixels_and_another_seed_others() {
        let make = |seed| LatticeImage::new(40, 50).seed(seed).dose(50.0).generate().unwrap();
        assert_eq!(make(1), make(1));
        assert_ne!(make(1).image, make(2).image);
    }

    #[test]
    fn columns_are_the_brightest_places_and_lie_where_the_truth_says() {
        let lattice =
            LatticeImage::new(120, 90).strain(0.03).angle(0.2).noise(0.0).background(0.0).generate().unwrap();
        let pixels = lattice.image.pixels();
        // A Gaussian of width 2.6 falls by 1 - exp(-0.5 · 0.5/2.6²) ≈ 4 % within half a pixel along both
        // axes.
        for (columns, height) in [(&lattice.a_columns, 1.0), (&lattice.b_columns, 0.5)] {
            assert!(columns.nrows() > 15);
            for at in columns.rows() {
                let pixel = pixels[[at[0].round() as usize, at[1].round() as usize]];
                assert!((pixel / height - 1.0).abs() < 0.06, "{pixel} at {at}");
            }
        }
    }

    #[test]
    fn brightness_of_b_follows_the_composition() {
        let plain = LatticeImage::new(120, 120).displacement(0.0).noise(0.0).background(0.0);
        let lattice = plain.composition(0.4).generate().unwrap();
        let mut seen = [f64::MAX, f64::MIN];
        for at in lattice.b_columns.rows() {
            let (row, column) = (at[0].round(), at[1].round());
            let composition = lattice.composition_at(at[0], at[1]);
            let expected = 0.5 * (1.0 + 0.4 * composition);
            let pixel = f64::from(lattice.image.pixels()[[row as usize, column as usize]]);
            assert!((pixel / expected - 1.0).abs() < 0.06, "{pixel} for {expected}");
            seen = [seen[0].min(composition), seen[1].max(composition)];
        }
        assert!(seen[0] < -0.5 && seen[1] > 0.5, "{seen:?}");
    }

    #[test]
    fn each_displacement_is_that_of_the_field_at_its_cell() {
        let lattice =
            LatticeImage::new(100, 100).strain(0.02).cell([18.3, 21.9]).displacement(2.5).generate().unwrap();
        for (at, shift) in lattice.b_columns.rows().into_iter().zip(lattice.displacement.rows()) {
            let centre = [at[0] - shift[0], at[1] - shift[1]];
            let field = lattice.displacement_at(centre[0], centre[1]);
            // The subtraction above rounds a position of about 100, and with it the field.
            assert!((field[0] - shift[0]).abs() < 1e-12 && (field[1] - shift[1]).abs() < 1e-12);
            let phase = lattice.phase(centre[0], centre[1]);
            assert!(phase.iter().all(|x| (x.abs() - 0.5).abs() < 1e-9), "{phase:?}");
        }
        let largest = lattice.displacement.rows().into_iter().map(|u| u[0].hypot(u[1])).fold(0.0, f64::max);
        assert!(largest <= 2.5 && largest > 2.0, "{largest}");
    }

    #[test]
    fn the_background_is_where_no_column_is() {
        let dark = LatticeImage::new(60, 60).noise(0.0).b_intensity(0.0).cell([60.0, 60.0]).background(0.2);
        let statistics = dark.generate().unwrap().image.statistics().unwrap();
        assert!(statistics.min >= 0.1 && statistics.min <= 0.3, "{statistics:?}");
    }
}
