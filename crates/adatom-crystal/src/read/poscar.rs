//! POSCAR and CONTCAR of VASP 4 and 5 (VASP manual, "POSCAR").
//!
//! | lines | content |
//! |---|---|
//! | 1 | a comment; in VASP 4 often the symbols |
//! | 2 | a scale, minus the volume, or three scales of x, y and z |
//! | 3 to 5 | the cell vectors |
//! | 6, 7 | symbols (VASP 5 only), counts |
//! | then | optional `Selective dynamics`; `Direct` or `Cartesian`; one line per site; the rest is ignored |

use super::source::{Source, quoted, three_numbers};
use super::{Reader, symbol};
use crate::number::number;
use crate::{Crystal, Element, Lattice, Result, Site, Species};

pub(super) struct Poscar;

impl Reader for Poscar {
    fn format(&self) -> &'static str {
        "POSCAR"
    }

    fn recognises(&self, source: &Source) -> bool {
        let mut lines = source.lines().skip(1).map(|(_, line)| line);
        let scale = lines.next().and_then(|line| number(line.split_whitespace().next()?));
        scale.is_some() && lines.next().is_some_and(|line| three_numbers(line).is_some())
    }

    fn read(&self, source: &Source) -> Result<Vec<Crystal>> {
        let mut lines = Lines { source, lines: source.lines().collect(), at: 0 };
        let (_, comment) = lines.next("a comment")?;
        let scale = lines.next("the scale of the cell")?;
        let vectors = [lines.vector()?, lines.vector()?, lines.vector()?];
        let scale = scales(source, scale, vectors)?;
        let scaled = |vector: [f64; 3]| std::array::from_fn(|axis| vector[axis] * scale[axis]);
        let lattice = Lattice::new(vectors.map(scaled)).map_err(|error| source.impossible(3, error))?;
        let groups = lines.groups(comment)?;
        let (selective, cartesian) = lines.modes()?;
        let count = groups.iter().map(|group| group.count).sum();
        let mut sites = Vec::with_capacity(count);
        for group in groups {
            for _ in 0..group.count {
                let (line, text) = lines.next("the coordinates of a site")?;
                let place = three_numbers(text)
                    .ok_or_else(|| source.malformed(line, "three coordinates", quoted(text)))?;
                let fractional = if cartesian { lattice.fractional(scaled(place)) } else { place };
                let label = label(text, selective);
                let element = group.element.or_else(|| symbol(label?).map(|(element, _)| element));
                let element = element.ok_or_else(|| {
                    source.malformed(line, "a chemical symbol here, in line 1 or in line 6", quoted(text))
                })?;
                let site = Site::new(Species::new(element), fractional)
                    .map_err(|error| source.impossible(line, error))?;
                let named = label.filter(|label| {
                    *label != element.symbol() && symbol(label).is_some_and(|(named, _)| named == element)
                });
                sites.push(match named {
                    Some(label) => site.with_label(label),
                    None => site,
                });
            }
        }
        lines.end(count)?;
        let crystal = Crystal::new(lattice, sites).map_err(|error| source.impossible(None, error))?;
        let name = comment.trim();
        Ok(vec![if name.is_empty() { crystal } else { crystal.with_name(name) }])
    }
}

/// Sites of one species that follow each other.
struct Group {
    /// Not known where a VASP 4 file names its species nowhere but behind the coordinates.
    element: Option<Element>,
    count: usize,
}

/// Factors of x, y and z.
fn scales(source: &Source, (line, text): (usize, &str), vectors: [[f64; 3]; 3]) -> Result<[f64; 3]> {
    let wrong = |found: String| source.malformed(line, "a scale, minus a volume, or three scales", found);
    if let Some(three) = three_numbers(text) {
        let positive = three.iter().all(|scale| *scale > 0.0);
        return if positive { Ok(three) } else { Err(wrong(quoted(text))) };
    }
    let scale = text.split_whitespace().next().and_then(number).filter(|scale| *scale != 0.0);
    match scale {
        Some(scale) if scale > 0.0 => Ok([scale; 3]),
        Some(scale) => {
            let cell = Lattice::new(vectors).map_err(|error| source.impossible(3, error))?;
            Ok([(-scale / cell.volume()).cbrt(); 3])
        }
        None => Err(wrong(quoted(text))),
    }
}

/// What a line of coordinates says behind them: the name of the site.
fn label(text: &str, selective: bool) -> Option<&str> {
    let label = text.split_whitespace().nth(if selective { 6 } else { 3 })?;
    label.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(label)
}

/// The lines of a POSCAR in order.
struct Lines<'a> {
    source: &'a Source,
    lines: Vec<(usize, &'a str)>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self, expected: &str) -> Result<(usize, &'a str)> {
        let line = self.lines.get(self.at).copied();
        self.at += 1;
        line.ok_or_else(|| self.source.malformed(self.lines.len(), expected, "the end of the file"))
    }

    fn vector(&mut self) -> Result<[f64; 3]> {
        let (line, text) = self.next("a cell vector")?;
        three_numbers(text)
            .ok_or_else(|| self.source.malformed(line, "three components of a cell vector", quoted(text)))
    }

    /// Species and their counts; never more sites than there are lines.
    fn groups(&mut self, comment: &str) -> Result<Vec<Group>> {
        let (line, text) = self.next("chemical symbols or counts")?;
        let (elements, (line, text)) = if begins_with_count(text) {
            (None, (line, text))
        } else {
            let mut elements = self.symbols(line, text)?;
            let mut next = self.next("counts of the species")?;
            // Long lists are broken by some programs.
            while !begins_with_count(next.1) && next.1.starts_with(|first: char| first.is_ascii_alphabetic())
            {
                elements.extend(self.symbols(next.0, next.1)?);
                next = self.next("counts of the species")?;
            }
            (Some(elements), next)
        };
        let mut counts = self.counts(line, text)?;
        if let Some(elements) = &elements {
            while counts.len() < elements.len()
                && self.lines.get(self.at).is_some_and(|line| begins_with_count(line.1))
            {
                let (line, text) = self.next("counts of the species")?;
                counts.extend(self.counts(line, text)?);
            }
            if counts.len() != elements.len() {
                let expected = format!("{} counts, one a species", elements.len());
                return Err(self.source.malformed(line, expected, quoted(text.trim())));
            }
        }
        let left = self.lines.len() - self.at;
        let total = counts.iter().try_fold(0usize, |sum, count| sum.checked_add(*count));
        if !total.is_some_and(|total| total > 0 && total <= left) {
            let expected = format!("counts of at most the {left} lines that follow, and not all 0");
            return Err(self.source.malformed(line, expected, quoted(text.trim())));
        }
        let named = elements.or_else(|| {
            let words = comment.split_whitespace().map(|word| Some(symbol(word)?.0));
            words.collect::<Option<Vec<_>>>().filter(|elements| elements.len() == counts.len())
        });
        let element = |at: usize| named.as_ref().map(|elements| elements[at]);
        Ok(counts.iter().enumerate().map(|(at, &count)| Group { element: element(at), count }).collect())
    }

    fn symbols(&self, line: usize, text: &str) -> Result<Vec<Element>> {
        let words = text.split_whitespace().take_while(|word| !word.starts_with(['!', '#']));
        let elements = words.map(|word| {
            let found = symbol(word).map(|(element, _)| element);
            found.ok_or_else(|| self.source.malformed(line, "a chemical symbol", quoted(word)))
        });
        let elements = elements.collect::<Result<Vec<_>>>()?;
        match elements.is_empty() {
            true => Err(self.source.malformed(line, "chemical symbols or counts", quoted(text))),
            false => Ok(elements),
        }
    }

    fn counts(&self, line: usize, text: &str) -> Result<Vec<usize>> {
        let words = text.split_whitespace().take_while(|word| !word.starts_with(['!', '#']));
        let counts = words.map(|word| {
            word.parse().map_err(|_| self.source.malformed(line, "the count of a species", quoted(word)))
        });
        let counts = counts.collect::<Result<Vec<usize>>>()?;
        match counts.is_empty() {
            true => Err(self.source.malformed(line, "counts of the species", quoted(text))),
            false => Ok(counts),
        }
    }

    /// Whether the coordinates are followed by flags, and whether they are Cartesian.
    fn modes(&mut self) -> Result<(bool, bool)> {
        let first = |text: &str| text.trim_start().chars().next().map(|first| first.to_ascii_lowercase());
        let expected = "Direct, Cartesian or Selective dynamics";
        let (mut line, mut text) = self.next(expected)?;
        let selective = first(text) == Some('s');
        if selective {
            (line, text) = self.next("Direct or Cartesian")?;
        }
        match first(text) {
            Some('c' | 'k') => Ok((selective, true)),
            Some('d' | 'f') | None => Ok((selective, false)),
            _ => Err(self.source.malformed(line, expected, quoted(text.trim()))),
        }
    }

    /// Coordinates without a blank line before them would be a site that no count counts.
    fn end(&self, count: usize) -> Result<()> {
        match self.lines.get(self.at) {
            Some((line, text)) if three_numbers(text).is_some() => {
                let expected = format!("a blank line after the {count} sites that the counts announce");
                Err(self.source.malformed(*line, expected, quoted(text.trim())))
            }
            _ => Ok(()),
        }
    }
}

fn begins_with_count(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
}
