//! Importances of columns, and their sums over regions and modalities, with spread.

use adatom_core::FeatureColumn;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::error::{Result, at_least, exactly, finite};
use super::region::{ColumnGroup, Region};

/// Importances of columns `[repeats, p]`, one row for each refit, permutation or sample.
///
/// ```
/// use adatom_core::{FeatureColumn, Modality, ndarray::array};
/// use adatom_interpret::{FeatureImportance, Region};
/// let columns = vec![
///     FeatureColumn::new(Modality::Xanes, 8980.0)?,
///     FeatureColumn::new(Modality::Xanes, 8990.0)?,
///     FeatureColumn::new(Modality::Pdf, 2.0)?,
/// ];
/// let importance = FeatureImportance::new(columns, array![[0.1, 0.5, 0.4], [0.3, 0.5, 0.2]])?;
/// assert_eq!(importance.mean(), array![0.2, 0.5, 0.30000000000000004]);
/// assert_eq!(importance.top(1), [1]);
/// let modalities = importance.by_modality();
/// assert_eq!(modalities.names(), ["xanes", "pdf"]);
/// assert!((modalities.mean()[0] - 0.7).abs() < 1e-15);
///
/// let region = Region::new("shoulder", Modality::Xanes, 9100.0, 9200.0)?;
/// let message =
///     "the region \"shoulder\" from 9100 to 9200 lies outside the axis of xanes, 8980 to 8990";
/// assert_eq!(importance.by_region(&[region]).unwrap_err().to_string(), message);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureImportance {
    columns: Vec<FeatureColumn>,
    values: Array2<f64>,
}

impl FeatureImportance {
    /// Importances `[repeats, p]` of `columns` (p).
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`](crate::ImportanceError::TooFew) when there is no column or no repeat;
    /// [`ImportanceError::Length`](crate::ImportanceError::Length) when the numbers of columns differ;
    /// [`ImportanceError::NotFinite`](crate::ImportanceError::NotFinite).
    pub fn new(columns: Vec<FeatureColumn>, values: Array2<f64>) -> Result<Self> {
        at_least("columns", 1, columns.len())?;
        exactly("columns of importances", columns.len(), values.ncols())?;
        at_least("repeats", 1, values.nrows())?;
        finite("the importance", values.view())?;
        Ok(Self { columns, values })
    }

    /// The columns `[p]`.
    #[must_use]
    pub fn columns(&self) -> &[FeatureColumn] {
        &self.columns
    }

    /// The importances `[repeats, p]`.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// Means over repeats `[p]`.
    #[must_use]
    pub fn mean(&self) -> Array1<f64> {
        mean(&self.values)
    }

    /// Sample standard deviations over repeats `[p]`; 0 for one repeat.
    #[must_use]
    pub fn spread(&self) -> Array1<f64> {
        spread(&self.values)
    }

    /// The indices of the `count` most important columns, in decreasing order of importance and then in that
    /// of the table.
    #[must_use]
    pub fn top(&self, count: usize) -> Vec<usize> {
        let mean = self.mean();
        let mut order: Vec<usize> = (0..mean.len()).collect();
        order.sort_by(|&left, &right| mean[right].total_cmp(&mean[left]));
        order.truncate(count);
        order
    }

    /// Sums over the columns of every modality, in the order of their first columns.
    #[must_use]
    pub fn by_modality(&self) -> GroupImportance {
        self.by_group(&ColumnGroup::modalities(&self.columns))
    }

    /// Sums over the columns of every region; regions may overlap.
    ///
    /// # Errors
    /// As [`Region::columns`].
    pub fn by_region(&self, regions: &[Region]) -> Result<GroupImportance> {
        Ok(self.by_group(&ColumnGroup::regions(&self.columns, regions)?))
    }

    fn by_group(&self, groups: &[ColumnGroup]) -> GroupImportance {
        let sum = |repeat: ArrayView1<'_, f64>, group: &ColumnGroup| {
            group.columns.iter().map(|&column| repeat[column]).sum()
        };
        let values = Array2::from_shape_fn((self.values.nrows(), groups.len()), |(repeat, group)| {
            sum(self.values.row(repeat), &groups[group])
        });
        GroupImportance { names: groups.iter().map(|group| group.name.clone()).collect(), values }
    }
}

/// Importances of groups of columns `[repeats, groups]`: modalities, regions, or single columns.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupImportance {
    names: Vec<String>,
    values: Array2<f64>,
}

impl GroupImportance {
    /// Importances `[repeats, groups]` of named groups.
    ///
    /// # Errors
    /// As [`FeatureImportance::new`].
    pub fn new(names: Vec<String>, values: Array2<f64>) -> Result<Self> {
        at_least("groups", 1, names.len())?;
        exactly("columns of importances", names.len(), values.ncols())?;
        at_least("repeats", 1, values.nrows())?;
        finite("the importance", values.view())?;
        Ok(Self { names, values })
    }

    /// Names of the groups.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The importances `[repeats, groups]`.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// Means over repeats `[groups]`.
    #[must_use]
    pub fn mean(&self) -> Array1<f64> {
        mean(&self.values)
    }

    /// Sample standard deviations over repeats `[groups]`; 0 for one repeat.
    #[must_use]
    pub fn spread(&self) -> Array1<f64> {
        spread(&self.values)
    }

    /// The same values as importances of columns, where every group is one column in the order of `columns`.
    ///
    /// # Errors
    /// [`ImportanceError::Length`](crate::ImportanceError::Length) when there are not as many columns as
    /// groups.
    pub fn of_columns(self, columns: &[FeatureColumn]) -> Result<FeatureImportance> {
        FeatureImportance::new(columns.to_vec(), self.values)
    }
}

fn mean(values: &Array2<f64>) -> Array1<f64> {
    values.mean_axis(Axis(0)).expect("there is a repeat")
}

fn spread(values: &Array2<f64>) -> Array1<f64> {
    if values.nrows() < 2 { Array1::zeros(values.ncols()) } else { values.std_axis(Axis(0), 1.0) }
}
