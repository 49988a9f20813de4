//! The pre-edge line and the post-edge polynomial of a normalisation, and their difference at E0.

use ndarray::Array1;

use super::super::edge::{calculated_e0, measured_e0};
use super::super::polynomial::Polynomial;
use super::{Normalization, NormalizationMethod, all_finite, positive};
use crate::{Error, Result};

/// The highest degree of the post-edge polynomial.
const HIGHEST_DEGREE: usize = 5;

/// A smaller edge step, relative to the largest |μ|, is a rounding error.
const SMALLEST_STEP: f64 = 1e-13;

/// The edge, the settings and the fitted curves of a normalisation; ranges are in eV relative to `e0`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EdgeFit {
    /// The energy of the edge, eV.
    pub e0: f64,
    /// The edge step Δμ, in the unit of μ.
    pub edge_step: f64,
    /// The start of the pre-edge range.
    pub pre1: f64,
    /// The end of the pre-edge range.
    pub pre2: f64,
    /// The start of the post-edge range.
    pub norm1: f64,
    /// The end of the post-edge range.
    pub norm2: f64,
    /// The degree of the post-edge polynomial.
    pub nnorm: usize,
    /// The exponent of E in the pre-edge fit.
    pub nvict: i32,
    /// c0 and c1 of (c0 + c1 E) E^-nvict.
    pub pre_coefficients: [f64; 2],
    /// The coefficients of post - pre in powers of E, the constant first.
    pub post_coefficients: Vec<f64>,
    /// The pre-edge curve, `[energies]`.
    pub pre_edge: Array1<f64>,
    /// The post-edge curve, `[energies]`.
    pub post_edge: Array1<f64>,
    /// The index of the point nearest to E0.
    pub(super) index: usize,
}

/// An interval of energies relative to E0, eV.
#[derive(Clone, Copy)]
struct Interval {
    start: f64,
    end: f64,
}

/// The ranges and the degree of the fits.
struct Ranges {
    pre: Interval,
    norm: Interval,
    nnorm: usize,
    /// Whether the pre-edge curve is the mean of its few points instead of a line.
    mean: bool,
}

/// The pre-edge curve at all points, and its coefficients c0 and c1.
struct PreEdge {
    curve: Array1<f64>,
    coefficients: [f64; 2],
}

impl PreEdge {
    fn constant(value: f64, points: usize) -> Self {
        Self { curve: Array1::from_elem(points, value), coefficients: [value, 0.0] }
    }
}

impl Normalization {
    pub(super) fn fit_edge(
        &self,
        energy: &[f64],
        mu: &[f64],
        method: NormalizationMethod,
    ) -> Result<EdgeFit> {
        self.check()?;
        let calculated = method == NormalizationMethod::Calculated;
        let (first, last) = (energy[0], energy[energy.len() - 1]);
        let e0 = match self.e0 {
            Some(e0) if e0 < first || e0 > last => return Err(outside(energy, e0)),
            Some(e0) if energy.len() >= 3 => e0,
            _ if calculated => calculated_e0(energy, mu)?,
            _ => measured_e0(energy, mu)?,
        };
        let index = nearest(energy, e0);
        let mut ranges = self.ranges(energy, e0, index)?;
        let nvict = if ranges.mean || calculated { 0 } else { self.nvict };
        if calculated {
            ranges.pre = Interval { start: first - e0, end: first - e0 };
        }
        let pre_edge = match calculated {
            true => PreEdge::constant(mu[0], mu.len()),
            false => self::pre_edge(energy, mu, e0, &ranges, nvict),
        };
        let PreEdge { curve: pre_edge, coefficients: pre_coefficients } = pre_edge;
        let left: Vec<f64> = mu.iter().zip(&pre_edge).map(|(mu, pre)| mu - pre).collect();
        let above = post_edge(energy, &left, e0, &ranges);
        let rise: Array1<f64> = energy.iter().map(|&e| above.at(e)).collect();
        let edge_step = match self.edge_step {
            Some(edge_step) => positive("the edge step", edge_step)?,
            None => significant(rise[index].abs(), mu)?,
        };
        Ok(EdgeFit {
            e0,
            edge_step,
            pre1: ranges.pre.start,
            pre2: ranges.pre.end,
            norm1: ranges.norm.start,
            norm2: ranges.norm.end,
            nnorm: above.degree(),
            nvict,
            pre_coefficients,
            post_coefficients: above.powers(),
            post_edge: all_finite("the post-edge curve", &pre_edge + &rise)?,
            pre_edge: all_finite("the pre-edge curve", pre_edge)?,
            index,
        })
    }

    /// Checks that the settings are valid.
    fn check(&self) -> Result<()> {
        let numbers = [
            ("e0", self.e0),
            ("pre1", self.pre1),
            ("pre2", self.pre2),
            ("norm1", self.norm1),
            ("norm2", self.norm2),
        ];
        for (what, value) in numbers {
            if let Some(found) = value.filter(|value| !value.is_finite()) {
                let expected = "a finite number".into();
                return Err(Error::Argument { what, expected, found: found.to_string() });
            }
        }
        let degree = self.nnorm.filter(|&nnorm| nnorm > HIGHEST_DEGREE);
        let power = Some(self.nvict).filter(|nvict| !(-10..=10).contains(nvict));
        match (degree, power) {
            (Some(nnorm), _) => {
                Err(Error::Argument { what: "nnorm", expected: "0 to 5".into(), found: nnorm.to_string() })
            }
            (_, Some(nvict)) => {
                Err(Error::Argument { what: "nvict", expected: "-10 to 10".into(), found: nvict.to_string() })
            }
            _ => Ok(()),
        }
    }

    fn ranges(&self, energy: &[f64], e0: f64, index: usize) -> Result<Ranges> {
        let (first, last) = (energy[0] - e0, energy[energy.len() - 1] - e0);
        // The first point is left out, because it is often bad.
        let rounding = if index > 20 { 5.0 } else { 2.0 };
        let second = energy[1.min(energy.len() - 1)] - e0;
        let pre1 = self.pre1.unwrap_or_else(|| round_to(second, rounding)).max(first);
        let pre2 = self.pre2.unwrap_or(0.5 * pre1);
        if pre2 < first && self.pre2.is_some() {
            return Err(outside(energy, e0 + pre2));
        }
        let pre = Interval { start: pre1.min(pre2), end: pre1.max(pre2) };
        if pre.start > last {
            return Err(outside(energy, e0 + pre.start));
        }
        let begin = at_or_below(energy.iter().map(|e| e - e0), pre.start);
        let end = at_or_below(energy.iter().map(|e| e - e0), pre.end);

        let norm2 = match self.norm2 {
            None => round_to(last, 5.0),
            Some(norm2) if norm2 < 0.0 => last + norm2,
            Some(norm2) => norm2,
        };
        let norm2 = norm2.min(last);
        let norm1 = self.norm1.unwrap_or_else(|| (5.0 * (norm2 / 15.0).round_ties_even()).min(25.0));
        if norm1 > last || norm2 < first {
            return Err(outside(energy, e0 + if norm1 > last { norm1 } else { norm2 }));
        }
        let (norm1, norm2) = (norm1.min(norm2), norm1.max(norm2));
        let norm1 = norm1.min(norm2 - 2.0);
        let automatic = match norm2 - norm1 {
            range if range < 30.0 => 0,
            range if range < 300.0 => 1,
            _ => 2,
        };
        let nnorm = self.nnorm.unwrap_or(automatic);
        Ok(Ranges { pre, norm: Interval { start: norm1, end: norm2 }, nnorm, mean: end - begin < 3 })
    }
}

/// The fitted pre-edge curve.
fn pre_edge(energy: &[f64], mu: &[f64], e0: f64, ranges: &Ranges, nvict: i32) -> PreEdge {
    let begin = at_or_below(energy.iter().copied(), ranges.pre.start + e0);
    let end = nearest(energy, ranges.pre.end + e0).max(begin);
    if ranges.mean {
        let chosen = &mu[begin..end.max(begin + 1)];
        let mean = chosen.iter().sum::<f64>() / chosen.len() as f64;
        return PreEdge::constant(mean, mu.len());
    }
    let end = if end - begin < 2 { (begin + 2).min(mu.len()) } else { end };
    let scaled: Vec<f64> = match nvict {
        0 => mu[begin..end].to_vec(),
        _ => mu[begin..end].iter().zip(&energy[begin..end]).map(|(mu, e)| mu * e.powi(nvict)).collect(),
    };
    let line = Polynomial::fit(&energy[begin..end], &scaled, 1);
    let powers = line.powers();
    let curve = match nvict {
        0 => energy.iter().map(|&e| line.at(e)).collect(),
        _ => energy.iter().map(|&e| line.at(e) * e.powi(-nvict)).collect(),
    };
    PreEdge { curve, coefficients: [powers[0], powers.get(1).copied().unwrap_or(0.0)] }
}

/// The polynomial fitted to μ minus the pre-edge curve, `left`, above the edge.
fn post_edge(energy: &[f64], left: &[f64], e0: f64, ranges: &Ranges) -> Polynomial {
    let begin = at_or_below(energy.iter().copied(), ranges.norm.start + e0);
    let begin = begin.min(energy.len().saturating_sub(3));
    let end = nearest(energy, ranges.norm.end + e0).max(begin);
    let (begin, degree) = match end - begin {
        0 | 1 => (begin.saturating_sub(2), 0),
        2..5 => (begin, ranges.nnorm.min(1)),
        _ => (begin, ranges.nnorm),
    };
    let end = end.max(begin + 1);
    Polynomial::fit(&energy[begin..end], &left[begin..end], degree)
}

fn significant(edge_step: f64, mu: &[f64]) -> Result<f64> {
    let largest = mu.iter().fold(0.0_f64, |largest, mu| largest.max(mu.abs()));
    let found = positive("the edge step", edge_step)?;
    if found > SMALLEST_STEP * largest {
        Ok(found)
    } else {
        Err(Error::Scale { quantity: "the edge step", found })
    }
}

fn outside(energy: &[f64], requested: f64) -> Error {
    let (from, to) = (energy[0], energy[energy.len() - 1]);
    Error::OutOfRange { what: "the spectrum".into(), from, to, unit: "eV", requested }
}

/// The nearest multiple of a step; ties go to the even multiple.
fn round_to(value: f64, step: f64) -> f64 {
    step * (value / step).round_ties_even()
}

/// The last point not above a value, or the first one.
fn at_or_below(mut sorted: impl Iterator<Item = f64>, value: f64) -> usize {
    let mut count = 0;
    while sorted.next().is_some_and(|point| point <= value) {
        count += 1;
    }
    usize::saturating_sub(count, 1)
}

/// The point nearest to a value, the lower one of two equally near ones.
fn nearest(energy: &[f64], value: f64) -> usize {
    let above = energy.partition_point(|&e| e < value);
    match above {
        0 => 0,
        _ if above == energy.len() => above - 1,
        _ if (energy[above - 1] - value).abs() <= (energy[above] - value).abs() => above - 1,
        _ => above,
    }
}
