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
    /// Where the value of a row stands in `known`, `[n]`.
    places: Vec<Option<usize>>,
    /// The target of the rows for which it is known, in their order; every class has a row.
    known: Target,
}

/// The values that are known, and where each row's value is among them.
fn compact<T>(values: impl IntoIterator<Item = Option<T>>) -> (Vec<Option<usize>>, Vec<T>) {
    let mut known = Vec::new();
    let place = |value: Option<T>| {
        value.map(|value| {
            known.push(value);
            known.len() - 1
        })
    };
    (values.into_iter().map(place).collect(), known)
}

impl TargetColumn {
    /// Numbers, one a row.
    pub fn of_numbers(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let (places, known) = compact(values);
        Self { places, known: Target::numbers(known) }
    }

    /// Names of classes, one a row.
    pub fn of_classes<S: AsRef<str>>(names: impl IntoIterator<Item = Option<S>>) -> Self {
        let (places, known) = compact(names);
        Self { places, known: Target::classes(known) }
    }

    /// Numbers or classes.
    pub fn kind(&self) -> TargetKind {
        self.known.kind()
    }

    /// How many rows, with those where it is missing.
    #[expect(clippy::len_without_is_empty, reason = "a table is never empty")]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// For how many rows it is missing.
    pub fn missing(&self) -> usize {
        self.len() - self.known.len()
    }

    /// Whether it is known for a row.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn is_known(&self, row: usize) -> bool {
        self.places[row].is_some()
    }

    /// The target of the rows for which it is known, in their order.
    pub fn known(&self) -> &Target {
        &self.known
    }

    /// The number of a row, if it is known and a number.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn number(&self, row: usize) -> Option<f64> {
        let place = self.places[row]?;
        self.known.view().numbers().map(|values| values[place])
    }

    /// The name of a row's class, if it is known and a class.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn class(&self, row: usize) -> Option<&str> {
        let place = self.places[row]?;
        self.known.view().classes().map(|labels| labels.names[labels.codes[place]].as_str())
    }

    /// The value of a row as text: the class's name, or the shortest text that is the number.
    ///
    /// # Panics
    /// When there is no such row.
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
