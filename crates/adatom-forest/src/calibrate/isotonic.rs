//! Isotonic regression: the non-decreasing map with the smallest Σ (map(p) - y)², by pooling
//! adjacent violators (Ayer et al. 1955; Barlow et al. 1972).
//!
//! Rows of equal p are one point with their mean. Neighbouring points that decrease are joined into a block
//! with their mean, until none is left. Between blocks the map is linear, outside of the fitted range
//! constant.

use crate::{Error, Result};

/// A non-decreasing map, linear between points.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Points")]
pub(super) struct Isotonic {
    /// Strictly increasing.
    from: Vec<f64>,
    /// Never decreasing.
    to: Vec<f64>,
}

/// The content of a file before validation.
#[derive(serde::Deserialize)]
struct Points {
    from: Vec<f64>,
    to: Vec<f64>,
}

impl TryFrom<Points> for Isotonic {
    type Error = Error;

    fn try_from(Points { from, to }: Points) -> Result<Self> {
        let refuse = |expected: &str, found: String| {
            Err(Error::Malformed {
                origin: "isotonic calibration".to_owned(),
                expected: expected.to_owned(),
                found,
            })
        };
        if from.is_empty() || from.len() != to.len() {
            return refuse("as many points as values", format!("{} and {}", from.len(), to.len()));
        }
        if let Some(found) = from.iter().chain(&to).find(|value| !(0.0..=1.0).contains(*value)) {
            return refuse("numbers between 0 and 1", found.to_string());
        }
        if let Some(pair) = from.windows(2).find(|pair| pair[0] >= pair[1]) {
            return refuse("points that increase", format!("{} before {}", pair[0], pair[1]));
        }
        if let Some(pair) = to.windows(2).find(|pair| pair[0] > pair[1]) {
            return refuse("values that never decrease", format!("{} before {}", pair[0], pair[1]));
        }
        Ok(Self { from, to })
    }
}

/// Neighbouring points with their mean.
struct Block {
    first: f64,
    last: f64,
    sum: f64,
    rows: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.rows
    }

    fn join(&mut self, next: &Self) {
        self.last = next.last;
        self.sum += next.sum;
        self.rows += next.rows;
    }
}

impl Isotonic {
    /// Of at least one row.
    pub(super) fn fit(probabilities: &[f64], occurred: &[bool]) -> Self {
        let mut rows: Vec<(f64, bool)> =
            probabilities.iter().copied().zip(occurred.iter().copied()).collect();
        // Adding zero makes -0 a plain 0, which is the same point.
        rows.sort_by(|left, right| (left.0 + 0.0).total_cmp(&(right.0 + 0.0)));
        let mut blocks: Vec<Block> = Vec::new();
        for equal in rows.chunk_by(|left, right| left.0 == right.0) {
            let sum = equal.iter().filter(|row| row.1).count() as f64;
            let mut block = Block { first: equal[0].0, last: equal[0].0, sum, rows: equal.len() as f64 };
            while let Some(mut before) = blocks.pop_if(|before| before.mean() >= block.mean()) {
                before.join(&block);
                block = before;
            }
            blocks.push(block);
        }
        let mut map = Self { from: Vec::new(), to: Vec::new() };
        for block in &blocks {
            map.from.push(block.first);
            map.to.push(block.mean());
            if block.last > block.first {
                map.from.push(block.last);
                map.to.push(block.mean());
            }
        }
        map
    }

    pub(super) fn apply(&self, probability: f64) -> f64 {
        let right = self.from.partition_point(|&point| point < probability);
        match right {
            0 => self.to[0],
            _ if right == self.from.len() => self.to[right - 1],
            _ => {
                let (low, high) = (self.from[right - 1], self.from[right]);
                let part = (probability - low) / (high - low);
                (self.to[right - 1] + part * (self.to[right] - self.to[right - 1])).min(self.to[right])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_map_is_that_of_scikit_learn() {
        let probabilities = [0.1, 0.2, 0.2, 0.35, 0.5, 0.5, 0.6, 0.7, 0.8, 0.95];
        let occurred = [0, 0, 1, 0, 1, 0, 1, 1, 0, 1].map(|y| y == 1);
        let map = Isotonic::fit(&probabilities, &occurred);
        // X_thresholds_ and y_thresholds_ of IsotonicRegression().fit(p, y), scikit-learn 1.9.1: 1/2 at 0.2
        // and 0 at 0.35 pool to 1/3; 1, 1, 0 at 0.6 to 0.8 pool to 2/3.
        assert_eq!(map.from, [0.1, 0.2, 0.35, 0.5, 0.6, 0.8, 0.95]);
        let third = 1.0 / 3.0;
        assert_eq!(map.to, [0.0, third, third, 0.5, 2.0 * third, 2.0 * third, 1.0]);
        let points = [0.0, 0.15, 0.3, 0.4, 0.55, 0.75, 0.9, 1.0];
        let expected = [0.0, third / 2.0, third, 7.0 / 18.0, 7.0 / 12.0, 2.0 * third, 8.0 / 9.0, 1.0];
        for (point, expected) in points.into_iter().zip(expected) {
            assert!((map.apply(point) - expected).abs() < 1e-15);
        }
    }

    proptest! {
        #[test]
        fn the_map_is_the_best_that_never_decreases(
            rows in prop::collection::vec((0u8..8, any::<bool>()), 1..40),
        ) {
            let probabilities: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 8.0).collect();
            let occurred: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let map = Isotonic::fit(&probabilities, &occurred);
            let (mut sum, mut product) = (0.0, 0.0);
            for point in 0..8 {
                let point = f64::from(point) / 8.0;
                prop_assert!(map.apply(point) <= map.apply(point + 0.125));
                // The solution of isotonic regression: errors sum to 0, are orthogonal to the map, and any
                // upper set of points has a sum of errors that is not positive (conditions of Kuhn and
                // Tucker).
                let upper: f64 = probabilities.iter().zip(&occurred).filter(|(p, _)| **p >= point)
                    .map(|(&p, &y)| f64::from(u8::from(y)) - map.apply(p)).sum();
                prop_assert!(upper <= 1e-9);
            }
            for (&p, &y) in probabilities.iter().zip(&occurred) {
                let error = f64::from(u8::from(y)) - map.apply(p);
                sum += error;
                product += error * map.apply(p);
            }
            prop_assert!(sum.abs() < 1e-9 && product.abs() < 1e-9);
        }
    }
}
