//! Scales: limits that are robust against outliers, round ticks, round lengths.

use crate::text::{fixed, power_of_ten};
use crate::{Error, Result};

/// How the limits of a colour scale are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Limits {
    /// The 1st to the 99th percentile.
    Percentiles,
    /// Percentiles, symmetrical about zero.
    Symmetrical,
    /// Given limits.
    Given([f64; 2]),
}

impl Limits {
    /// From −π to π, for angles in radians.
    pub const TURN: Self = Self::Given([-std::f64::consts::PI, std::f64::consts::PI]);

    /// The given limits.
    ///
    /// # Errors
    /// [`Error::Limits`] unless both are finite and `low` is below `high`.
    pub fn given(low: f64, high: f64) -> Result<Self> {
        if low.is_finite() && high.is_finite() && low < high {
            Ok(Self::Given([low, high]))
        } else {
            Err(Error::Limits { low, high })
        }
    }

    /// The limits for `values` and whether values lie outside them; `None` when no value is finite.
    pub fn of(self, values: impl Iterator<Item = f64>) -> Option<Span> {
        let mut finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        if finite.is_empty() {
            return None;
        }
        let [smallest, largest] = quantiles(&mut finite, [0.0, 1.0]);
        let [low, high] = quantiles(&mut finite, [0.01, 0.99]);
        let [low, high] = match self {
            Self::Given(limits) => limits,
            // A map of few distinct values may have no spread between the percentiles.
            Self::Percentiles if high > low => [low, high],
            Self::Percentiles => [smallest, largest],
            Self::Symmetrical => {
                let robust = low.abs().max(high.abs());
                let end = if robust > 0.0 { robust } else { smallest.abs().max(largest.abs()) };
                [-end, end]
            }
        };
        let limits = widened([low, high]);
        Some(Span {
            limits,
            below: smallest < limits[0],
            above: largest > limits[1],
            constant: smallest == largest && !matches!(self, Self::Given(_)),
        })
    }
}

/// The limits of a colour scale, and how values relate to them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The lower and the upper limit.
    pub limits: [f64; 2],
    /// Whether values lie below the lower limit.
    pub below: bool,
    /// Whether values lie above the upper limit.
    pub above: bool,
    /// Whether all values are equal.
    pub constant: bool,
}

impl Span {
    /// Limits that contain all values.
    pub fn within(limits: [f64; 2]) -> Self {
        Self { limits, below: false, above: false, constant: false }
    }
}

/// `limits`, widened where they are equal.
pub fn widened([low, high]: [f64; 2]) -> [f64; 2] {
    // A smaller relative width is rounding noise of f32, and ticks would have equal labels.
    let noise = 1e-6 * low.abs().max(high.abs());
    if high - low > noise {
        return [low, high];
    }
    let middle = (low + high) / 2.0;
    let half = if middle == 0.0 { 1.0 } else { 0.5 * middle.abs() };
    [middle - half, middle + half]
}

/// The quantiles at two fractions; reorders `values`, which must be finite and not empty.
pub fn quantiles(values: &mut [f64], fractions: [f64; 2]) -> [f64; 2] {
    let last = values.len() - 1;
    fractions.map(|fraction| {
        let index = (fraction * last as f64).round() as usize;
        *values.select_nth_unstable_by(index, f64::total_cmp).1
    })
}

/// The lowest and the highest finite value, with a margin of 4 %.
pub fn extent(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return [0.0, 1.0];
    }
    let [low, high] = widened([low, high]);
    let margin = 0.04 * (high - low);
    [low - margin, high + margin]
}

/// The largest of 1, 2, 5 × 10ⁿ that is not above `length`.
fn round_below(length: f64) -> f64 {
    let decade = 10f64.powf(length.log10().floor());
    // Powers of ten are inexact: 10^-3 may come out above 0.001.
    let fits = |factor: f64| factor * decade <= length * (1.0 + 1e-9);
    [5.0, 2.0, 1.0].into_iter().find(|&factor| fits(factor)).unwrap_or(0.5) * decade
}

/// The next of 1, 2, 5 × 10ⁿ after `length`, which is one of them.
fn next_round(length: f64) -> f64 {
    // 1 -> 2.5 -> 2, 2 -> 5, 5 -> 12.5 -> 10; the small addition keeps 2 × 2.5 from falling below 5.
    round_below(length * 2.5 * (1.0 + 1e-6))
}

/// Ticks of an axis or a colour bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    /// Where they are.
    pub values: Vec<f64>,
    /// What they are labelled with, as many as values.
    pub labels: Vec<String>,
}

/// Round values between two limits, 1, 2 or 5 × 10ⁿ apart: about `most` at most, and at least two.
pub fn ticks([low, high]: [f64; 2], most: usize) -> Ticks {
    let smallest = (high - low) / most.max(2) as f64;
    let mut step = round_below(smallest);
    let multiples = |step: f64| ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    let found = |step: f64| multiples(step).1 - multiples(step).0 + 1;
    while found(step) > most.max(2) as i64 {
        let next = next_round(step);
        // A single tick does not define a scale; one or two more than `most` are better.
        if found(next) < 2 {
            break;
        }
        step = next;
    }
    let (first, last) = multiples(step);
    let values: Vec<f64> = (first..=last.min(first + 100)).map(|i| i as f64 * step).collect();
    let largest = low.abs().max(high.abs());
    let exponent = largest.log10().floor() as i32;
    let exponent = if (-3..=4).contains(&exponent) { 0 } else { exponent };
    let unit = 10f64.powi(exponent);
    let decimals = (-((step / unit).log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize;
    let label = |&value: &f64| match fixed(value / unit, decimals) {
        text if exponent == 0 => text,
        _ if value == 0.0 => "0".into(),
        text => format!("{text}×{}", power_of_ten(exponent)),
    };
    let labels = values.iter().map(label).collect();
    Ticks { values, labels }
}

/// Ticks at quarter turns, for angles in radians.
pub fn quarter_turns() -> Ticks {
    use std::f64::consts::{FRAC_PI_2, PI};
    Ticks {
        values: vec![-PI, -FRAC_PI_2, 0.0, FRAC_PI_2, PI],
        labels: ["−π", "−π/2", "0", "π/2", "π"].map(str::to_owned).to_vec(),
    }
}

/// The round length (1, 2 or 5 × 10ⁿ) nearest to a fifth of `extent` on a logarithmic scale.
///
/// Adjacent round lengths differ by a factor of at most 2.5, so that a scale bar takes 12 to 32 % of the
/// extent.
pub fn round_fifth(extent: f64) -> f64 {
    let aim = 0.2 * extent;
    let below = round_below(aim);
    let above = next_round(below);
    if above / aim < aim / below { above } else { below }
}

/// Metric lengths in order, with the power of ten of each in metres.
const METRIC: [(&str, i32); 5] = [("pm", -12), ("nm", -9), ("µm", -6), ("mm", -3), ("m", 0)];

/// A length with its unit, in the metric unit in which the number is between 0.1 and 1000: 2000 pm become "2
/// nm".
pub fn length_label(length: f64, unit: &str) -> String {
    let unit = if unit == "um" || unit == "μm" { "µm" } else { unit };
    let Some(mut index) = METRIC.iter().position(|(name, _)| *name == unit) else {
        return format!("{} {unit}", crate::text::significant(length, 3)).trim_end().to_owned();
    };
    let mut length = length;
    while length >= 999.5 && index + 1 < METRIC.len() {
        length /= 1000.0;
        index += 1;
    }
    while length < 0.0995 && index > 0 && length > 0.0 {
        length *= 1000.0;
        index -= 1;
    }
    format!("{} {}", crate::text::significant(length, 3), METRIC[index].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        // 0 to 1 in at most 6: steps of 0.2 give 0, 0.2, ..., 1.
        assert_eq!(ticks([0.0, 1.0], 6).labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        // The span of 6 has no step below 1 with at most 7 ticks.
        assert_eq!(ticks([-3.0, 3.0], 7).labels, ["−3", "−2", "−1", "0", "1", "2", "3"]);
        let small = ticks([0.0, 4e-6], 5);
        assert_eq!(small.labels, ["0", "1×10⁻⁶", "2×10⁻⁶", "3×10⁻⁶", "4×10⁻⁶"]);
        assert_eq!(ticks([0.0, 250_000.0], 3).labels, ["0", "1×10⁵", "2×10⁵"]);
    }

    #[test]
    fn ticks_of_any_limits_are_few_distinct_and_inside() {
        for i in 0..4000 {
            let low = (f64::from(i) * 0.7311).sin() * 10f64.powi(i % 13 - 6);
            let high = low + (1.1 + (f64::from(i) * 1.37).cos()) * 10f64.powi(i % 11 - 5);
            for most in 2..9 {
                let found = ticks([low, high], most);
                let [low, high] = [low, high].map(|x| x + 1e-8 * x.abs());
                // Where the next coarser step leaves a single tick, up to five of the finer one are kept.
                let n = found.values.len();
                assert!((2..=most.max(5)).contains(&n), "{low} {high} {most}: {found:?}");
                let tolerance = 1e-6 * (high - low) + 1e-7 * high.abs();
                assert!(
                    found.values.iter().all(|&v| v >= low - tolerance && v <= high + tolerance),
                    "{found:?}"
                );
                let mut labels = found.labels.clone();
                labels.dedup();
                assert!((high - low) < 1e-6 * high.abs() || labels.len() == found.labels.len(), "{found:?}");
            }
        }
    }

    #[test]
    fn scale_bars_have_round_lengths_near_a_fifth() {
        // 1024 pixels of 10 pm are 10240 pm: a fifth is 2048 pm, next to 2000 pm.
        assert_eq!(length_label(round_fifth(10240.0), "pm"), "2 nm");
        // A fifth of 1.7 nm is 0.34 nm: 0.5 / 0.34 = 1.47 is nearer than 0.34 / 0.2 = 1.7.
        assert_eq!(length_label(round_fifth(1.7), "nm"), "0.5 nm");
        assert_eq!(length_label(0.05, "nm"), "50 pm");
        assert_eq!(length_label(round_fifth(60.0), "Å"), "10 Å");
        assert_eq!(length_label(0.05, "1/nm"), "0.05 1/nm");
        for i in 1..2000 {
            let extent = 1.01f64.powi(i - 1000);
            let part = round_fifth(extent) / extent;
            // 0.2 / sqrt(2.5) = 0.126 to 0.2 sqrt(2.5) = 0.316.
            assert!((0.126..0.317).contains(&part), "{extent}: {part}");
        }
    }

    #[test]
    fn limits_ignore_outliers_and_survive_anything() {
        let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
        values.push(1e9);
        let span = Limits::Percentiles.of(values.iter().copied()).unwrap();
        // 1001 values: indices round(0.01 × 1000) = 10 and round(0.99 × 1000) = 990.
        assert_eq!((span.limits, span.below, span.above), ([10.0, 990.0], true, true));
        assert_eq!(Limits::Symmetrical.of([-1.0, 3.0].into_iter()).unwrap().limits, [-3.0, 3.0]);
        assert_eq!(Limits::Percentiles.of([2.0].into_iter()).unwrap().limits, [1.0, 3.0]);
        assert_eq!(Limits::Symmetrical.of([0.0].into_iter()).unwrap().limits, [-1.0, 1.0]);
        assert!(Limits::Percentiles.of([f64::NAN, f64::INFINITY].into_iter()).is_none());
        assert!(Limits::given(1.0, 1.0).is_err() && Limits::given(f64::NAN, 1.0).is_err());
    }
}
