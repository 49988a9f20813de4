//! E0, the energy of the absorption edge: the steepest rise of μ, found as in Larch (Newville, *J. Phys.
//! Conf. Ser.* 430, 012007, 2013).
//!
//! Δμ/ΔE by central differences, scaled to 0..1; E0 is the largest value above 0.6 whose two neighbours
//! exceed 0.6 as well, so that a single glitch is not an edge. The first pass uses the raw derivative, the
//! second one 75 points on both sides, smoothed by a Lorentzian as wide as the step.

use super::contiguous;
use super::convolve::{EvenGrid, Kernel, convolve};
use crate::{Absorption, Error, Result, Xanes};

/// The smallest number of points with an edge: two derivatives, three excluded points at both ends, and the
/// excluded last point.
const FEWEST: usize = 9;

/// In spectra of at most so many points, the three excluded points at each end may contain the edge.
const COARSE: usize = 21;

/// The energy of the absorption edge, eV: the point of the grid where μ rises most steeply.
///
/// In a calculated spectrum ([`Absorption::Calculated`]), which has neither noise nor glitches, it is the
/// point with the largest derivative. In a measured one, it is the point that Larch finds, with these
/// differences:
///
/// | case | Larch | here |
/// |---|---|---|
/// | μ does not rise | a point near the start | [`Error::NoEdge`] |
/// | fewer than 15 points | fails | the derivative is not smoothed |
/// | at most 21 points, steepest rise not at or next to E0 | some point | [`Error::UncertainEdge`] |
///
/// # Errors
/// [`Error::TooFew`] for fewer than 9 points (3 of a calculated spectrum); [`Error::NoEdge`];
/// [`Error::UncertainEdge`].
///
/// ```
/// use adatom_spectra::{EnergyGrid, Xanes, find_e0};
/// let energy = EnergyGrid::new((0..200).map(|i| 8900.0 + f64::from(i)).collect::<Vec<_>>())?;
/// let step = energy.values().mapv(|e| ((e - 8980.0) / 2.0).atan());
/// assert_eq!(find_e0(&Xanes::new(energy.clone(), step)?)?, 8980.0);
///
/// let error = find_e0(&Xanes::new(energy, vec![1.0; 200])?).unwrap_err();
/// assert_eq!(error.to_string(), "no absorption edge between 8900 and 9099 eV");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub fn find_e0(xanes: &Xanes) -> Result<f64> {
    let (energy, mu) = (contiguous(xanes.energy().values()), contiguous(xanes.mu()));
    match xanes.absorption() {
        Absorption::Calculated => calculated_e0(&energy, &mu),
        _ => measured_e0(&energy, &mu),
    }
}

/// E0 of a measured spectrum.
pub(super) fn measured_e0(energy: &[f64], mu: &[f64]) -> Result<f64> {
    enough(energy, FEWEST)?;
    let e0 = larch_e0(energy, mu)?;
    if energy.len() <= COARSE { confirmed(energy, mu, e0) } else { Ok(e0) }
}

fn enough(energy: &[f64], least: usize) -> Result<()> {
    if energy.len() >= least {
        return Ok(());
    }
    Err(Error::TooFew { what: "points to find an absorption edge".into(), least, found: energy.len() })
}

/// An E0 that is the point with the largest derivative or one of its neighbours.
fn confirmed(energy: &[f64], mu: &[f64], e0: f64) -> Result<f64> {
    let slope = central_slope(energy, mu);
    let steepest = (0..slope.len()).max_by(|&a, &b| slope[a].total_cmp(&slope[b])).unwrap_or(0);
    let neighbours = &energy[steepest.saturating_sub(1)..(steepest + 2).min(energy.len())];
    if neighbours.contains(&e0) {
        return Ok(e0);
    }
    Err(Error::UncertainEdge { points: energy.len(), steepest: energy[steepest], candidate: e0 })
}

/// The E0 of Larch.
fn larch_e0(energy: &[f64], mu: &[f64]) -> Result<f64> {
    let count = energy.len();
    // Larch drops the last point in both passes.
    let known = &energy[..count - 1];
    let found = steepest(central_slope(known, &mu[..count - 1]));
    let first = found.unwrap_or(0);
    let (centre, start, stop) = if (first as f64) < 0.05 * count as f64 {
        (energy.iter().sum::<f64>() / count as f64, first.saturating_sub(20).max(3), count - 3)
    } else {
        (energy[first], first.saturating_sub(75).max(3), (first + 75).min(count - 3))
    };
    let no_edge = Error::NoEdge { from: energy[0], to: energy[count - 1] };
    let unsmoothed = found.map(|index| energy[index]).ok_or(no_edge);
    if stop.saturating_sub(start) < FEWEST {
        return unsmoothed;
    }
    let (energy, mu) = (&energy[start..stop - 1], &mu[start..stop - 1]);
    let step = 0.5 * (typical_step(known).clamp(0.01, 1.0) + (centre / 25_000.0).clamp(0.01, 1.0));
    let slope = central_slope(energy, mu);
    let smooth = convolve(energy, &slope, EvenGrid::over(energy, step), Kernel::Lorentzian(1.0));
    steepest(smooth).map_or(unsmoothed, |index| Ok(energy[index]))
}

/// E0 of a calculated spectrum: the first of the points with the largest derivative.
pub(super) fn calculated_e0(energy: &[f64], mu: &[f64]) -> Result<f64> {
    let count = energy.len();
    enough(energy, 3)?;
    let slope = central_slope(energy, mu);
    let best = slope
        .iter()
        .enumerate()
        .filter(|(_, slope)| slope.is_finite())
        .fold((0, 0.0), |best, (index, &slope)| if slope > best.1 { (index, slope) } else { best });
    match best {
        (_, 0.0) => Err(Error::NoEdge { from: energy[0], to: energy[count - 1] }),
        (index, _) => Ok(energy[index]),
    }
}

/// Central differences, one-sided at the ends.
fn central_slope(energy: &[f64], mu: &[f64]) -> Vec<f64> {
    let last = energy.len() - 1;
    let slope = |index: usize| {
        let (left, right) = (index.saturating_sub(1), (index + 1).min(last));
        (mu[right] - mu[left]) / (energy[right] - energy[left])
    };
    (0..=last).map(slope).collect()
}

/// The mean of the ten smallest steps, without both ends and the smallest 1 % of the steps. As in Larch, it
/// is 1 for fewer than a hundred points.
fn typical_step(energy: &[f64]) -> f64 {
    let skip = energy.len() / 100;
    if skip == 0 {
        return 1.0;
    }
    let inner = &energy[skip..energy.len() - 1 - skip];
    let mut steps: Vec<f64> = inner.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    let chosen = &steps[skip.min(steps.len())..(skip + 10).min(steps.len())];
    if chosen.is_empty() { 1.0 } else { chosen.iter().sum::<f64>() / chosen.len() as f64 }
}

/// The largest value above the threshold whose neighbours are above it as well.
fn steepest(mut slope: Vec<f64>) -> Option<usize> {
    slope.iter_mut().filter(|slope| !slope.is_finite()).for_each(|slope| *slope = -1.0);
    let count = slope.len();
    let margin = (count / 50).max(3);
    let inner = slope.get(margin..count.checked_sub(margin)?)?;
    let low = inner.iter().copied().fold(f64::INFINITY, f64::min);
    let range = inner.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
    // Larch has a lower limit of 1e-10 here and does not find an edge in a spectrum in square metres.
    if !range.is_finite() || range <= 0.0 {
        return None;
    }
    slope.iter_mut().for_each(|slope| *slope = (*slope - low) / range);

    let above = |threshold: f64| slope.iter().filter(|slope| **slope > threshold).count();
    let mut threshold = if count > 20 { 0.6 } else { 0.3 };
    if above(threshold) < 3 {
        threshold *= 0.5;
        if above(threshold) <= 3 {
            threshold *= 0.5;
        }
    }
    if above(threshold) < 3 {
        threshold = f64::NEG_INFINITY;
    }
    let mut best = None;
    let mut highest = 0.0;
    for index in margin..=(count - margin).min(count - 2) {
        let neighbours = slope[index - 1] > threshold && slope[index + 1] > threshold;
        if slope[index] > threshold && slope[index] > highest && neighbours {
            (best, highest) = (Some(index), slope[index]);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arctangent(count: u32, e0: f64) -> (Vec<f64>, Vec<f64>) {
        (0..count).map(|i| 7000.0 + f64::from(i)).map(|e| (e, ((e - e0) / 1.5).atan())).unzip()
    }

    #[test]
    fn a_glitch_of_one_point_is_not_an_edge() {
        let (energy, mut mu) = arctangent(150, 7080.0);
        mu[30] += 5.0;
        assert_eq!(measured_e0(&energy, &mu).unwrap(), 7080.0);
    }

    #[test]
    fn the_unit_of_mu_does_not_matter() {
        let (energy, mu) = arctangent(150, 7080.0);
        let tiny: Vec<f64> = mu.iter().map(|mu| 1e-24 * mu).collect();
        assert_eq!(measured_e0(&energy, &tiny).unwrap(), 7080.0);
    }

    #[test]
    fn ten_points_are_enough_and_eight_are_not() {
        let (energy, mu) = arctangent(10, 7005.0);
        assert_eq!(measured_e0(&energy, &mu).unwrap(), 7005.0);
        let error = measured_e0(&energy[..8], &mu[..8]).unwrap_err().to_string();
        assert_eq!(error, "expected at least 9 points to find an absorption edge, found 8");
    }

    #[test]
    fn an_edge_near_the_end_of_twelve_points_is_not_replaced_by_a_point_below_it() {
        // Steps of 5 eV: the edge lies within the three last points, where Larch does not look for it.
        let energy: Vec<f64> = (0..12).map(|i| 8950.0 + 5.0 * f64::from(i)).collect();
        let noise = [0.0, 0.002, -0.001, 0.001, 0.0, 0.003, -0.002, 0.0, 0.001, 0.0, 0.0, 0.0];
        let edge = |e: f64| 1.0 / (1.0 + ((8999.0 - e) / 1.5).exp());
        let mu: Vec<f64> = energy.iter().zip(noise).map(|(&e, noise)| edge(e) + noise).collect();
        assert!(larch_e0(&energy, &mu).unwrap() < 8996.0);
        let error = measured_e0(&energy, &mu).unwrap_err();
        let Error::UncertainEdge { points, steepest, candidate } = error else { panic!("{error}") };
        assert_eq!((points, steepest), (12, 9000.0));
        assert!(candidate < 8996.0, "{candidate}");
        // In the middle of the spectrum it is found.
        let edge = |e: f64| 1.0 / (1.0 + ((8975.0 - e) / 1.5).exp());
        let mu: Vec<f64> = energy.iter().zip(noise).map(|(&e, noise)| edge(e) + noise).collect();
        assert_eq!(measured_e0(&energy, &mu).unwrap(), 8975.0);
    }

    #[test]
    fn a_falling_calculated_spectrum_has_no_edge() {
        let error = calculated_e0(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]).unwrap_err();
        assert_eq!(error.to_string(), "no absorption edge between 1 and 3 eV");
    }
}
