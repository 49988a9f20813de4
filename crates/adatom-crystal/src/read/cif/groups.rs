//! The symmetry operations of a data block: listed, or those of the space group that it names.
//!
//! Operations of a named group come from the Hall symbols of *International Tables for Crystallography* B, 1.4. Groups
//! with two origins are not guessed between: the wrong one would give a wrong structure without a word.

use moyo::data::{HallSymbol, HallSymbolEntry, hall_symbol_entry};

use super::block::Block;
use super::operation::Operation;
use crate::read::source::quoted;
use crate::{Error, Lattice, Result};

const LISTED: [&str; 3] = [
    "_space_group_symop_operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
    "_space_group_symop_magn_operation_xyz",
];
const CENTRINGS: &str = "_space_group_symop_magn_centering_xyz";
const HALL: [&str; 2] = ["_space_group_name_hall", "_symmetry_space_group_name_hall"];
const HERMANN_MAUGUIN: [&str; 3] =
    ["_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m", "_space_group_name_h-m_full"];
const NUMBER: [&str; 2] = ["_space_group_it_number", "_symmetry_int_tables_number"];

/// More than any space group has in a cell with every centring, eight times over.
const MOST_OPERATIONS: usize = 8 * 192;

/// How far an operation may be from keeping the lengths of the cell, of the square of a length: cells are rounded, but
/// a group that is written for other axes is another matter.
const METRIC_TOLERANCE: f64 = 0.1;

/// Names from before 1992, when a double glide plane got the letter e, and the Hall numbers of the settings.
const BEFORE_E: [(&str, [i32; 2]); 30] = [
    ("abm2", [191; 2]),
    ("bma2", [192; 2]),
    ("b2cm", [193; 2]),
    ("c2mb", [194; 2]),
    ("cm2a", [195; 2]),
    ("ac2m", [196; 2]),
    ("aba2", [203; 2]),
    ("bba2", [204; 2]),
    ("b2cb", [205; 2]),
    ("c2cb", [206; 2]),
    ("cc2a", [207; 2]),
    ("ac2a", [208; 2]),
    ("cmca", [304; 2]),
    ("ccmb", [305; 2]),
    ("abma", [306; 2]),
    ("acam", [307; 2]),
    ("bbcm", [308; 2]),
    ("bmab", [309; 2]),
    ("cmma", [316; 2]),
    ("cmmb", [317; 2]),
    ("abmm", [318; 2]),
    ("acmm", [319; 2]),
    ("bmcm", [320; 2]),
    ("bmam", [321; 2]),
    ("ccca", [322, 323]),
    ("cccb", [324, 325]),
    ("abaa", [326, 327]),
    ("acaa", [328, 329]),
    ("bbcb", [330, 331]),
    ("bbab", [332, 333]),
];

/// The operations of a block, the identity first.
pub(super) fn operations(block: &Block<'_>, lattice: &Lattice) -> Result<Vec<Operation>> {
    let (line, operations) = match listed(block)? {
        Some(listed) => listed,
        None => named(block, lattice)?,
    };
    if operations.len() > MOST_OPERATIONS {
        let (what, found) = ("symmetry operations", operations.len());
        return Err(Error::TooLarge { what, limit: MOST_OPERATIONS, found });
    }
    if let Some(wrong) = operations.iter().find(|operation| !keeps_metric(operation, lattice)) {
        let found = format!("lengths {:?}, angles {:?}", lattice.lengths(), lattice.angles());
        let expected = format!("a cell that has the symmetry operation {}", wrong.rotation_text());
        return Err(block.source.malformed(line, expected, found));
    }
    let identity = Operation::identity();
    let others = operations.into_iter().filter(|operation| *operation != identity);
    Ok(std::iter::once(identity.clone()).chain(others).collect())
}

/// The operations that the block lists, with the line of the first.
fn listed(block: &Block<'_>) -> Result<Option<(usize, Vec<Operation>)>> {
    let read = |tag: &str| -> Result<Option<(usize, Vec<Operation>)>> {
        let Some(column) = block.column(tag) else { return Ok(None) };
        let known = column.iter().filter_map(|value| Some((value.line, value.text?)));
        let operations = known.clone().map(|(line, text)| {
            let expected = "a symmetry operation such as -y, x-y, z+1/3";
            Operation::parse(text).ok_or_else(|| block.source.malformed(line, expected, quoted(text)))
        });
        let operations = operations.collect::<Result<Vec<_>>>()?;
        Ok(known.clone().next().map(|(line, _)| (line, operations)))
    };
    for tag in LISTED {
        let Some((line, operations)) = read(tag)? else { continue };
        let Some((_, centrings)) = read(CENTRINGS)? else { return Ok(Some((line, operations))) };
        // Bounded before they are multiplied.
        let found = operations.len().saturating_mul(centrings.len());
        if found > MOST_OPERATIONS {
            return Err(Error::TooLarge { what: "symmetry operations", limit: MOST_OPERATIONS, found });
        }
        let all = centrings.iter().flat_map(|centring| operations.iter().map(|one| centring.after(one)));
        return Ok(Some((line, all.collect())));
    }
    Ok(None)
}

/// The operations of the space group that the block names, with the line of the name.
fn named(block: &Block<'_>, lattice: &Lattice) -> Result<(usize, Vec<Operation>)> {
    if let Some((line, text)) = block.first(&HALL) {
        let wanted = text
            .replace('_', " ")
            .replace('"', "=")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        let same = |entry: &HallSymbolEntry| entry.hall_symbol.to_lowercase() == wanted;
        if let Some(entry) = entries().find(same) {
            return Ok((line, derived(&entry)));
        }
    }
    if let Some((line, text)) = block.first(&HERMANN_MAUGUIN) {
        let (name, setting) = split_setting(text);
        let candidates = by_name(&name);
        let entry = chosen(candidates, setting, lattice);
        let expected = "the name of a space group, with its origin (:1 or :2) where it has two, or a list of its \
                        symmetry operations";
        let entry = entry.ok_or_else(|| block.source.malformed(line, expected, quoted(text)))?;
        return Ok((line, derived(&entry)));
    }
    if let Some((line, text)) = block.first(&NUMBER) {
        let candidates = entries().filter(|entry| text.parse() == Ok(entry.number)).collect();
        let expected =
            "the number of a space group (1 to 230) with a single origin, or a list of symmetry operations";
        let entry = chosen(candidates, None, lattice);
        let entry = entry.ok_or_else(|| block.source.malformed(line, expected, quoted(text)))?;
        return Ok((line, derived(&entry)));
    }
    let found = format!("neither in block {}", quoted(block.name));
    Err(block.source.malformed(block.line, "symmetry operations or the name of a space group", found))
}

fn entries() -> impl Iterator<Item = HallSymbolEntry> {
    (1..=530).filter_map(hall_symbol_entry)
}

/// The operations of an entry, those of each centring.
fn derived(entry: &HallSymbolEntry) -> Vec<Operation> {
    let symbol = HallSymbol::new(entry.hall_symbol).expect("the table's own symbols are right");
    let representatives: Vec<_> = symbol.traverse().into_iter().collect();
    let centrings = entry.centering.lattice_points();
    let all = centrings.iter().flat_map(|centring| {
        representatives.iter().map(|operation| {
            let translation = operation.translation_as_array();
            Operation {
                rotation: operation.rotation_as_array().map(|row| row.map(f64::from)),
                translation: std::array::from_fn(|axis| translation[axis] + centring[axis]),
            }
        })
    });
    all.collect()
}

/// Which of the settings of a group is meant: an origin, or the axes of a rhombohedral cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    FirstOrigin,
    SecondOrigin,
    Hexagonal,
    Rhombohedral,
}

impl Choice {
    fn read(text: &str) -> Option<Self> {
        match text {
            "1" | "S" | "s" => Some(Self::FirstOrigin),
            "2" | "Z" | "z" => Some(Self::SecondOrigin),
            "H" | "h" => Some(Self::Hexagonal),
            "R" | "r" => Some(Self::Rhombohedral),
            _ => None,
        }
    }

    /// Settings of the table begin with the origin, or are the kind of axes.
    fn of(entry: &HallSymbolEntry) -> Option<Self> {
        match entry.setting.chars().next()? {
            '1' => Some(Self::FirstOrigin),
            '2' => Some(Self::SecondOrigin),
            'H' => Some(Self::Hexagonal),
            'R' => Some(Self::Rhombohedral),
            _ => None,
        }
    }
}

/// A name, compact and in lower case, and the setting behind it: `F d -3 m :2`, `F d -3 m Z`, `R -3 m H`.
fn split_setting(text: &str) -> (String, Option<Choice>) {
    let (name, setting) = match text.split_once(':') {
        Some((name, setting)) => (name, Choice::read(setting.trim())),
        None => {
            let last = text.trim().rsplit_once([' ', '\t']);
            let choice = last.and_then(|(name, last)| {
                // A 1 or 2 that is not set off by a colon belongs to the name.
                let choice = Choice::read(last).filter(|_| !last.starts_with(['1', '2']))?;
                Some((name, Some(choice)))
            });
            choice.unwrap_or((text, None))
        }
    };
    (compact(name), setting)
}

fn compact(name: &str) -> String {
    let kept =
        name.chars().filter(|character| !character.is_whitespace() && !matches!(character, '_' | '(' | ')'));
    kept.collect::<String>().to_lowercase()
}

/// Settings whose short or full name is this one, the standard one first.
fn by_name(name: &str) -> Vec<HallSymbolEntry> {
    let find =
        |same: &dyn Fn(&HallSymbolEntry) -> bool| entries().filter(|entry| same(entry)).collect::<Vec<_>>();
    // Cell choices of monoclinic groups are told by their full names, of which the short ones leave out two 1.
    let monoclinic = name.split_at_checked(1).map(|(centring, rest)| format!("{centring}1{rest}1"));
    // Old names of cubic groups have 3 for -3.
    let old = |entry: &HallSymbolEntry| {
        (195..=230).contains(&entry.number) && compact(entry.hm_short).replace("-3", "3") == name
    };
    let mut found = find(&|entry| compact(entry.hm_full) == name);
    if found.is_empty() {
        found = find(&|entry| (3..=15).contains(&entry.number) && Some(compact(entry.hm_full)) == monoclinic);
    }
    if found.is_empty() {
        found = find(&|entry| compact(entry.hm_short) == name);
    }
    if found.is_empty() {
        found = find(&old);
    }
    // Over what was found: an entry of the table still bears such a name in one of its two origins.
    if let Some((_, settings)) = BEFORE_E.iter().find(|(old, _)| *old == name) {
        found = find(&|entry| settings.contains(&entry.hall_number));
    }
    found
}

/// The setting that is meant; `None` where there is none, or two origins and no word which.
fn chosen(
    mut candidates: Vec<HallSymbolEntry>,
    setting: Option<Choice>,
    lattice: &Lattice,
) -> Option<HallSymbolEntry> {
    let first = Choice::of(candidates.first()?);
    let setting = match first {
        Some(Choice::Hexagonal | Choice::Rhombohedral) => {
            let given = setting.filter(|choice| matches!(choice, Choice::Hexagonal | Choice::Rhombohedral));
            let hexagonal = (lattice.angles()[2] - 120.0).abs() < 1.0;
            Some(given.unwrap_or(if hexagonal { Choice::Hexagonal } else { Choice::Rhombohedral }))
        }
        Some(_) => Some(setting?),
        None => None,
    };
    candidates.retain(|entry| setting.is_none() || Choice::of(entry) == setting);
    candidates.into_iter().next()
}

/// Whether Wᵀ G W = G, G the products of the cell vectors.
fn keeps_metric(operation: &Operation, lattice: &Lattice) -> bool {
    let vectors = lattice.vectors();
    let moved: [[f64; 3]; 3] = std::array::from_fn(|j| {
        std::array::from_fn(|k| (0..3).map(|i| operation.rotation[i][j] * vectors[i][k]).sum())
    });
    let lengths = lattice.lengths();
    let pairs = (0..3).flat_map(|i| (i..3).map(move |j| (i, j)));
    let mut changes = pairs.map(|(i, j)| {
        let change = crate::lattice::dot(moved[i], moved[j]) - crate::lattice::dot(vectors[i], vectors[j]);
        change.abs() / (lengths[i] * lengths[j])
    });
    changes.all(|change| change <= METRIC_TOLERANCE)
}
