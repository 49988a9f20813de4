//! Divides a file into header, labels and numbers.
//!
//! | file | start of the numbers |
//! |---|---|
//! | with a line `#### start data` | after this line and the comments that follow |
//! | Fit2D: title, axis, ordinate, number of points | line 5 |
//! | other | the longest run of rows without text in between |

use super::labels::{Label, identify_exafs, identify_scattering, label, labels};
use super::line::{Line, classify};
use crate::Result;
use crate::read::source::{Source, excerpt};

/// The parts of a file.
pub(super) struct Layout<'a> {
    /// The lines before the numbers, without the line of the labels.
    pub(super) header: Vec<(usize, &'a str)>,
    /// The line of the labels and the labels, if they identify scattering or EXAFS.
    pub(super) labels: Option<(usize, Vec<Label>)>,
    /// The first line that may contain numbers, counted from 1.
    pub(super) first: usize,
    /// The number of points in the header of Fit2D.
    pub(super) promised: Option<usize>,
}

/// Whether a line marks the start of the numbers.
pub(super) fn is_mark(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    rest.len() < line.len()
        && rest.trim_start().get(..10).is_some_and(|text| text.eq_ignore_ascii_case("start data"))
}

/// Divides a file into its parts.
///
/// # Errors
/// There are no rows of numbers, or there is text between or after them.
pub(super) fn layout(source: &Source) -> Result<Layout<'_>> {
    if let Some((mark, _)) = source.lines().find(|(_, line)| is_mark(line)) {
        let mut row = Vec::new();
        let behind = source.lines().skip(mark);
        // Labels without a comment character may only be directly above the rows.
        let behind: Vec<_> = behind
            .take_while(|(_, line)| !matches!(classify(line, &mut row), Line::Numbers(_)))
            .take(LONGEST_PREFACE)
            .collect();
        let stray = behind
            .iter()
            .find(|(_, line)| classify(line, &mut Vec::new()) == Line::Text && !is_label_line(line));
        let first = stray.map_or(mark + 1 + behind.len(), |&(line, _)| line);
        let header =
            source.lines().take(mark - 1).chain(behind.into_iter().filter(|&(line, _)| line < first));
        return Ok(divided(header.collect(), first));
    }
    if let Some(promised) = fit2d(source) {
        let lines: Vec<_> = source.lines().take(3).collect();
        let axes = lines[1..].iter().map(|(_, line)| label(line)).collect();
        return Ok(Layout {
            header: vec![lines[0]],
            labels: Some((2, axes)),
            first: 5,
            promised: Some(promised),
        });
    }
    let run = longest_run(source)?;
    Ok(divided(source.lines().take(run.first - 1).collect(), run.first))
}

/// The largest number of lines between the mark and the first row.
const LONGEST_PREFACE: usize = 1000;

/// Whether a line contains labels of scattering or EXAFS.
fn is_label_line(line: &str) -> bool {
    let labels = labels(line);
    identify_scattering(&labels) || identify_exafs(&labels)
}

/// Separates the labels, the last line that contains some, from the header.
fn divided(mut header: Vec<(usize, &str)>, first: usize) -> Layout<'_> {
    let at = header.iter().rposition(|(_, line)| is_label_line(line));
    let found = at.map(|at| header.remove(at)).map(|(line, text)| (line, labels(text)));
    Layout { header, labels: found, first, promised: None }
}

/// The number of points stated by a Fit2D file.
fn fit2d(source: &Source) -> Option<usize> {
    let lines: Vec<&str> = source.lines().take(4).map(|(_, line)| line).collect();
    let [_, axis, _, points] = lines[..] else { return None };
    let axis = axis.trim().to_lowercase();
    let known =
        axis.starts_with("2-theta") || axis.starts_with("q (inverse") || axis.starts_with("radial dist");
    let points = points.split_whitespace().next()?;
    if known { points.parse().ok() } else { None }
}

/// Consecutive rows without text in between.
#[derive(Clone, Copy)]
struct Run {
    first: usize,
    last: usize,
    rows: usize,
    columns: usize,
    start: f64,
    end: f64,
}

/// The largest number of rows of a table in a header.
const LONGEST_TABLE: usize = 10;

/// The longest run of rows; of several equally long ones, the last.
fn longest_run(source: &Source) -> Result<Run> {
    let mut longest: Option<Run> = None;
    let mut current: Option<Run> = None;
    let mut commented = false;
    // The first text after the longest run, and the run before the longest if a single line separates them.
    let mut behind: Option<(usize, &str)> = None;
    let mut broken: Option<(usize, &str)> = None;
    let mut previous: Option<Run> = None;
    let mut row = Vec::new();
    for (line, text) in source.lines() {
        match classify(text, &mut row) {
            Line::Blank => {}
            Line::Comment => commented = true,
            Line::Text => {
                previous = current.take();
                behind.get_or_insert((line, text));
            }
            Line::Numbers(columns) => {
                let end = row[0];
                let begins = current.is_none_or(|run| {
                    run.columns != columns && (commented || (run.columns == 1 && run.rows == 1))
                });
                let run = match current {
                    Some(run) if !begins => Run { last: line, rows: run.rows + 1, end, ..run },
                    _ => Run { first: line, last: line, rows: 1, columns, start: end, end },
                };
                commented = false;
                current = Some(run);
                if longest.is_none_or(|longest| run.rows >= longest.rows) {
                    if let Some(previous) = previous
                        && continues(&previous, &run)
                    {
                        broken = behind.or(broken);
                    } else {
                        broken = None;
                    }
                    longest = Some(run);
                    behind = None;
                }
            }
        }
    }
    let Some(run) = longest else {
        return Err(source.malformed(None, "rows of numbers", "none"));
    };
    match broken.or(behind) {
        Some((line, text)) => Err(not_numbers(source, line, text)),
        None => Ok(run),
    }
}

/// Whether a run continues another one that was interrupted by a single line.
fn continues(before: &Run, run: &Run) -> bool {
    before.rows >= LONGEST_TABLE
        && before.columns == run.columns
        && before.last + 2 == run.first
        && before.end < run.start
}

/// The error for a line of text among the numbers.
pub(super) fn not_numbers(source: &Source, line: usize, text: &str) -> crate::Error {
    source.malformed(line, "a row of numbers", excerpt(text))
}
