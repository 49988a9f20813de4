//! Divides a file of columns into header, data and footer.
//!
//! Headers may contain tables of numbers, so a file is divided from the end: footer, data, header. The data
//! are the last lines with equally many numbers. A line that looks like a damaged row of the data is an
//! error.

use crate::{Error, Result};

use super::super::numbers::{append_row, fields, number, resembles_row};
use super::super::source::{Source, excerpt};
use super::super::table::Rows;

/// Fewer rows after a longer block of another width are the rest of a truncated file, not the data.
const FEWEST: usize = 3;

/// The parts of a file of columns.
pub(super) struct Layout<'a> {
    pub(super) header: Vec<(usize, &'a str)>,
    pub(super) rows: Rows,
    pub(super) footer: Vec<&'a str>,
}

/// The parts of a file; `None` without a table of numbers.
pub(super) fn layout(source: &Source) -> Result<Option<Layout<'_>>> {
    let lines: Vec<(usize, &str)> = source.lines().collect();
    let mut end = lines.len();
    let mut row = Vec::new();
    while end > 0 && width(lines[end - 1].1, &mut row) < 2 {
        end -= 1;
    }
    if end == 0 {
        return Ok(None);
    }
    let columns = width(lines[end - 1].1, &mut row);
    let mut start = end;
    while start > 0 && (is_blank(lines[start - 1].1) || width(lines[start - 1].1, &mut row) == columns) {
        start -= 1;
    }
    let mut rows = Rows { width: columns, values: Vec::new(), lines: Vec::new() };
    for &(number, line) in &lines[start..end] {
        if append_row(line, &mut rows.values) {
            rows.lines.push(number);
        }
    }
    if let Some(error) = damaged_row(source, &lines, start..end, &rows) {
        return Err(error);
    }
    if let Some(at) = rows.values.iter().position(|value| !value.is_finite()) {
        let found = rows.values[at].to_string();
        return Err(source.malformed(rows.lines[at / columns], "finite numbers", found));
    }
    let footer = lines[end..].iter().map(|(_, line)| *line).filter(|line| !is_blank(line)).collect();
    Ok(Some(Layout { header: lines[..start].to_vec(), rows, footer }))
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn width(line: &str, row: &mut Vec<f64>) -> usize {
    row.clear();
    append_row(line, row);
    row.len()
}

/// The error for a line above or below the data that looks like a damaged row.
fn damaged_row(
    source: &Source,
    lines: &[(usize, &str)],
    data: std::ops::Range<usize>,
    rows: &Rows,
) -> Option<Error> {
    let mut row = Vec::new();
    let columns = rows.width;
    let numbers = |width: usize| format!("{width} numbers");
    if let Some(&(at, line)) = lines[data.end..].iter().find(|(_, line)| !is_blank(line)) {
        // Two columns may be followed by an unrelated number.
        if width(line, &mut row) == 1 && columns > 2 {
            return Some(source.malformed(at, &numbers(columns), "1"));
        }
        if resembles_row(line, columns) {
            return Some(source.malformed(at, &numbers(columns), bad_field(line)));
        }
    }
    let (&(at, line), above) = lines[..data.start].split_last()?;
    let other = width(line, &mut row);
    if other == 0 {
        return resembles_row(line, columns)
            .then(|| source.malformed(at, &numbers(columns), bad_field(line)));
    }
    let mut run = above.iter().rev().take_while(|(_, line)| width(line, &mut row) == other).count() + 1;
    if rows.lines.len() < FEWEST && run >= FEWEST {
        return Some(source.malformed(rows.lines[0], &numbers(other), columns.to_string()));
    }
    run = above.iter().rev().take_while(|(_, line)| width(line, &mut row) == columns).count();
    (run > 0).then(|| source.malformed(at, &numbers(columns), other.to_string()))
}

/// The first field that is not a number.
fn bad_field(line: &str) -> String {
    excerpt(fields(line).into_iter().find(|word| number(word).is_none()).unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn source(text: &str) -> Source {
        Source::new(Path::new("memory"), text.into())
    }

    #[test]
    fn tables_in_the_header_and_words_in_the_footer_are_not_data() {
        let file = source("Weights\n 1 1\n 1 1\nData\ne mu\n\n10 1\n20 2\n\n30 3\nend of file\n\n");
        let Layout { header, rows, footer } = layout(&file).unwrap().unwrap();
        assert_eq!((header.len(), rows.width, footer.len()), (5, 2, 1));
        assert_eq!(rows.values, [10.0, 1.0, 20.0, 2.0, 30.0, 3.0]);
        assert!(layout(&source("no numbers\nat all 3\n")).unwrap().is_none());
    }

    #[test]
    fn damaged_rows_are_errors_with_their_line() {
        for (text, message) in [
            ("1 2 3\n4 5 x\n7 8 9\n", "line 2: expected 3 numbers, found `x`"),
            ("1 2 3\n4 5 6\n7 x 9\n", "line 3: expected 3 numbers, found `x`"),
            ("1 2 3\n4 5\n7 8 9\n", "line 2: expected 3 numbers, found 2"),
            ("1 2 3\n4 5 6\n7 8 9\n1 2\n", "line 4: expected 3 numbers, found 2"),
            ("1 2 3\n4 5 6\n7 8 9\n1\n", "line 4: expected 3 numbers, found 1"),
            ("1 2\n3 nan\n", "line 2: expected finite numbers, found NaN"),
            ("1,2,3\n4,,6\n7,8,9\n", "line 2: expected 3 numbers, found ``"),
        ] {
            let error = layout(&source(text)).err().unwrap();
            assert_eq!(error.to_string(), format!("memory, {message}"), "{text:?}");
        }
    }
}
