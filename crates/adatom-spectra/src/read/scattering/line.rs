//! Classifies the lines of a table.

use crate::read::numbers::append_row;

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Blank,
    Comment,
    /// Only numbers, and how many.
    Numbers(usize),
    Text,
}

/// Classifies a line and replaces the content of `row` by its numbers.
pub(super) fn classify(line: &str, row: &mut Vec<f64>) -> Line {
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
    fn lines_are_classified() {
        let mut row = Vec::new();
        assert_eq!(classify("  0.99999998E-02  .12D+01 -.5\t", &mut row), Line::Numbers(3));
        assert_eq!(row, [0.0099999998, 1.2, -0.5]);
        assert_eq!(classify(" \t", &mut row), Line::Blank);
        assert_eq!(classify("#S 1", &mut row), Line::Comment);
        assert_eq!(classify("1 two", &mut row), Line::Text);
        assert_eq!(classify("nan 1", &mut row), Line::Numbers(2));
    }
}
