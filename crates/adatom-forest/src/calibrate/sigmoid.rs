//! Platt's sigmoid P(p) = 1 / (1 + exp(a p + b)) (Platt 1999), fitted as by Lin, Lin and Weng (2007).
//!
//! The cross entropy with smoothed targets, (N₊ + 1) / (N₊ + 2) for the N₊ rows of the class and 1 / (N₋ + 2)
//! for the others, is convex in (a, b): Newton steps, halved until they help, find its minimum.

/// The sigmoid with the coefficients a and b.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Sigmoid {
    slope: f64,
    intercept: f64,
}

const MOST_STEPS: usize = 100;

/// Added to the diagonal of the Hessian, which is singular where all p are equal.
const RIDGE: f64 = 1e-12;

/// A gradient per row below this counts as zero.
const FLAT: f64 = 1e-12;

/// The smallest fraction of a step that is tried.
const LEAST_PART: f64 = 1e-10;

/// Rows and the values to which they should be mapped.
struct Targets<'a> {
    probabilities: &'a [f64],
    targets: Vec<f64>,
}

/// Gradient and Hessian of the cross entropy.
#[derive(Default)]
struct Derivatives {
    slope: f64,
    intercept: f64,
    slope_slope: f64,
    slope_intercept: f64,
    intercept_intercept: f64,
}

impl Targets<'_> {
    fn cross_entropy(&self, sigmoid: Sigmoid) -> f64 {
        let row = |(&probability, &target): (&f64, &f64)| {
            let exponent = sigmoid.slope * probability + sigmoid.intercept;
            // Both are t ln(1 + exp(x)) + (1 - t) ln(1 + exp(-x)); each is exact where the other overflows.
            if exponent >= 0.0 {
                target * exponent + (-exponent).exp().ln_1p()
            } else {
                (target - 1.0) * exponent + exponent.exp().ln_1p()
            }
        };
        self.probabilities.iter().zip(&self.targets).map(row).sum()
    }

    fn derivatives(&self, sigmoid: Sigmoid) -> Derivatives {
        let mut sums = Derivatives { slope_slope: RIDGE, intercept_intercept: RIDGE, ..Default::default() };
        for (&probability, &target) in self.probabilities.iter().zip(&self.targets) {
            let mapped = sigmoid.apply(probability);
            let (error, weight) = (target - mapped, mapped * (1.0 - mapped));
            sums.slope += error * probability;
            sums.intercept += error;
            sums.slope_slope += weight * probability * probability;
            sums.slope_intercept += weight * probability;
            sums.intercept_intercept += weight;
        }
        sums
    }
}

impl Sigmoid {
    pub(super) fn fit(probabilities: &[f64], occurred: &[bool]) -> Self {
        let inside = occurred.iter().filter(|&&occurred| occurred).count() as f64;
        let outside = occurred.len() as f64 - inside;
        let target =
            |&occurred: &bool| if occurred { (inside + 1.0) / (inside + 2.0) } else { 1.0 / (outside + 2.0) };
        let rows = Targets { probabilities, targets: occurred.iter().map(target).collect() };
        let mut sigmoid = Self { slope: 0.0, intercept: ((outside + 1.0) / (inside + 1.0)).ln() };
        let mut entropy = rows.cross_entropy(sigmoid);
        for _ in 0..MOST_STEPS {
            let at = rows.derivatives(sigmoid);
            if at.slope.abs().max(at.intercept.abs()) <= FLAT * occurred.len() as f64 {
                break;
            }
            let Some(next) = sigmoid.step(&at, &rows, &mut entropy) else { break };
            sigmoid = next;
        }
        sigmoid
    }

    /// A point along the Newton step with a lower cross entropy, if there is one.
    fn step(self, at: &Derivatives, rows: &Targets<'_>, entropy: &mut f64) -> Option<Self> {
        let determinant = at.slope_slope * at.intercept_intercept - at.slope_intercept * at.slope_intercept;
        let slope = -(at.intercept_intercept * at.slope - at.slope_intercept * at.intercept) / determinant;
        let intercept = -(at.slope_slope * at.intercept - at.slope_intercept * at.slope) / determinant;
        let descent = at.slope * slope + at.intercept * intercept;
        let mut part = 1.0;
        while part >= LEAST_PART {
            let next =
                Self { slope: self.slope + part * slope, intercept: self.intercept + part * intercept };
            let found = rows.cross_entropy(next);
            if found < *entropy + 1e-4 * part * descent {
                *entropy = found;
                return Some(next);
            }
            part /= 2.0;
        }
        None
    }

    pub(super) fn apply(self, probability: f64) -> f64 {
        1.0 / (1.0 + (self.slope * probability + self.intercept).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_is_that_of_scikit_learn() {
        let probabilities = [0.1, 0.2, 0.2, 0.35, 0.5, 0.5, 0.6, 0.7, 0.8, 0.95];
        let occurred = [0, 0, 1, 0, 1, 0, 1, 1, 0, 1].map(|y| y == 1);
        let sigmoid = Sigmoid::fit(&probabilities, &occurred);
        // Newton's method in double precision on the same sum; scikit-learn 1.9.1, which stops earlier, finds
        // (-2.12915700, 1.04132913).
        assert!((sigmoid.slope - -2.129_156_962_206_175).abs() < 1e-9, "{sigmoid:?}");
        assert!((sigmoid.intercept - 1.041_329_110_823_662_9).abs() < 1e-9, "{sigmoid:?}");
    }

    #[test]
    fn rows_that_tell_nothing_give_the_smoothed_frequency() {
        // Targets 4/5 three times and 1/3 once; equal p can only be mapped to their mean, (3 · 4/5 + 1/3) / 4
        // = 41/60.
        let sigmoid = Sigmoid::fit(&[0.5; 4], &[true, true, true, false]);
        assert!((sigmoid.apply(0.5) - 41.0 / 60.0).abs() < 1e-6, "{sigmoid:?}");
    }

    #[test]
    fn separable_rows_give_a_finite_slope() {
        let sigmoid = Sigmoid::fit(&[0.0, 0.0, 1.0, 1.0], &[false, false, true, true]);
        // The targets 1/4 and 3/4 are met exactly.
        assert!((sigmoid.apply(0.0) - 0.25).abs() < 1e-9 && (sigmoid.apply(1.0) - 0.75).abs() < 1e-9);
    }
}
