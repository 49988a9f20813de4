//! A target of a table: numbers or classes of those rows for which it is known.

use crate::{ClassLabels, Target, TargetKind};

/// A [`Target`] that may be missing for some of the rows.
///
/// ```
/// use adatom_core::{Target, TargetColumn};
/// let column = TargetColumn::from(Target::numbers([4.0, 6.0]));
/// assert_eq!((column.len(), column.missing()), (2, 0));
/// assert_eq!(column.text(1).as_deref(), Some("6"));
///
/// let column = TargetColumn::of_classes([Some("octahedral"), None]);
/// assert_eq!((column.missing(), column.class(0), column.class(1)), (1, Some("octahedral"), None));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TargetColumn {
    /// The index of each row in `known`, `[n]`.
    indices: Vec<Option<usize>>,
    /// The target of the rows for which it is known, in their order; every class has a row.
    known: Target,
}

/// The known values, and the index of each row among them.
struct Compact<T> {
    indices: Vec<Option<usize>>,
    known: Vec<T>,
}

fn compact<T>(values: impl IntoIterator<Item = Option<T>>) -> Compact<T> {
    let mut known = Vec::new();
    let index = |value: Option<T>| {
        value.map(|value| {
            known.push(value);
            known.len() - 1
        })
    };
    let indices = values.into_iter().map(index).collect();
    Compact { indices, known }
}

impl TargetColumn {
    /// Numbers, one per row.
    pub fn of_numbers(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let Compact { indices, known } = compact(values);
        Self { indices, known: Target::numbers(known) }
    }

    /// Names of classes, one per row.
    pub fn of_classes<S: AsRef<str>>(names: impl IntoIterator<Item = Option<S>>) -> Self {
        let Compact { indices, known } = compact(names);
        Self { indices, known: Target::classes(known) }
    }

    /// Numbers or classes.
    pub fn kind(&self) -> TargetKind {
        self.known.kind()
    }

    /// The number of rows, including those where it is missing.
    #[expect(clippy::len_without_is_empty, reason = "a table is never empty")]
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// The number of rows for which it is missing.
    pub fn missing(&self) -> usize {
        self.len() - self.known.len()
    }

    /// Whether it is known for a row.
    ///
    /// # Panics
    /// For a row that does not exist.
    pub fn is_known(&self, row: usize) -> bool {
        self.indices[row].is_some()
    }

    /// The target of the rows for which it is known, in their order.
    pub fn known(&self) -> &Target {
        &self.known
    }

    /// The number of a row, if it is known and a number.
    ///
    /// # Panics
    /// For a row that does not exist.
    pub fn number(&self, row: usize) -> Option<f64> {
        let index = self.indices[row]?;
        self.known.view().numbers().map(|values| values[index])
    }

    /// The name of a row's class, if it is known and a class.
    ///
    /// # Panics
    /// For a row that does not exist.
    pub fn class(&self, row: usize) -> Option<&str> {
        let index = self.indices[row]?;
        self.known.view().classes().map(|labels| labels.names[labels.codes[index]].as_str())
    }

    /// The value of a row as text: the class's name, or the shortest text that is the number.
    ///
    /// # Panics
    /// For a row that does not exist.
    pub fn text(&self, row: usize) -> Option<String> {
        self.class(row).map(str::to_owned).or_else(|| self.number(row).map(|value| value.to_string()))
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        self.map_rows(rows.iter().map(|&row| (self, row)))
    }

    /// The same kind of target with the values of these rows of columns.
    fn map_rows<'a>(&self, rows: impl Iterator<Item = (&'a Self, usize)>) -> Self {
        match self.kind() {
            TargetKind::Numbers => Self::of_numbers(rows.map(|(column, row)| column.number(row))),
            TargetKind::Classes => Self::of_classes(rows.map(|(column, row)| column.class(row))),
        }
    }

    /// Takes the values of `other`, a column of the same kind and length, where none is known here.
    pub(super) fn complete(&self, other: &Self) -> Self {
        let source = |row| if self.is_known(row) { (self, row) } else { (other, row) };
        self.map_rows((0..self.len()).map(source))
    }
}

impl From<Target> for TargetColumn {
    fn from(target: Target) -> Self {
        match target {
            Target::Numbers(values) => Self::of_numbers(values.into_iter().map(Some)),
            Target::Classes(ClassLabels { names, codes, .. }) => {
                Self::of_classes(codes.iter().map(|&code| Some(&names[code])))
            }
        }
    }
}
