//! Where the header of a table ends and its numbers begin.
//!
//! | file | numbers begin |
//! |---|---|
//! | with a line `#### start data` | after it and the comments that follow |
//! | Fit2D: title, axis, ordinate, number of points | in line 5 |
//! | any other | at the longest run of rows that no text interrupts |

use super::labels::{Label, label, labels, name_exafs, name_scattering};
use super::text::{Line, sort};
use crate::Result;
use crate::read::source::{Source, excerpt};

/// A table with its header.
pub(super) struct Layout<'a> {
    /// Lines before the numbers, less the one with the labels.
    pub(super) header: Vec<(usize, &'a str)>,
    /// The line with the labels of columns, where its labels name scattering or EXAFS.
    pub(super) labels: Option<(usize, Vec<Label>)>,
    /// The first line that may hold numbers, from 1.
    pub(super) first: usize,
    /// How many points a Fit2D header promises.
    pub(super) promised: Option<usize>,
}

/// Whether a line is the mark before the numbers.
pub(super) fn is_mark(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    rest.len() < line.len()
        && rest.trim_start().get(..10).is_some_and(|text| text.eq_ignore_ascii_case("start data"))
}

/// Finds the parts of a table.
///
/// # Errors
/// There are no rows of numbers, or text lies between or behind them.
pub(super) fn layout(source: &Source) -> Result<Layout<'_>> {
    if let Some((mark, _)) = source.lines().find(|(_, line)| is_mark(line)) {
        let mut row = Vec::new();
        let behind = source.lines().skip(mark);
        // Labels without a mark of a comment may stand above the rows, but only directly.
        let behind: Vec<_> = behind
            .take_while(|(_, line)| !matches!(sort(line, &mut row), Line::Numbers(_)))
            .take(LONGEST_PREFACE)
            .collect();
        let stray = behind.iter().find(|(_, line)| sort(line, &mut Vec::new()) == Line::Text && !names(line));
        let first = stray.map_or(mark + 1 + behind.len(), |&(line, _)| line);
        let header =
            source.lines().take(mark - 1).chain(behind.into_iter().filter(|&(line, _)| line < first));
        return Ok(parted(header.collect(), first));
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
    Ok(parted(source.lines().take(run.first - 1).collect(), run.first))
}

/// More comments than this between the mark and the first row are no preface.
const LONGEST_PREFACE: usize = 1000;

fn names(line: &str) -> bool {
    let labels = labels(line);
    name_scattering(&labels) || name_exafs(&labels)
}

/// Takes the labels out of the header: the last line that has some.
fn parted(mut header: Vec<(usize, &str)>, first: usize) -> Layout<'_> {
    let at = header.iter().rposition(|(_, line)| names(line));
    let found = at.map(|at| header.remove(at)).map(|(line, text)| (line, labels(text)));
    Layout { header, labels: found, first, promised: None }
}

/// The number of points of a Fit2D file.
fn fit2d(source: &Source) -> Option<usize> {
    let lines: Vec<&str> = source.lines().take(4).map(|(_, line)| line).collect();
    let [_, axis, _, points] = lines[..] else { return None };
    let axis = axis.trim().to_lowercase();
    let known =
        axis.starts_with("2-theta") || axis.starts_with("q (inverse") || axis.starts_with("radial dist");
    let points = points.split_whitespace().next()?;
    if known { points.parse().ok() } else { None }
}

/// Rows that no text interrupts.
#[derive(Clone, Copy)]
struct Run {
    first: usize,
    last: usize,
    rows: usize,
    columns: usize,
    start: f64,
    end: f64,
}

/// A table of a header that has more rows than this is not told from data.
const LONGEST_TABLE: usize = 10;

/// The longest run of rows, the last of them where several are as long.
fn longest_run(source: &Source) -> Result<Run> {
    let mut longest: Option<Run> = None;
    let mut current: Option<Run> = None;
    let mut commented = false;
    // Text since the longest run ended, and the run before the longest where one line parts them.
    let mut behind: Option<(usize, &str)> = None;
    let mut broken: Option<(usize, &str)> = None;
    let mut previous: Option<Run> = None;
    let mut row = Vec::new();
    for (line, text) in source.lines() {
        match sort(text, &mut row) {
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

/// Whether a run goes on where another was interrupted by one line.
fn continues(before: &Run, run: &Run) -> bool {
    before.rows >= LONGEST_TABLE
        && before.columns == run.columns
        && before.last + 2 == run.first
        && before.end < run.start
}

/// What is wrong with a line among the numbers.
pub(super) fn not_numbers(source: &Source, line: usize, text: &str) -> crate::Error {
    source.malformed(line, "a row of numbers", excerpt(text))
}
