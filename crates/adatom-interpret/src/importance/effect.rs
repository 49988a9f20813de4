//! Dependence of predictions on a column or a region: partial dependence and accumulated local effects.
//!
//! All columns of a group are shifted by the same amount, so that their mean has the required value. The
//! shape of a spectrum within a region is preserved; of a single column this sets the value.

use adatom_core::FittedModel;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::error::{ImportanceError, Result, at_least, check_rows};
use super::region::{ColumnGroup, check_groups};

/// A group of columns that is shifted; its mean differs between rows.
struct ShiftedGroup<'a> {
    model: &'a dyn FittedModel,
    rows: ArrayView2<'a, f64>,
    group: &'a ColumnGroup,
    means: Array1<f64>,
}

impl<'a> ShiftedGroup<'a> {
    fn new(model: &'a dyn FittedModel, rows: ArrayView2<'a, f64>, group: &'a ColumnGroup) -> Result<Self> {
        check_rows(rows, model.features())?;
        check_groups(std::slice::from_ref(group), model.features())?;
        at_least("rows", 2, rows.nrows())?;
        let means = rows.select(Axis(1), &group.columns).mean_axis(Axis(1)).expect("a group has a column");
        if means.iter().all(|&mean| mean == means[0]) {
            return Err(ImportanceError::Constant {
                what: format!("the mean of {}", group.name),
                value: means[0],
            });
        }
        Ok(Self { model, rows, group, means })
    }

    /// Distinct quantiles of the means, at most `parts + 1`, from the smallest to the largest mean.
    fn quantiles(&self, parts: usize) -> Vec<f64> {
        let mut sorted = self.means.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        let at = |part: usize| {
            let position = part as f64 / parts as f64 * last as f64;
            let below = (position.floor() as usize).min(last);
            let above = (below + 1).min(last);
            sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
        };
        // More parts than this are not distinct.
        let parts = parts.min(4 * sorted.len());
        let mut grid: Vec<f64> = (0..=parts).map(at).collect();
        grid[parts] = sorted[last];
        grid.dedup();
        grid
    }

    /// Predictions `[n, outputs]` where the mean of the group is `means` `[n]`.
    fn predictions(&self, means: ArrayView1<'_, f64>) -> Array2<f64> {
        let mut rows = self.rows.to_owned();
        for (mut row, (shifted, mean)) in rows.rows_mut().into_iter().zip(means.iter().zip(&self.means)) {
            for &column in &self.group.columns {
                // A single column gets exactly this value.
                row[column] =
                    if self.group.columns.len() == 1 { *shifted } else { row[column] + (shifted - mean) };
            }
        }
        self.model.evaluate(rows.view())
    }
}

/// Partial dependence: mean predictions where a column or region has the same value in all rows (Friedman
/// 2001).
///
/// A region is shifted as a whole; see [`of`](Self::of). For correlated columns this evaluates the model at
/// unrealistic rows; [`AccumulatedEffects`] changes rows only within a bin.
///
/// ```
/// use adatom_core::{FittedModel, ndarray::{Array2, ArrayView2, array, s}};
/// use adatom_interpret::{AccumulatedEffects, ColumnGroup, PartialDependence};
///
/// /// Three times the first column.
/// struct Threefold;
/// impl FittedModel for Threefold {
///     fn features(&self) -> usize {
///         2
///     }
///     fn outputs(&self) -> usize {
///         1
///     }
///     fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
///         3.0 * &rows.slice(s![.., ..1])
///     }
/// }
/// let rows = array![[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]];
/// let column = ColumnGroup { name: "xanes@8980".into(), columns: vec![0] };
/// let curve = PartialDependence::of(&Threefold, rows.view(), &column, 2)?;
/// assert_eq!(curve.grid(), [0.0, 1.0, 2.0]);
/// assert_eq!(curve.mean().column(0).to_vec(), [0.0, 3.0, 6.0]);
/// let effects = AccumulatedEffects::of(&Threefold, rows.view(), &column, 2)?;
/// assert_eq!((effects.grid(), effects.counts()), ([0.0, 1.0, 2.0].as_slice(), [2, 1].as_slice()));
/// // Centred: the effect is 1.5 in the bin of two rows and 4.5 in that of one, with a mean of 2.5 over rows.
/// assert_eq!(effects.values().column(0).to_vec(), [-2.5, 0.5, 3.5]);
///
/// let constant = ColumnGroup { name: "pdf@2".into(), columns: vec![1] };
/// let error = PartialDependence::of(&Threefold, rows.view(), &constant, 2).unwrap_err();
/// assert_eq!(error.to_string(), "the mean of pdf@2 has the constant value 1");
/// # Ok::<(), adatom_interpret::ImportanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PartialDependence {
    grid: Vec<f64>,
    mean: Array2<f64>,
    spread: Array2<f64>,
}

impl PartialDependence {
    /// Predictions at the distinct quantiles 0, 1/parts, ..., 1 of the mean of the columns of the group, in
    /// their unit. In each row all columns of the group are shifted by the amount that gives their mean this
    /// value.
    ///
    /// # Errors
    /// [`ImportanceError::Length`] when rows have another number of columns than the model;
    /// [`ImportanceError::TooFew`] when there are fewer than 2 rows or no part, or a column is beyond those
    /// of the model; [`ImportanceError::NotFinite`]; [`ImportanceError::NoColumns`] when the group is empty;
    /// [`ImportanceError::Constant`] when its mean is.
    pub fn of(
        model: &dyn FittedModel,
        rows: ArrayView2<'_, f64>,
        group: &ColumnGroup,
        parts: usize,
    ) -> Result<Self> {
        at_least("parts", 1, parts)?;
        let shifted = ShiftedGroup::new(model, rows, group)?;
        let grid = shifted.quantiles(parts);
        let mut mean = Array2::zeros((grid.len(), model.outputs()));
        let mut spread = mean.clone();
        for (point, &value) in grid.iter().enumerate() {
            let predictions = shifted.predictions(Array1::from_elem(rows.nrows(), value).view());
            mean.row_mut(point).assign(&predictions.mean_axis(Axis(0)).expect("there are rows"));
            spread.row_mut(point).assign(&predictions.std_axis(Axis(0), 0.0));
        }
        Ok(Self { grid, mean, spread })
    }

    /// Values of the mean of the group, increasing.
    #[must_use]
    pub fn grid(&self) -> &[f64] {
        &self.grid
    }

    /// Mean predictions over rows `[points, outputs]`.
    #[must_use]
    pub fn mean(&self) -> ArrayView2<'_, f64> {
        self.mean.view()
    }

    /// Standard deviations of the predictions over rows `[points, outputs]`.
    #[must_use]
    pub fn spread(&self) -> ArrayView2<'_, f64> {
        self.spread.view()
    }
}

/// Accumulated local effects (Apley and Zhu 2020): rows are shifted only within their bin of quantiles, and
/// the mean changes are summed. The effects have mean 0 over rows.
///
/// An example is at [`PartialDependence`].
#[derive(Debug, Clone, PartialEq)]
pub struct AccumulatedEffects {
    grid: Vec<f64>,
    values: Array2<f64>,
    counts: Vec<usize>,
}

impl AccumulatedEffects {
    /// Effects at the edges of at most `bins` bins between quantiles of the mean of the columns of the group.
    /// A row is shifted to both edges of its bin by a shift of all columns of the group.
    ///
    /// # Errors
    /// As [`PartialDependence::of`].
    pub fn of(
        model: &dyn FittedModel,
        rows: ArrayView2<'_, f64>,
        group: &ColumnGroup,
        bins: usize,
    ) -> Result<Self> {
        at_least("bins", 1, bins)?;
        let shifted = ShiftedGroup::new(model, rows, group)?;
        let grid = shifted.quantiles(bins);
        let bins = grid.len() - 1;
        // The first bin contains both its edges, the others the upper one.
        let bin = |mean: &f64| grid[1..bins].partition_point(|edge| edge < mean);
        let own: Vec<usize> = shifted.means.iter().map(bin).collect();
        let edge = |step: usize| -> Array1<f64> { own.iter().map(|&bin| grid[bin + step]).collect() };
        let changes = shifted.predictions(edge(1).view()) - shifted.predictions(edge(0).view());
        let mut counts = vec![0; bins];
        let mut steps = Array2::<f64>::zeros((bins, model.outputs()));
        for (&bin, change) in own.iter().zip(changes.rows()) {
            counts[bin] += 1;
            let mut step = steps.row_mut(bin);
            step += &change;
        }
        let mut values = Array2::zeros((grid.len(), model.outputs()));
        let mut whole = Array1::<f64>::zeros(model.outputs());
        for (bin, &count) in counts.iter().enumerate() {
            let step = &steps.row(bin) / (count.max(1) as f64);
            let next = &values.row(bin) + &step;
            whole += &((&values.row(bin) + &next) * (0.5 * count as f64));
            values.row_mut(bin + 1).assign(&next);
        }
        values -= &(whole / rows.nrows() as f64);
        Ok(Self { grid, values, counts })
    }

    /// Edges of the bins, increasing, in the unit of the columns.
    #[must_use]
    pub fn grid(&self) -> &[f64] {
        &self.grid
    }

    /// Effects at the edges `[bins + 1, outputs]`, in the unit of the prediction.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The number of rows of each bin `[bins]`.
    #[must_use]
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }
}
