//! Errors of grids, maps and scalings, and of tables of features.

use std::fmt;
use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of grids, maps and scalings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A length that must be positive is zero.
    #[error("{what} must be at least 1 pixel")]
    Zero {
        /// The length.
        what: &'static str,
    },
    /// A window does not fit on an image.
    #[error(
        "the window of {window} pixels does not fit on the image of {height} x {width} pixels{}",
        .image.as_ref().map(|name| format!(" ({name})")).unwrap_or_default()
    )]
    WindowTooLarge {
        /// The window.
        window: crate::Window,
        /// Rows of the image.
        height: usize,
        /// Columns of the image.
        width: usize,
        /// The source of the image.
        image: Option<String>,
    },
    /// No centre leaves a whole window inside the image.
    #[error("none of the {given} centres leaves a whole window of {window} pixels inside the image")]
    NoCentreInside {
        /// The number of given centres.
        given: usize,
        /// The window.
        window: crate::Window,
    },
    /// A coordinate is not a number.
    #[error("centre {index} is not finite: ({row}, {column})")]
    CentreNotFinite {
        /// The index of the centre, from 0.
        index: usize,
        /// Its row.
        row: f64,
        /// Its column.
        column: f64,
    },
    /// An array has another length than the grid has patches.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// The quantity counted.
        what: &'static str,
        /// The expected number.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// An image index beyond the images of a grid.
    #[error("there is no image {index}: the grid has {images}")]
    NoSuchImage {
        /// The requested index.
        index: usize,
        /// The number of images.
        images: usize,
    },
    /// A text is not the symbol of a chemical element.
    #[error("element must be a chemical symbol, found {found:?}")]
    UnknownElement {
        /// The text, at most its first 20 characters.
        found: String,
    },
    /// A grid without any image.
    #[error("a patch grid needs at least one image")]
    NoImage,
}

/// Errors of tables of features and their files.
///
/// ```
/// use adatom_core::{FeatureTable, TableError};
/// let error = FeatureTable::load("no-such-table.csv").unwrap_err();
/// assert_eq!(error.to_string(), "cannot read no-such-table.csv");
/// assert!(matches!(error, TableError::Io { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A file cannot be read or written.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `write`.
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A file is not a table.
    #[error(
        "{}{}{}: expected {expected}, found {found}",
        .path.display(),
        .line.map(|line| format!(", line {line}")).unwrap_or_default(),
        .column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where one can be named.
        line: Option<u64>,
        /// The column: its number from 1 and its header, where one can be named.
        column: Option<Box<str>>,
        /// The expected content.
        expected: String,
        /// The content found.
        found: String,
    },
    /// A name, label or axis value is not allowed in a table.
    #[error("{what} must be {expected}, found {found:?}")]
    Name {
        /// The kind of name.
        what: &'static str,
        /// The valid names or values.
        expected: &'static str,
        /// The name or value found.
        found: String,
    },
    /// Something that must be unique occurs twice.
    #[error("duplicate {what} {name:?}")]
    Duplicate {
        /// `id`, `column`, `group` or `target`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Something has another length than the table.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// The quantity counted.
        what: &'static str,
        /// The expected number.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// There are too few of something.
    #[error("expected at least {least} {what}, found {found}")]
    TooFew {
        /// The quantity counted.
        what: &'static str,
        /// The smallest valid number.
        least: usize,
        /// The number found.
        found: usize,
    },
    /// A feature or a target is not a finite number.
    #[error("{column} of {id:?} must be a finite number, found {found}")]
    NotFinite {
        /// The column's header.
        column: String,
        /// The sample.
        id: String,
        /// The value.
        found: f64,
    },
    /// The table does not have what was requested.
    #[error(
        "there is no {what} {name:?}; known: {}",
        if .known.is_empty() { "none".to_owned() } else { .known.join(", ") }
    )]
    Unknown {
        /// `target`, `group`, `modality` or `row`.
        what: &'static str,
        /// The requested name.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A target is missing for some samples, or is text where numbers are needed.
    #[error("target {name:?} {what} ({count} of the rows, the first is {id:?})")]
    Target {
        /// The target.
        name: String,
        /// `is missing` or `is text, not numbers`.
        what: &'static str,
        /// The number of rows concerned.
        count: usize,
        /// The first of them.
        id: String,
    },
    /// Rows of joined tables lack a partner.
    #[error("{0}")]
    Unmatched(JoinReport),
    /// Joined tables have different values for one sample.
    #[error("{what} {name:?} of {id:?} is {first} in one table and {second} in another")]
    Conflict {
        /// `target` or `group`.
        what: &'static str,
        /// Its name.
        name: String,
        /// The sample.
        id: String,
        /// The value in the earlier table.
        first: Box<str>,
        /// The value in the later table.
        second: Box<str>,
    },
    /// Rows cannot be split as requested.
    #[error("cannot split {rows} rows: {reason}")]
    Split {
        /// The number of rows.
        rows: usize,
        /// The reason.
        reason: SplitFault,
    },
}

/// Why rows cannot be split into training and test rows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitFault {
    /// The fraction of test rows is not between 0 and 1.
    #[error("the fraction of test rows must lie between 0 and 1, both excluded, found {found}")]
    Fraction {
        /// The fraction.
        found: f64,
    },
    /// One row cannot be split.
    #[error("at least 2 are needed")]
    TooFew,
    /// A class has one member, which cannot be on both sides.
    #[error("class {class} has one member only; leave it out or do not stratify")]
    SingleMember {
        /// The class.
        class: String,
    },
    /// All rows belong to one group, which cannot be on both sides.
    #[error("all belong to the group {group:?}")]
    OneGroup {
        /// The group's label.
        group: String,
    },
    /// The number of folds is out of its range.
    #[error("the number of folds must lie between 2 and {most}, found {found}")]
    Folds {
        /// The number of folds.
        found: usize,
        /// One fold per row, or fewer where the lists of rows would fill the memory.
        most: usize,
    },
    /// A class has fewer members than there are folds.
    #[error(
        "class {class} has {members} members for {folds} folds; leave it out, take fewer folds or do \
         not stratify"
    )]
    FewMembers {
        /// The class.
        class: String,
        /// The number of its rows.
        members: usize,
        /// The requested number of folds.
        folds: usize,
    },
    /// There are fewer groups than folds.
    #[error("there are {groups} groups for {folds} folds")]
    FewGroups {
        /// The number of groups.
        groups: usize,
        /// The requested number of folds.
        folds: usize,
    },
    /// All members of a class belong to one group, which cannot be on both sides.
    #[error("all members of class {class} belong to the group {group:?}; leave it out or do not stratify")]
    ClassInOneGroup {
        /// The class.
        class: String,
        /// The group's label.
        group: String,
    },
}

/// The samples that are not in all of the joined tables.
///
/// ```
/// use adatom_core::{FeatureColumn, FeatureTable, Modality, ndarray::array};
/// let xanes = FeatureTable::new(
///     ["a", "b"],
///     vec![FeatureColumn::new(Modality::Xanes, 8980.0)?],
///     array![[1.0], [2.0]],
/// )?;
/// let pdf = FeatureTable::new(
///     ["b", "c"],
///     vec![FeatureColumn::new(Modality::Pdf, 2.0)?],
///     array![[3.0], [4.0]],
/// )?;
/// let error = FeatureTable::join([xanes.clone(), pdf.clone()]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "2 of 3 samples are not in all tables: \"a\" lacks pdf, \"c\" lacks xanes"
/// );
///
/// let joined = FeatureTable::join_common([xanes, pdf])?;
/// assert_eq!(joined.table.ids(), ["b"]);
/// assert_eq!(joined.report.unmatched[0].id, "a");
/// # Ok::<(), adatom_core::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinReport {
    /// The contents of the tables, such as `xanes` or `xanes, pdf`; `labels` where a table has no feature.
    pub tables: Vec<String>,
    /// The number of different samples in all tables together.
    pub samples: usize,
    /// The samples that are not in all of them, in the order of the tables.
    pub unmatched: Vec<UnmatchedRow>,
}

/// A sample that is not in all of the joined tables.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmatchedRow {
    /// The sample.
    pub id: String,
    /// The tables that do not have it, from 0.
    pub lacks: Vec<usize>,
}

impl fmt::Display for JoinReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        if self.unmatched.is_empty() {
            return write!(formatter, "all {} samples are in all tables", self.samples);
        }
        write!(formatter, "{} of {} samples are not in all tables: ", self.unmatched.len(), self.samples)?;
        for (index, row) in self.unmatched.iter().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let lacks: Vec<&str> = row.lacks.iter().map(|&table| self.tables[table].as_str()).collect();
            write!(formatter, "{comma}{:?} lacks {}", row.id, lacks.join(" and "))?;
        }
        match self.unmatched.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, ", and {more} more"),
        }
    }
}
