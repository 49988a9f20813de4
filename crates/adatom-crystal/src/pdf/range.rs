//! Which points are calculated, so that the requested ones have the tails and the ripples of what lies beyond
//! them.
//!
//! | range | points |
//! |---|---|
//! | requested | from rmin to rmax |
//! | transformed | that, and 6 ripples 2π / qmax on both sides where qmax cuts |
//! | summed | that, and the half-width of the broadest peak on both sides; at most 10 Å more than was requested |

use std::f64::consts::PI;
use std::ops::Range;

use super::atoms::Atoms;
use super::peak;
use super::settings::Settings;
use crate::{Error, Result};

const RIPPLES: f64 = 6.0;
const MAX_EXTENSION: f64 = 10.0;
const MAX_POINTS: usize = 1 << 22;

/// Two numbers that differ by less than this are equal to libdiffpy, which decides some first points of
/// grids.
pub(super) const EQUAL: f64 = 1.490_116_119_384_765_6e-8;

/// Multiples of rstep, the ends excluded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranges {
    pub(super) step: f64,
    pub(super) requested: Range<usize>,
    pub(super) transformed: Range<usize>,
    pub(super) summed: Range<usize>,
    /// Points of the sine transform without its odd half.
    pub(super) padded: usize,
    /// Which points of the transform are kept; none if nothing is cut.
    pub(super) kept: Option<Range<usize>>,
}

impl Ranges {
    pub(super) fn of(settings: &Settings, atoms: &Atoms) -> Result<Self> {
        let step = settings.rstep;
        let nyquist = PI / step;
        let qmax = if settings.qmax > 0.0 { settings.qmax.min(nyquist) } else { nyquist };
        let cut = qmax < nyquist - EQUAL;
        let ripples = if cut && qmax > EQUAL { RIPPLES * 2.0 * PI / qmax } else { 0.0 };
        let tails = peak::half_width(broadest(settings, atoms));
        let total = ripples + tails;
        let shrink = if total > MAX_EXTENSION { MAX_EXTENSION / total } else { 1.0 };
        let (ripples, total) = (ripples * shrink, total * shrink);
        if (settings.rmax + total) / step > MAX_POINTS as f64 {
            let found = ((settings.rmax + total) / step) as usize;
            return Err(Error::TooLarge { what: "points of a PDF", limit: MAX_POINTS, found });
        }
        let steps = |extension: f64| {
            first(settings.rmin - extension, step)..((settings.rmax + extension) / step).ceil() as usize
        };
        let (requested, transformed, summed) = (steps(0.0), steps(ripples), steps(total));
        if requested.is_empty() {
            let found = format!("{} with rmin {} and rstep {step}", settings.rmax, settings.rmin);
            return Err(Error::Argument { what: "rmax", expected: "a step beyond rmin".into(), found });
        }
        let padded = transformed.end.next_power_of_two();
        let qstep = PI / (padded as f64 * step);
        let kept = first(settings.qmin, qstep)..((qmax / qstep).ceil() as usize).min(padded);
        // F(0) is 0, so that a cut at the first point cuts nothing.
        let kept = (cut || kept.start > 1).then_some(kept);
        Ok(Self { step, requested, transformed, summed, padded, kept })
    }
}

/// The first multiple of a step that is not below a value.
fn first(value: f64, step: f64) -> usize {
    let steps = (value / step).ceil();
    let steps = if (value - (steps - 1.0) * step).abs() <= EQUAL { steps - 1.0 } else { steps };
    steps.max(0.0) as usize
}

/// The largest full width at half maximum, if neighbours move independently or are broadened at the ends.
fn broadest(settings: &Settings, atoms: &Atoms) -> f64 {
    let ends = [settings.rmin, settings.rmax].map(|r| peak::correction(settings, r));
    peak::full_width(2.0 * atoms.largest_u()) * ends[0].max(ends[1]).max(1.0).sqrt()
}
