//! The quantity to predict: a number or a class for each row.

use std::cmp::Ordering;

use ndarray::{Array1, ArrayView1, Axis};
use serde::{Deserialize, Serialize};

use crate::TableError;

/// Whether a target is numbers or classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// One class per row: classification.
    Classes,
    /// One number per row: regression.
    Numbers,
}

/// The known target of every row. A column with missing values is a [`TargetColumn`](crate::TargetColumn).
///
/// ```
/// use adatom_core::{Target, TargetKind};
/// let bonds = Target::numbers([1.84, 1.95]);
/// assert_eq!((bonds.kind(), bonds.len()), (TargetKind::Numbers, 2));
/// assert_eq!(bonds.select(&[1]), Target::numbers([1.95]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// One number per row, `[n]`, in its unit.
    Numbers(Array1<f64>),
    /// One class per row.
    Classes(ClassLabels),
}

/// A borrowed [`Target`].
///
/// ```
/// use adatom_core::{ClassLabels, TargetKind, TargetView};
/// let classes = ClassLabels::of_names(["octahedral", "tetrahedral"]);
/// assert_eq!(TargetView::from(&classes).kind(), TargetKind::Classes);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TargetView<'a> {
    /// One number per row, `[n]`, in its unit.
    Numbers(ArrayView1<'a, f64>),
    /// One class per row.
    Classes(&'a ClassLabels),
}

impl Target {
    /// Numbers, one per row.
    pub fn numbers(values: impl IntoIterator<Item = f64>) -> Self {
        Self::Numbers(values.into_iter().collect())
    }

    /// Names of classes, one per row.
    pub fn classes<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self::Classes(ClassLabels::of_names(names))
    }

    /// The same target, borrowed.
    #[must_use]
    pub fn view(&self) -> TargetView<'_> {
        match self {
            Self::Numbers(values) => TargetView::Numbers(values.view()),
            Self::Classes(labels) => TargetView::Classes(labels),
        }
    }

    /// Numbers or classes.
    #[must_use]
    pub fn kind(&self) -> TargetKind {
        self.view().kind()
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// The target of some of the rows, in the order given.
    ///
    /// # Panics
    /// For a row that does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        self.view().select(rows)
    }
}

impl<'a> TargetView<'a> {
    /// Numbers or classes.
    #[must_use]
    pub fn kind(&self) -> TargetKind {
        match self {
            Self::Numbers(_) => TargetKind::Numbers,
            Self::Classes(_) => TargetKind::Classes,
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Classes(labels) => labels.codes.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of values of a prediction: one per class, or one.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Numbers(_) => 1,
            Self::Classes(labels) => labels.names.len(),
        }
    }

    /// The numbers, unless there are classes.
    #[must_use]
    pub fn numbers(&self) -> Option<ArrayView1<'a, f64>> {
        match self {
            Self::Numbers(values) => Some(*values),
            Self::Classes(_) => None,
        }
    }

    /// The classes, unless there are numbers.
    #[must_use]
    pub fn classes(&self) -> Option<&'a ClassLabels> {
        match self {
            Self::Numbers(_) => None,
            Self::Classes(labels) => Some(labels),
        }
    }

    /// The target of some of the rows, in the order given.
    ///
    /// # Panics
    /// For a row that does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Target {
        match self {
            Self::Numbers(values) => Target::Numbers(values.select(Axis(0), rows)),
            Self::Classes(labels) => Target::Classes(labels.select(rows)),
        }
    }
}

impl From<ClassLabels> for Target {
    fn from(labels: ClassLabels) -> Self {
        Self::Classes(labels)
    }
}

impl From<Array1<f64>> for Target {
    fn from(values: Array1<f64>) -> Self {
        Self::Numbers(values)
    }
}

impl<'a> From<&'a Target> for TargetView<'a> {
    fn from(target: &'a Target) -> Self {
        target.view()
    }
}

impl<'a> From<&'a ClassLabels> for TargetView<'a> {
    fn from(labels: &'a ClassLabels) -> Self {
        Self::Classes(labels)
    }
}

impl<'a> From<ArrayView1<'a, f64>> for TargetView<'a> {
    fn from(values: ArrayView1<'a, f64>) -> Self {
        Self::Numbers(values)
    }
}

impl<'a> From<&'a Array1<f64>> for TargetView<'a> {
    fn from(values: &'a Array1<f64>) -> Self {
        Self::Numbers(values.view())
    }
}

/// The classes of a target, and the class of every row.
///
/// ```
/// use adatom_core::ClassLabels;
/// let labels = ClassLabels::of_names(["tetrahedral", "octahedral", "tetrahedral"]);
/// assert_eq!(labels.names, ["octahedral", "tetrahedral"]);
/// assert_eq!((labels.codes, labels.counts), (vec![1, 0, 1], vec![1, 2]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassLabels {
    /// Names of the classes: numbers in increasing order, else text in alphabetic order.
    pub names: Vec<String>,
    /// The class of every row, an index of `names`, `[n]`.
    pub codes: Vec<usize>,
    /// The number of rows of every class.
    pub counts: Vec<usize>,
}

impl ClassLabels {
    /// The classes of names, one per row.
    pub fn of_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        Self::sorted(&names, |left, right| left.cmp(right), Clone::clone)
    }

    /// The classes of finite numbers, one per row; equal numbers are one class.
    pub fn of_numbers(values: &[f64]) -> Self {
        // Adding zero makes -0 a plain 0, which is the same class.
        let values: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        Self::sorted(&values, |left, right| left.total_cmp(right), f64::to_string)
    }

    /// Classes with these names; the class of every row is an index of `names`.
    ///
    /// ```
    /// use adatom_core::ClassLabels;
    /// let labels = ClassLabels::new(["linear", "square"], vec![1, 0, 1])?;
    /// assert_eq!(labels, ClassLabels::of_names(["square", "linear", "square"]));
    /// assert!(ClassLabels::new(["linear"], vec![1]).is_err());
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    ///
    /// # Errors
    /// [`TableError::TooFew`] when a code has no name.
    pub fn new<S: Into<String>>(
        names: impl IntoIterator<Item = S>,
        codes: Vec<usize>,
    ) -> Result<Self, TableError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut counts = vec![0; names.len()];
        for &code in &codes {
            let found = counts.len();
            let least = code.saturating_add(1);
            let what = "names of classes";
            *counts.get_mut(code).ok_or(TableError::TooFew { what, least, found })? += 1;
        }
        Ok(Self { names, codes, counts })
    }

    /// Classes that have numbers instead of names: 0, 1, ... up to the largest code.
    ///
    /// ```
    /// use adatom_core::ClassLabels;
    /// assert_eq!(ClassLabels::of_codes([0, 2]).names, ["0", "1", "2"]);
    /// ```
    pub fn of_codes(codes: impl IntoIterator<Item = usize>) -> Self {
        let codes: Vec<usize> = codes.into_iter().collect();
        let classes = codes.iter().max().map_or(0, |&largest| largest + 1);
        Self::new((0..classes).map(|code| code.to_string()), codes).expect("every code has a name")
    }

    /// The classes of some of the rows, in the order given; names and codes stay, also those of classes
    /// without a row.
    ///
    /// ```
    /// use adatom_core::ClassLabels;
    /// let labels = ClassLabels::of_names(["a", "b", "c"]).select(&[2, 0]);
    /// assert_eq!((labels.codes, labels.counts), (vec![2, 0], vec![1, 0, 1]));
    /// ```
    ///
    /// # Panics
    /// For a row that does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let codes: Vec<usize> = rows.iter().map(|&row| self.codes[row]).collect();
        let mut counts = vec![0; self.names.len()];
        for &code in &codes {
            // Codes without a name are refused where classes are used.
            if let Some(count) = counts.get_mut(code) {
                *count += 1;
            }
        }
        Self { names: self.names.clone(), codes, counts }
    }

    fn sorted<T: Clone>(
        values: &[T],
        order: impl Fn(&T, &T) -> Ordering,
        name: impl Fn(&T) -> String,
    ) -> Self {
        let mut classes = values.to_vec();
        classes.sort_by(&order);
        classes.dedup_by(|left, right| order(left, right).is_eq());
        let code = |value: &T| {
            classes
                .binary_search_by(|class| order(class, value))
                .expect("every value is in the list of classes")
        };
        let codes: Vec<usize> = values.iter().map(code).collect();
        let mut counts = vec![0; classes.len()];
        codes.iter().for_each(|&code| counts[code] += 1);
        Self { names: classes.iter().map(name).collect(), codes, counts }
    }
}
