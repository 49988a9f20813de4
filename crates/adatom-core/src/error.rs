//! What can be wrong with grids, maps and scalings, and with tables of features.

use std::path::PathBuf;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with grids, maps and scalings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A length that must be positive is zero.
    #[error("{what} must be at least 1 pixel")]
    Zero {
        /// Which length.
        what: &'static str,
    },
    /// A window does not fit on an image.
    #[error("the window of {window} pixels does not fit on the image of {height} x {width} pixels{source}", source = .image.as_ref().map(|name| format!(" ({name})")).unwrap_or_default())]
    WindowTooLarge {
        /// The window.
        window: crate::Window,
        /// Rows of the image.
        height: usize,
        /// Columns of the image.
        width: usize,
        /// Where the image came from.
        image: Option<String>,
    },
    /// No centre leaves a whole window inside the image.
    #[error("none of the {given} centres leaves a whole window of {window} pixels inside the image")]
    NoCentreInside {
        /// How many centres were given.
        given: usize,
        /// The window.
        window: crate::Window,
    },
    /// A coordinate is not a number.
    #[error("centre {index} is not finite: ({row}, {column})")]
    CentreNotFinite {
        /// Which centre, from 0.
        index: usize,
        /// Its row.
        row: f64,
        /// Its column.
        column: f64,
    },
    /// An array has another length than the grid has patches.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An image index beyond the images of a grid.
    #[error("there is no image {index}: the grid has {images}")]
    NoSuchImage {
        /// The index asked for.
        index: usize,
        /// How many images there are.
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

/// What can be wrong with tables of features and their files.
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
    /// The operating system refused to read or write a file.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `write`.
        doing: &'static str,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is not a table.
    #[error("{}{}{}: expected {expected}, found {found}", .path.display(), .line.map(|line| format!(", line {line}")).unwrap_or_default(), .column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where one can be named.
        line: Option<u64>,
        /// The column: its number from 1 and its header, where one can be named.
        column: Option<Box<str>>,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A name, label or axis value cannot stand in a table.
    #[error("{what} must be {expected}, found {found:?}")]
    Name {
        /// What it names.
        what: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// Something that must be unique stands twice.
    #[error("{what} {name:?} stands twice")]
    Duplicate {
        /// `the id`, `the column`, `the group`, `the target`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Something has another length than the table, or nothing is left.
    #[error("expected {expected} {what}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there should be (`at least 1` is 1).
        expected: usize,
        /// How many there are.
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
    /// Something is asked for that the table does not have.
    #[error("there is no {what} {name:?}; there is {}", if .known.is_empty() { "none".to_owned() } else { .known.join(", ") })]
    Unknown {
        /// `target`, `group`, `modality` or `row`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A target is missing for some samples, or is text where numbers are needed.
    #[error("target {name:?} {what} ({count} of the rows, the first is {id:?})")]
    Target {
        /// The target.
        name: String,
        /// `is missing` or `is text, not numbers`.
        what: &'static str,
        /// For how many rows.
        count: usize,
        /// The first of them.
        id: String,
    },
    /// Rows of joined tables lack a partner.
    #[error("{0}")]
    Unmatched(crate::JoinReport),
    /// Joined tables say different things of one sample.
    #[error("{what} {name:?} of {id:?} is {first} in one table and {second} in another")]
    Conflict {
        /// `target` or `group`.
        what: &'static str,
        /// Its name.
        name: String,
        /// The sample.
        id: String,
        /// What the earlier table says.
        first: Box<str>,
        /// What the later table says.
        second: Box<str>,
    },
    /// Rows cannot be split as asked.
    #[error("cannot split {rows} rows: {reason}")]
    Split {
        /// How many rows there are.
        rows: usize,
        /// Why not.
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
        /// One row a fold, or fewer where the lists of rows would fill the memory.
        most: usize,
    },
    /// A class has fewer members than there are folds.
    #[error(
        "class {class} has {members} members for {folds} folds; leave it out, take fewer folds or do not stratify"
    )]
    FewMembers {
        /// The class.
        class: String,
        /// How many rows it has.
        members: usize,
        /// How many folds were asked for.
        folds: usize,
    },
    /// There are fewer groups than folds.
    #[error("there are {groups} groups for {folds} folds")]
    FewGroups {
        /// How many groups there are.
        groups: usize,
        /// How many folds were asked for.
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
