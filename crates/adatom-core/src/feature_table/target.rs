//! What is to be predicted of every sample.

use std::cmp::Ordering;

/// A property of every sample: numbers or the names of classes; `None` where it is not known.
///
/// ```
/// use adatom_core::Target;
/// let target = Target::numbers([4.0, 6.0]);
/// assert_eq!((target.len(), target.missing()), (2, 0));
/// assert_eq!(target.text(1).as_deref(), Some("6"));
/// assert_eq!(Target::Classes(vec![Some("octahedral".into()), None]).missing(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Finite numbers, one a row.
    Numbers(Vec<Option<f64>>),
    /// Names of classes that are not empty, one a row.
    Classes(Vec<Option<String>>),
}

impl Target {
    /// Numbers that are known for all rows.
    pub fn numbers(values: impl IntoIterator<Item = f64>) -> Self {
        Self::Numbers(values.into_iter().map(Some).collect())
    }

    /// Names of classes that are known for all rows.
    pub fn classes<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self::Classes(names.into_iter().map(|name| Some(name.into())).collect())
    }

    /// How many rows, with those where it is missing.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Classes(names) => names.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For how many rows it is missing.
    pub fn missing(&self) -> usize {
        (0..self.len()).filter(|&row| !self.is_known(row)).count()
    }

    /// Whether it is known for a row.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn is_known(&self, row: usize) -> bool {
        match self {
            Self::Numbers(values) => values[row].is_some(),
            Self::Classes(names) => names[row].is_some(),
        }
    }

    /// The value of a row in words: the class's name, or the shortest text that is the number.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn text(&self, row: usize) -> Option<String> {
        match self {
            Self::Numbers(values) => values[row].map(|value| value.to_string()),
            Self::Classes(names) => names[row].clone(),
        }
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(rows.iter().map(|&row| values[row]).collect()),
            Self::Classes(names) => Self::Classes(rows.iter().map(|&row| names[row].clone()).collect()),
        }
    }
}

/// The classes of a target, and which one every row belongs to.
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
    /// How many rows every class has.
    pub counts: Vec<usize>,
}

impl ClassLabels {
    /// The classes of names, one a row.
    pub fn of_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        Self::sorted(&names, |left, right| left.cmp(right), Clone::clone)
    }

    /// The classes of finite numbers, one a row; equal numbers are one class.
    pub fn of_numbers(values: &[f64]) -> Self {
        // Adding zero makes -0 a plain 0, which is the same class.
        let values: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        Self::sorted(&values, |left, right| left.total_cmp(right), f64::to_string)
    }

    /// The classes of some of the rows, in the order given; names and codes stay, also those of classes without a row.
    ///
    /// ```
    /// use adatom_core::ClassLabels;
    /// let labels = ClassLabels::of_names(["a", "b", "c"]).select(&[2, 0]);
    /// assert_eq!((labels.codes, labels.counts), (vec![2, 0], vec![1, 0, 1]));
    /// ```
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let codes: Vec<usize> = rows.iter().map(|&row| self.codes[row]).collect();
        let mut counts = vec![0; self.names.len()];
        for &code in &codes {
            // A code without a name is refused where it matters.
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
