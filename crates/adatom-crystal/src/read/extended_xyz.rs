//! Extended XYZ, as ASE and OVITO write it; frames follow each other.
//!
//! | lines | content |
//! |---|---|
//! | 1 | the number of atoms |
//! | 2 | `key=value` and `key="several values"`, of which the keys below are read |
//! | then | one line per atom: columns of `Properties`; `species` (or `Z`) and `pos` (Å) are read |
//!
//! Keys: `Lattice` (nine numbers, vector by vector), `Properties` (`name:type:columns` for all columns),
//! `pbc`.

use super::source::{Source, quoted};
use super::{Reader, symbol};
use crate::number::number;
use crate::{Crystal, Element, Lattice, Result, Site, Species};

pub(super) struct ExtendedXyz;

impl Reader for ExtendedXyz {
    fn format(&self) -> &'static str {
        "extended XYZ"
    }

    fn recognises(&self, source: &Source) -> bool {
        let mut lines = source.lines().map(|(_, line)| line);
        if lines.next().is_none_or(|line| line.trim().parse::<u64>().is_err()) {
            return false;
        }
        // The third line of a POSCAR holds numbers only.
        let lattice = lines.next().is_some_and(|line| line.to_ascii_lowercase().contains("lattice="));
        let word = lines.next().and_then(|line| line.split_whitespace().next());
        lattice || word.is_some_and(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()))
    }

    fn read(&self, source: &Source) -> Result<Vec<Crystal>> {
        let lines: Vec<_> = source.lines().collect();
        let mut crystals = Vec::new();
        let mut rest = lines.as_slice();
        while let [(_, first), after @ ..] = rest {
            if first.trim().is_empty() {
                rest = after;
                continue;
            }
            let (crystal, left) = frame(source, rest)?;
            crystals.push(crystal);
            rest = left;
        }
        match crystals.is_empty() {
            true => Err(source.malformed(1, "the number of atoms", "nothing")),
            false => Ok(crystals),
        }
    }
}

type Lines<'l, 'a> = &'l [(usize, &'a str)];

/// The first frame of at least one line, and the lines after it.
fn frame<'l, 'a>(source: &Source, lines: Lines<'l, 'a>) -> Result<(Crystal, Lines<'l, 'a>)> {
    let (line, text) = lines[0];
    let wrong = |expected: &str, found: String| source.malformed(line, expected, found);
    let count: usize = text.trim().parse().map_err(|_| wrong("the number of atoms", quoted(text)))?;
    let left = lines.len().saturating_sub(2);
    if count == 0 || count > left {
        return Err(wrong(
            "the number of atoms, at most that of the lines that follow",
            format!("{count} with {left}"),
        ));
    }
    let (line, comment) = lines[1];
    let pairs = pairs(comment);
    let value =
        |key: &str| pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| *value);
    let lattice = lattice(source, line, value("lattice"))?;
    let periodic = value("pbc").is_none_or(|pbc| {
        pbc.split_whitespace().all(|word| matches!(word, "T" | "t" | "1" | "True" | "true"))
    });
    if !periodic {
        let found = format!("pbc={}", quoted(value("pbc").unwrap_or_default()));
        return Err(source.malformed(line, "a structure that is periodic along all three vectors", found));
    }
    let columns = Columns::read(source, line, value("properties").unwrap_or("species:S:1:pos:R:3"))?;
    let atoms = &lines[2..2 + count];
    let sites = atoms.iter().map(|&(line, text)| columns.site(source, line, text, &lattice));
    let sites = sites.collect::<Result<Vec<_>>>()?;
    let crystal = Crystal::new(lattice, sites).map_err(|error| source.impossible(line, error))?;
    Ok((crystal, &lines[2 + count..]))
}

fn lattice(source: &Source, line: usize, text: Option<&str>) -> Result<Lattice> {
    let wrong = |found: String| source.malformed(line, "Lattice=\"...\" with nine numbers", found);
    let text = text.ok_or_else(|| wrong("none: a molecule without a cell?".into()))?;
    let numbers = text.split_whitespace().map(number).collect::<Option<Vec<_>>>();
    let numbers: [f64; 9] =
        numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(|| wrong(quoted(text)))?;
    let [a, b, c, d, e, f, g, h, i] = numbers;
    Lattice::new([[a, b, c], [d, e, f], [g, h, i]]).map_err(|error| source.impossible(line, error))
}

/// Keys with their values; a key alone has an empty value.
fn pairs(mut text: &str) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return pairs;
        }
        let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
        let (key, rest) = text.split_at(end);
        let Some(rest) = rest.trim_start().strip_prefix('=') else {
            pairs.push((key, ""));
            text = rest;
            continue;
        };
        let rest = rest.trim_start();
        let (open, close) = match rest.chars().next() {
            Some('"') => (1, '"'),
            Some('\'') => (1, '\''),
            Some('{') => (1, '}'),
            Some('[') => (1, ']'),
            _ => (0, ' '),
        };
        let body = &rest[open..];
        let end = if open == 1 { body.find(close) } else { body.find(char::is_whitespace) };
        let end = end.unwrap_or(body.len());
        pairs.push((key, &body[..end]));
        text = body.get(end + open..).unwrap_or_default();
    }
}

/// Where the columns of a line are.
struct Columns {
    species: Option<usize>,
    number: Option<usize>,
    place: usize,
}

impl Columns {
    fn read(source: &Source, line: usize, properties: &str) -> Result<Self> {
        let wrong = || {
            let expected = "Properties with species:S:1 (or Z:I:1) and pos:R:3";
            source.malformed(line, expected, quoted(properties))
        };
        let (mut species, mut number, mut place, mut at) = (None, None, None, 0usize);
        let words: Vec<_> = properties.split(':').collect();
        for property in words.chunks(3) {
            let [name, kind, count] = property else { return Err(wrong()) };
            let count: usize = count.trim().parse().map_err(|_| wrong())?;
            match (name.to_ascii_lowercase().as_str(), *kind, count) {
                ("species" | "element" | "symbol", "S", 1) => species = species.or(Some(at)),
                ("z" | "numbers" | "atomic_number", "I", 1) => number = number.or(Some(at)),
                ("pos" | "position" | "positions", "R", 3) => place = place.or(Some(at)),
                _ => {}
            }
            at = at.checked_add(count).ok_or_else(wrong)?;
        }
        match place {
            Some(place) if species.or(number).is_some() => Ok(Self { species, number, place }),
            _ => Err(wrong()),
        }
    }

    fn site(&self, source: &Source, line: usize, text: &str, lattice: &Lattice) -> Result<Site> {
        let word = |at: usize| text.split_whitespace().nth(at);
        let place = [0, 1, 2].map(|axis| word(self.place.saturating_add(axis)).and_then(number));
        let [Some(x), Some(y), Some(z)] = place else {
            return Err(source.malformed(line, "three coordinates", quoted(text)));
        };
        let name = self.species.and_then(word);
        let species = match (name, self.number) {
            (Some(name), _) => symbol(name).map(|(element, _)| match name {
                "D" => Species::deuterium(),
                _ => Species::new(element),
            }),
            (None, Some(at)) => {
                let element = word(at).and_then(|word| Element::from_atomic_number(word.parse().ok()?));
                element.map(Species::new)
            }
            (None, None) => None,
        };
        let species = species.ok_or_else(|| source.malformed(line, "a chemical element", quoted(text)))?;
        let fractional = lattice.fractional([x, y, z]).map(crate::site::wrapped);
        let site = Site::new(species, fractional).map_err(|error| source.impossible(line, error))?;
        Ok(match name {
            Some(name) if name != species.element().symbol() => site.with_label(name),
            _ => site,
        })
    }
}
