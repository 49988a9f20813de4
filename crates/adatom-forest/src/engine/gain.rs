//! The gain of a cut.
//!
//! A cell holds the weight of rows and, for every output, a sum over them. With w of W on the left, s of S,
//! and d = s - w S / W: variance and Gini impurity decrease by Σ d² / (w (W - w)), a fraction that is
//! compared without dividing. Entropy and Poisson deviance need logarithms.

/// Sums over rows: their weight, then one sum an output; the rest is 0.
pub(crate) type Cell<const M: usize> = [f64; M];

/// The gain of a cut as a fraction with a positive denominator.
#[derive(Clone, Copy)]
pub(crate) struct Fraction {
    pub(crate) above: f64,
    pub(crate) below: f64,
}

impl Fraction {
    pub(crate) const LEAST: Self = Self { above: -1.0, below: 1.0 };

    pub(crate) fn exceeds(self, other: Self) -> bool {
        self.above * other.below > other.above * self.below
    }

    /// Whether it equals another within rounding, or exceeds it.
    pub(crate) fn reaches(self, other: Self) -> bool {
        self.above * other.below >= other.above * self.below * (1.0 - 1e-13)
    }
}

/// The measure of a cut.
pub(crate) trait Gain<const M: usize>: Sync {
    /// Values that are computed once per node from its sums.
    type Node: Sync;

    fn node(&self, total: &Cell<M>) -> Self::Node;

    /// The gain of a cut with these sums on the left, of a node with these sums in all.
    fn gain(&self, node: &Self::Node, total: &Cell<M>, left: &Cell<M>) -> Fraction;
}

/// Variance of properties, and Gini impurity of classes (their indicators' variances).
pub(crate) struct Spread;

impl<const M: usize> Gain<M> for Spread {
    /// Mean of every output; the first is unused.
    type Node = Cell<M>;

    fn node(&self, total: &Cell<M>) -> Cell<M> {
        total.map(|sum| sum / total[0])
    }

    #[inline(always)]
    fn gain(&self, mean: &Cell<M>, total: &Cell<M>, left: &Cell<M>) -> Fraction {
        let weight = left[0];
        let mut above = 0.0;
        for output in 1..M {
            let difference = left[output] - weight * mean[output];
            above += difference * difference;
        }
        Fraction { above, below: weight * (total[0] - weight) }
    }
}

/// Entropy of classes; w log₂ w of whole weights is looked up.
pub(crate) struct Entropy {
    table: Vec<f64>,
}

/// Whole weights beyond this are not tabulated: 8 MB.
const TABLE: usize = 1 << 20;

fn x_log_x(x: f64) -> f64 {
    if x > 0.0 { x * x.log2() } else { 0.0 }
}

impl Entropy {
    /// A table up to the sum of all weights, where these are whole numbers.
    pub(crate) fn new(whole: Option<f64>) -> Self {
        let last = whole.filter(|&weight| weight <= TABLE as f64).map_or(0, |weight| weight as usize + 1);
        Self { table: (0..last).map(|x| x_log_x(x as f64)).collect() }
    }

    fn term(&self, x: f64) -> f64 {
        if self.table.is_empty() { x_log_x(x) } else { self.table[x as usize] }
    }

    fn side<const M: usize>(&self, sums: &Cell<M>) -> f64 {
        sums[1..].iter().map(|&sum| self.term(sum)).sum::<f64>() - self.term(sums[0])
    }
}

impl<const M: usize> Gain<M> for Entropy {
    /// Entropy of the node, times its weight.
    type Node = f64;

    fn node(&self, total: &Cell<M>) -> f64 {
        self.side(total)
    }

    fn gain(&self, node: &f64, total: &Cell<M>, left: &Cell<M>) -> Fraction {
        let right = std::array::from_fn(|index| total[index] - left[index]);
        // Rounding must not make a cut that gains nothing look impossible.
        let above = (self.side(left) + self.side::<M>(&right) - node).max(0.0);
        Fraction { above, below: 1.0 }
    }
}

/// Half the Poisson deviance of properties that are not negative.
pub(crate) struct Poisson;

fn poisson_side<const M: usize>(sums: &Cell<M>) -> f64 {
    sums[1..].iter().map(|&sum| if sum > 0.0 { sum * (sum / sums[0]).ln() } else { 0.0 }).sum()
}

impl<const M: usize> Gain<M> for Poisson {
    type Node = f64;

    fn node(&self, total: &Cell<M>) -> f64 {
        poisson_side(total)
    }

    fn gain(&self, node: &f64, total: &Cell<M>, left: &Cell<M>) -> Fraction {
        let right = std::array::from_fn(|index| total[index] - left[index]);
        let above = (poisson_side(left) + poisson_side::<M>(&right) - node).max(0.0);
        Fraction { above, below: 1.0 }
    }
}
