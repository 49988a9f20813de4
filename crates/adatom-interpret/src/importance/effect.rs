//! How answers follow a column or a region: partial dependence and accumulated local effects.
//!
//! A group of columns is moved as one: all its columns are shifted by the same amount, so that their mean has the wanted
//! value. The shape of a spectrum within a region stays; for a single column this is to set its value.

use adatom_core::FittedModel;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::error::{ImportanceError, Result, at_least, check_rows};
use super::region::{ColumnGroup, check_groups};

/// A group whose mean varies from row to row.
struct Moved<'a> {
    model: &'a dyn FittedModel,
    rows: ArrayView2<'a, f64>,
    group: &'a ColumnGroup,
    means: Array1<f64>,
}

impl<'a> Moved<'a> {
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

    /// Different quantiles of the means, `parts + 1` at most, from the smallest to the largest mean.
    fn quantiles(&self, parts: usize) -> Vec<f64> {
        let mut sorted = self.means.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        let at = |part: usize| {
            let place = part as f64 / parts as f64 * last as f64;
            let below = (place.floor() as usize).min(last);
            let above = (below + 1).min(last);
            sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
        };
        // No more than rows can tell apart, whatever is asked for.
        let parts = parts.min(4 * sorted.len());
        let mut grid: Vec<f64> = (0..=parts).map(at).collect();
        grid[parts] = sorted[last];
        grid.dedup();
        grid
    }

    /// Answers `[n, outputs]` where the mean of the group is `wanted` `[n]`.
    fn answers(&self, wanted: ArrayView1<'_, f64>) -> Array2<f64> {
        let mut rows = self.rows.to_owned();
        for (mut row, (wanted, mean)) in rows.rows_mut().into_iter().zip(wanted.iter().zip(&self.means)) {
            for &column in &self.group.columns {
                // A single column gets the very value.
                row[column] =
                    if self.group.columns.len() == 1 { *wanted } else { row[column] + (wanted - mean) };
            }
        }
        self.model.evaluate(rows.view())
    }
}

/// Mean answers where a column or region is set to the same value in all rows (Friedman 2001).
///
/// The region is shifted as a whole: see [`of`](Self::of). Where columns are correlated the rows that are made may not
/// exist; [`AccumulatedEffects`] moves rows only a little.
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
/// assert_eq!((curve.grid(), curve.mean().column(0).to_vec()), ([0.0, 1.0, 2.0].as_slice(), vec![0.0, 3.0, 6.0]));
/// let effects = AccumulatedEffects::of(&Threefold, rows.view(), &column, 2)?;
/// assert_eq!((effects.grid(), effects.counts()), ([0.0, 1.0, 2.0].as_slice(), [2, 1].as_slice()));
/// // Centred: the two rows up to 1 count 1.5 on the way from 0, the other 4.5, and the mean of the three is 2.5.
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
    /// Answers at the quantiles 0, 1/parts, ..., 1 of the mean of the group's columns, in their unit; equal ones once. All
    /// columns of the group are shifted in each row by the amount that gives their mean this value.
    ///
    /// # Errors
    /// [`ImportanceError::Length`] when rows have another number of columns than the model; [`ImportanceError::TooFew`] when
    /// there are fewer than 2 rows or no part, or a column is beyond those of the model; [`ImportanceError::NotFinite`];
    /// [`ImportanceError::NoColumns`] when the group is empty; [`ImportanceError::Constant`] when its mean is.
    pub fn of(
        model: &dyn FittedModel,
        rows: ArrayView2<'_, f64>,
        group: &ColumnGroup,
        parts: usize,
    ) -> Result<Self> {
        at_least("parts", 1, parts)?;
        let moved = Moved::new(model, rows, group)?;
        let grid = moved.quantiles(parts);
        let mut mean = Array2::zeros((grid.len(), model.outputs()));
        let mut spread = mean.clone();
        for (place, &value) in grid.iter().enumerate() {
            let answers = moved.answers(Array1::from_elem(rows.nrows(), value).view());
            mean.row_mut(place).assign(&answers.mean_axis(Axis(0)).expect("there are rows"));
            spread.row_mut(place).assign(&answers.std_axis(Axis(0), 0.0));
        }
        Ok(Self { grid, mean, spread })
    }

    /// Values of the mean of the group, increasing.
    #[must_use]
    pub fn grid(&self) -> &[f64] {
        &self.grid
    }

    /// Mean answers over rows `[points, outputs]`.
    #[must_use]
    pub fn mean(&self) -> ArrayView2<'_, f64> {
        self.mean.view()
    }

    /// Standard deviations of the answers over rows `[points, outputs]`.
    #[must_use]
    pub fn spread(&self) -> ArrayView2<'_, f64> {
        self.spread.view()
    }
}

/// Accumulated local effects (Apley and Zhu 2020): rows are moved only within the bin of quantiles in which they are, and
/// the mean changes are summed up. The effects have mean 0 over rows.
///
/// An example is at [`PartialDependence`].
#[derive(Debug, Clone, PartialEq)]
pub struct AccumulatedEffects {
    grid: Vec<f64>,
    values: Array2<f64>,
    counts: Vec<usize>,
}

impl AccumulatedEffects {
    /// Effects at the edges of at most `bins` bins between quantiles of the mean of the group's columns. A row is moved to
    /// either edge of its bin by a shift of all columns of the group.
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
        let moved = Moved::new(model, rows, group)?;
        let grid = moved.quantiles(bins);
        let bins = grid.len() - 1;
        // The first bin has both its edges, the others the upper one.
        let bin = |mean: &f64| grid[1..bins].partition_point(|edge| edge < mean);
        let own: Vec<usize> = moved.means.iter().map(bin).collect();
        let edge = |step: usize| -> Array1<f64> { own.iter().map(|&bin| grid[bin + step]).collect() };
        let changes = moved.answers(edge(1).view()) - moved.answers(edge(0).view());
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

    /// Effects at the edges `[bins + 1, outputs]`, in the unit of the answer.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// How many rows each bin has `[bins]`.
    #[must_use]
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }
}
