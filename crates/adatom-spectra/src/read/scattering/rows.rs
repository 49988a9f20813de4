//! The rows of a table of numbers as columns, with the line of every row.

use super::layout::{is_mark, not_numbers};
use super::text::{Line, sort};
use crate::read::Warning;
use crate::read::source::{Source, excerpt};
use crate::{Error, Result};

/// Rows of equal length, by column.
pub(super) struct Rows {
    /// At least one column, each with at least one number.
    pub(super) columns: Vec<Vec<f64>>,
    /// The line of every row, from 1.
    pub(super) lines: Vec<usize>,
    /// Comments between the rows.
    pub(super) comments: Vec<String>,
}

/// Reads the rows from a line on.
///
/// # Errors
/// There are none, one is no row of numbers, or one has more or fewer numbers than the first. More numbers are
/// accepted where they are all zero or NaN: uncertainties that are not known.
pub(super) fn rows(source: &Source, first: usize, warnings: &mut Vec<Warning>) -> Result<Rows> {
    let mut rows = Rows { columns: Vec::new(), lines: Vec::new(), comments: Vec::new() };
    let mut wider = None;
    let mut row = Vec::new();
    for (line, text) in source.lines().skip(first - 1) {
        match sort(text, &mut row) {
            Line::Blank => {}
            Line::Comment if is_mark(text) || (text.starts_with("#S ") && !rows.lines.is_empty()) => {
                return Err(source.malformed(
                    line,
                    "one block of numbers",
                    format!("another: {}", excerpt(text)),
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
                        return Err(wrong_count(source, line, (rows.columns.len(), count)));
                    }
                    wider.get_or_insert(line);
                }
                rows.columns.iter_mut().zip(&row).for_each(|(column, &number)| column.push(number));
                rows.lines.push(line);
            }
        }
    }
    if rows.lines.is_empty() {
        return Err(source.malformed(None, "rows of numbers behind the header", "the end of the file"));
    }
    warnings.extend(wider.map(|line| Warning {
        line: Some(line),
        what: "rows have more columns from here on; they hold zeros and are left out".into(),
    }));
    Ok(rows)
}

/// Whether an uncertainty is one: programs write 0 or NaN for what they do not know.
fn is_known(uncertainty: f64) -> bool {
    uncertainty != 0.0 && !uncertainty.is_nan()
}

fn wrong_count(source: &Source, line: usize, (expected, found): (usize, usize)) -> Error {
    source.malformed(line, &format!("{expected} numbers as in the rows before"), format!("{found}"))
}

impl Rows {
    /// The first column as an axis: finite, not negative, strictly increasing.
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

    /// A column as values: finite.
    pub(super) fn values(&self, source: &Source, at: usize, name: &str) -> Result<Vec<f64>> {
        let column = &self.columns[at];
        match column.iter().zip(&self.lines).find(|(value, _)| !value.is_finite()) {
            Some((value, &line)) => {
                Err(source.malformed(line, &format!("a finite {name}"), value.to_string()))
            }
            None => Ok(column.clone()),
        }
    }

    /// A column as standard uncertainties; nothing where they are zero or NaN throughout. As in PDFgui, a column
    /// counts only when all of it is positive.
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
            warnings.push(Warning {
                line: Some(self.lines[odd]),
                what: format!(
                    "column {} is left out: uncertainties of {name} are positive, this one is {}",
                    at + 1,
                    column[odd]
                ),
            });
        }
        None
    }
}
