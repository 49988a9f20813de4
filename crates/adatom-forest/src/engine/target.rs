//! Targets of rows, as sums of whole numbers.
//!
//! Weights are multiplied with a power of two and rounded, once a tree (not at all where they are whole
//! numbers). Properties are shifted by the middle of their range in the node, multiplied with a power of two
//! and rounded, such that the sums of a node stay below 2⁵²: every sum of them is exact.

use adatom_core::ClassLabels;
use ndarray::ArrayView2;

use super::gain::Cell;
use crate::Criterion;

/// The targets of all rows that one forest predicts: classes, or one or several properties.
#[derive(Clone, Copy)]
pub(crate) struct Outputs<'a> {
    classes: Option<&'a ClassLabels>,
    /// Properties `[n, properties]`; `[n, 0]` where there are classes.
    values: ArrayView2<'a, f64>,
}

impl<'a> Outputs<'a> {
    pub(crate) fn of_properties(values: ArrayView2<'a, f64>) -> Self {
        Self { classes: None, values }
    }

    pub(crate) fn of_classes(labels: &'a ClassLabels) -> Self {
        let none = ArrayView2::from_shape((labels.codes.len(), 0), &[]).expect("no number is needed");
        Self { classes: Some(labels), values: none }
    }

    pub(crate) fn classes(&self) -> Option<&'a ClassLabels> {
        self.classes
    }

    /// The number of values of a leaf.
    pub(crate) fn len(&self) -> usize {
        self.classes.map_or(self.values.ncols(), |labels| labels.names.len())
    }

    /// How many sums a cell holds beside the weight: for two classes the sum of one is enough.
    pub(crate) fn sums(&self, criterion: Criterion) -> usize {
        match self.classes {
            Some(labels) if labels.names.len() == 2 && criterion == Criterion::Gini => 1,
            _ => self.len(),
        }
    }
}

/// Rows of one tree: their weights and cells.
pub(crate) struct TreeTarget<'a, const M: usize> {
    outputs: Outputs<'a>,
    criterion: Criterion,
    /// Weight of every row: of the sample, its class and how often it was drawn.
    weights: Vec<f64>,
    whole: bool,
    cells: Vec<Cell<M>>,
}

/// Summary of the targets of the rows of a node.
#[derive(Clone, Copy)]
pub(crate) struct Summary<const M: usize> {
    pub(crate) cover: f64,
    pub(crate) impurity: f64,
    /// All rows have the same target.
    pub(crate) pure: bool,
    /// The prediction of the leaf, in its first outputs.
    pub(crate) value: [f64; M],
    /// Smallest and largest value of every output.
    range: [(f64, f64); M],
}

/// Rows of a node up to which a column is likely to sort them into the two best parts.
const BOUNDED: usize = 12;

/// Sums stay below this, so that sums of whole numbers in f64 are exact.
const EXACT: f64 = (1u64 << 52) as f64;

/// The largest power of two that is not above a positive number.
fn power_of_two(x: f64) -> f64 {
    if x.is_normal() { f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000) } else { f64::MAX.min(x) }
}

impl<'a, const M: usize> TreeTarget<'a, M> {
    pub(crate) fn new(outputs: Outputs<'a>, criterion: Criterion, weights: Vec<f64>) -> Self {
        let sum: f64 = weights.iter().sum();
        let whole = sum < EXACT && weights.iter().all(|weight| weight.fract() == 0.0);
        let unit = if whole { 1.0 } else { power_of_two(EXACT / 2.0 / sum) };
        let mut cells = vec![[0.0; M]; weights.len()];
        for (row, (cell, &weight)) in cells.iter_mut().zip(&weights).enumerate() {
            if weight == 0.0 {
                continue;
            }
            let weight = if whole { weight } else { (weight * unit).round().max(1.0) };
            cell[0] = weight;
            if let Some(labels) = outputs.classes {
                // Of two classes with Gini impurity, M is 2 and the second class is counted.
                let sum = if M == 2 { labels.codes[row] } else { labels.codes[row] + 1 };
                if sum > 0 {
                    cell[sum] = weight;
                }
            }
        }
        Self { outputs, criterion, weights, whole, cells }
    }

    pub(crate) fn cells(&self) -> &[Cell<M>] {
        &self.cells
    }

    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The sum of all weights, where they are whole numbers.
    pub(crate) fn whole(&self) -> Option<f64> {
        self.whole.then(|| self.weights.iter().sum())
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Sum over rows.
    pub(crate) fn total(&self, rows: &[u32]) -> Cell<M> {
        let mut total = [0.0; M];
        for &row in rows {
            let cell = &self.cells[row as usize];
            total.iter_mut().zip(cell).for_each(|(sum, value)| *sum += value);
        }
        total
    }

    /// Whether a cut leaves rows of one target on either side.
    pub(crate) fn separates(&self, rows: usize, total: &Cell<M>, left: &Cell<M>) -> bool {
        if self.outputs.classes.is_none() {
            return rows == 2;
        }
        if M == 2 {
            let right = [total[0] - left[0], total[1] - left[1]];
            return (left[1] == 0.0 || left[1] == left[0]) && (right[1] == 0.0 || right[1] == right[0]);
        }
        (1..M).all(|class| left[class] == 0.0 || left[class] == total[class]) && {
            let pure = |side: [f64; M]| side[1..].iter().filter(|&&sum| sum > 0.0).count() == 1;
            pure(*left) && pure(std::array::from_fn(|index| total[index] - left[index]))
        }
    }

    /// Rows in increasing order of the one property, whose cuts bound what any column can gain (Fisher 1958);
    /// none where that is not so, or there are too many rows for a column to reach it.
    pub(crate) fn in_order(&self, rows: &[u32]) -> Option<Vec<u32>> {
        let values = self.outputs.values;
        if values.ncols() != 1 || rows.len() > BOUNDED || self.criterion != Criterion::SquaredError {
            return None;
        }
        let mut rows = rows.to_vec();
        rows.sort_by(|&left, &right| values[[left as usize, 0]].total_cmp(&values[[right as usize, 0]]));
        Some(rows)
    }

    pub(crate) fn summary(&self, rows: &[u32]) -> Summary<M> {
        match self.outputs.classes {
            Some(labels) => self.summary_of_classes(rows, &labels.codes, labels.names.len()),
            None => self.summary_of_values(rows, self.outputs.values),
        }
    }

    fn summary_of_classes(&self, rows: &[u32], codes: &[usize], classes: usize) -> Summary<M> {
        let mut sums = [0.0; M];
        for &row in rows {
            sums[codes[row as usize]] += self.weights[row as usize];
        }
        let cover: f64 = sums.iter().sum();
        let value = sums.map(|sum| sum / cover);
        let present = value[..classes].iter().filter(|&&part| part > 0.0);
        let impurity = match self.criterion {
            Criterion::Entropy => -present.clone().map(|part| part * part.log2()).sum::<f64>() + 0.0,
            _ => 1.0 - value.iter().map(|part| part * part).sum::<f64>(),
        };
        let pure = present.count() < 2;
        Summary { cover, impurity: if pure { 0.0 } else { impurity }, pure, value, range: [(0.0, 0.0); M] }
    }

    fn summary_of_values(&self, rows: &[u32], values: ArrayView2<'_, f64>) -> Summary<M> {
        let outputs = values.ncols();
        let (mut cover, mut value) = (0.0, [0.0; M]);
        let mut range = [(f64::INFINITY, f64::NEG_INFINITY); M];
        for &row in rows {
            let weight = self.weights[row as usize];
            cover += weight;
            for output in 0..outputs {
                let x = values[[row as usize, output]];
                value[output] += weight * x;
                range[output] = (range[output].0.min(x), range[output].1.max(x));
            }
        }
        value[..outputs].iter_mut().for_each(|sum| *sum /= cover);
        let pure = range[..outputs].iter().all(|(low, high)| low == high);
        if pure {
            // A mean of equal numbers is that number, whatever rounding says.
            (0..outputs).for_each(|output| value[output] = range[output].0);
        }
        let deviation = |mean: f64, x: f64| match self.criterion {
            Criterion::Poisson if x > 0.0 => x * (x / mean).ln() - x + mean,
            Criterion::Poisson => mean,
            _ => (x - mean) * (x - mean),
        };
        let sum_of = |&row: &u32| {
            let row = row as usize;
            let all = (0..outputs).map(|output| deviation(value[output], values[[row, output]]));
            self.weights[row] * all.sum::<f64>()
        };
        let impurity =
            if pure { 0.0 } else { rows.iter().map(sum_of).sum::<f64>() / (cover * outputs as f64) };
        Summary { cover, impurity, pure, value, range }
    }

    /// Prepares the cells of the rows of a node that is to be split.
    pub(crate) fn enter(&mut self, rows: &[u32], summary: &Summary<M>) {
        let values = self.outputs.values;
        if self.outputs.classes.is_some() {
            return;
        }
        let outputs = values.ncols();
        let centred = self.criterion != Criterion::Poisson;
        let mut centre = [0.0; M];
        let mut largest = 0.0f64;
        for (centre, &(low, high)) in centre.iter_mut().zip(&summary.range[..outputs]) {
            *centre = if centred { low / 2.0 + high / 2.0 } else { 0.0 };
            largest = largest.max((high - *centre).max(*centre - low));
        }
        // Half of what is exact, because rounding may add half a unit for every row.
        let scale = power_of_two(EXACT / 2.0 / (summary.cover * largest));
        for &row in rows {
            let row = row as usize;
            let weight = self.weights[row];
            for output in 0..outputs {
                let x = (values[[row, output]] - centre[output]) * scale;
                self.cells[row][output + 1] =
                    if self.whole { weight * x.round_ties_even() } else { (weight * x).round_ties_even() };
            }
        }
    }
}
