//! The numbers of a table by column, with the line of each row.

use super::layout::{is_mark, not_numbers};
use super::line::{Line, classify};
use crate::read::Warning;
use crate::read::source::{Source, excerpt};
use crate::{Error, Result};

/// Rows of equal length, by column.
pub(super) struct Rows {
    /// At least one column, each with at least one number.
    pub(super) columns: Vec<Vec<f64>>,
    /// The line of each row, counted from 1.
    pub(super) lines: Vec<usize>,
    /// Comments between the rows.
    pub(super) comments: Vec<String>,
}

/// Reads the rows from line `first` on.
///
/// # Errors
/// There are no rows, a line is not a row of numbers, or a row has more or fewer numbers than the first one.
/// Additional numbers are accepted if all are zero or NaN: unknown uncertainties.
pub(super) fn rows(source: &Source, first: usize, warnings: &mut Vec<Warning>) -> Result<Rows> {
    let mut rows = Rows { columns: Vec::new(), lines: Vec::new(), comments: Vec::new() };
    let mut wider = None;
    let mut row = Vec::new();
    for (line, text) in source.lines().skip(first - 1) {
        match classify(text, &mut row) {
            Line::Blank => {}
            Line::Comment if is_mark(text) || (text.starts_with("#S ") && !rows.lines.is_empty()) => {
                return Err(source.malformed(
                    line,
                    "one block of numbers",
                    format!("another one: {}", excerpt(text)),
                ));
            }
            Line::Comment => rows.comments.push(text.trim_start_matches(['#', '!', '%']).trim().to_owned()),
            Line::Text => return Err(not_numbers(source, line, text)),
            Line::Numbers(count) => {
                if rows.lines.is_empty() {
                    rows.columns = vec![Vec::new(); count];
                }
                if count != rows.columns.len() {
                    if row.iter().skip(rows.columns.len()).any(|&number| is_known(number))
                        || count < rows.columns.len()
                    {
                        return Err(wrong_count(source, line, rows.columns.len(), count));
                    }
                    wider.get_or_insert(line);
                }
                rows.columns.iter_mut().zip(&row).for_each(|(column, &number)| column.push(number));
                rows.lines.push(line);
            }
        }
    }
    if rows.lines.is_empty() {
        return Err(source.malformed(None, "rows of numbers after the header", "the end of the file"));
    }
    let message = "the rows have additional columns of zeros from here on, which were left out";
    warnings.extend(wider.map(|line| Warning::new(line, message)));
    Ok(rows)
}

/// Whether an uncertainty is known: programs write 0 or NaN for unknown ones.
fn is_known(uncertainty: f64) -> bool {
    uncertainty != 0.0 && !uncertainty.is_nan()
}

fn wrong_count(source: &Source, line: usize, expected: usize, found: usize) -> Error {
    source.malformed(line, &format!("{expected} numbers as in the previous rows"), format!("{found}"))
}

impl Rows {
    /// The first column as an axis, checked to be finite, not negative and strictly increasing.
    pub(super) fn axis(&self, source: &Source, name: &str, largest: f64) -> Result<Vec<f64>> {
        let mut before = f64::NEG_INFINITY;
        for (&value, &line) in self.columns[0].iter().zip(&self.lines) {
            if !value.is_finite() {
                return Err(source.malformed(line, &format!("a finite {name}"), value.to_string()));
            }
            if value < 0.0 {
                return Err(source.malformed(line, &format!("{name} of at least 0"), value.to_string()));
            }
            if value > largest {
                let expected = format!("{name} of at most {largest}");
                return Err(source.malformed(line, &expected, value.to_string()));
            }
            if value <= before {
                return Err(source.malformed(line, &format!("{name} above {before}"), value.to_string()));
            }
            before = value;
        }
        Ok(self.columns[0].clone())
    }

    /// A column as values, checked to be finite.
    pub(super) fn values(&self, source: &Source, at: usize, name: &str) -> Result<Vec<f64>> {
        let column = &self.columns[at];
        match column.iter().zip(&self.lines).find(|(value, _)| !value.is_finite()) {
            Some((value, &line)) => {
                Err(source.malformed(line, &format!("a finite {name}"), value.to_string()))
            }
            None => Ok(column.clone()),
        }
    }

    /// A column as standard uncertainties; `None` if all are zero or NaN. As in PDFgui, a column is used only
    /// if all values are positive.
    pub(super) fn uncertainties(
        &self,
        at: usize,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Option<Vec<f64>> {
        let column = &self.columns[at];
        if column.iter().all(|&value| value > 0.0 && value.is_finite()) {
            return Some(column.clone());
        }
        if let Some(index) = column.iter().position(|&value| is_known(value)) {
            let negative = column.iter().position(|&value| value < 0.0);
            let odd = negative.or(column.iter().position(|&value| !is_known(value) || value.is_infinite()));
            let odd = odd.unwrap_or(index);
            let message = format!(
                "column {} was left out: the uncertainties of {name} must be positive, found {}",
                at + 1,
                column[odd]
            );
            warnings.push(Warning::new(self.lines[odd], message));
        }
        None
    }
}
