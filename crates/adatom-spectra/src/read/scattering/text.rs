//! Lines of a table of numbers: which are numbers, which are comments.

use crate::read::numbers::append_row;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Blank,
    Comment,
    /// Nothing but numbers, and how many.
    Numbers(usize),
    Text,
}

/// Sorts a line, and puts its numbers in place of those in `row`.
pub(super) fn sort(line: &str, row: &mut Vec<f64>) -> Line {
    row.clear();
    match line.trim_start().chars().next() {
        None => Line::Blank,
        Some('#' | '!' | '%') => Line::Comment,
        Some(_) if append_row(line, row) => Line::Numbers(row.len()),
        Some(_) => Line::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sorted() {
        let mut row = Vec::new();
        assert_eq!(sort("  0.99999998E-02  .12D+01 -.5\t", &mut row), Line::Numbers(3));
        assert_eq!(row, [0.0099999998, 1.2, -0.5]);
        assert_eq!(sort(" \t", &mut row), Line::Blank);
        assert_eq!(sort("#S 1", &mut row), Line::Comment);
        assert_eq!(sort("1 two", &mut row), Line::Text);
        assert_eq!(sort("nan 1", &mut row), Line::Numbers(2));
    }
}
