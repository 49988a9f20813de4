//! The settings of space groups by name, by number and by Hall symbol.

use super::table::SETTINGS;
use super::{HallSymbol, SymmetryOperation};
use crate::Lattice;

/// A space group on certain axes, with a certain origin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The number of the group, 1 to 230.
    pub(super) group: u8,
    /// The unique axis and cell choice of a monoclinic group, the axes of an orthorhombic one, the origin (1
    /// or 2), or H or R for hexagonal or rhombohedral axes; empty where there is one setting.
    pub(super) choice: &'static str,
    pub(super) hall: &'static str,
    /// Hermann-Mauguin symbols.
    pub(super) short: &'static str,
    pub(super) full: &'static str,
}

/// A name from before 1992, when a double glide plane got the letter e.
struct OldName {
    name: &'static str,
    /// Rows of the table, from 1.
    hall_numbers: &'static [usize],
}

#[rustfmt::skip]
const BEFORE_E: [OldName; 30] = [
    OldName { name: "abm2", hall_numbers: &[191] },
    OldName { name: "bma2", hall_numbers: &[192] },
    OldName { name: "b2cm", hall_numbers: &[193] },
    OldName { name: "c2mb", hall_numbers: &[194] },
    OldName { name: "cm2a", hall_numbers: &[195] },
    OldName { name: "ac2m", hall_numbers: &[196] },
    OldName { name: "aba2", hall_numbers: &[203] },
    OldName { name: "bba2", hall_numbers: &[204] },
    OldName { name: "b2cb", hall_numbers: &[205] },
    OldName { name: "c2cb", hall_numbers: &[206] },
    OldName { name: "cc2a", hall_numbers: &[207] },
    OldName { name: "ac2a", hall_numbers: &[208] },
    OldName { name: "cmca", hall_numbers: &[304] },
    OldName { name: "ccmb", hall_numbers: &[305] },
    OldName { name: "abma", hall_numbers: &[306] },
    OldName { name: "acam", hall_numbers: &[307] },
    OldName { name: "bbcm", hall_numbers: &[308] },
    OldName { name: "bmab", hall_numbers: &[309] },
    OldName { name: "cmma", hall_numbers: &[316] },
    OldName { name: "cmmb", hall_numbers: &[317] },
    OldName { name: "abmm", hall_numbers: &[318] },
    OldName { name: "acmm", hall_numbers: &[319] },
    OldName { name: "bmcm", hall_numbers: &[320] },
    OldName { name: "bmam", hall_numbers: &[321] },
    OldName { name: "ccca", hall_numbers: &[322, 323] },
    OldName { name: "cccb", hall_numbers: &[324, 325] },
    OldName { name: "abaa", hall_numbers: &[326, 327] },
    OldName { name: "acaa", hall_numbers: &[328, 329] },
    OldName { name: "bbcb", hall_numbers: &[330, 331] },
    OldName { name: "bbab", hall_numbers: &[332, 333] },
];

impl Setting {
    /// The setting with this Hall symbol, in any case.
    pub(crate) fn with_hall_symbol(symbol: &str) -> Option<&'static Self> {
        let compact = symbol.replace('_', " ").replace('"', "=");
        let wanted = compact.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        SETTINGS.iter().find(|setting| setting.hall.to_lowercase() == wanted)
    }

    /// The setting that a Hermann-Mauguin symbol means, such as `P 21/c`, `F d -3 m :2` or `R -3 m H`; `None`
    /// where the group is unknown, or has two origins and the symbol does not say which.
    pub(crate) fn with_name(symbol: &str, lattice: &Lattice) -> Option<&'static Self> {
        let name = Name::of(symbol);
        chosen(by_name(&name.compact), name.choice, lattice)
    }

    /// The setting of a group that has a single origin, by its number.
    pub(crate) fn with_number(number: u8, lattice: &Lattice) -> Option<&'static Self> {
        chosen(SETTINGS.iter().filter(|setting| setting.group == number).collect(), None, lattice)
    }

    /// All operations of the conventional cell.
    pub(crate) fn operations(&self) -> Vec<SymmetryOperation> {
        let symbol: HallSymbol = self.hall.parse().expect("a test reads every symbol of the table");
        symbol.operations()
    }
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

    /// That of a row of the table, which begins with the origin or is the kind of axes.
    fn of(setting: &Setting) -> Option<Self> {
        match setting.choice.chars().next()? {
            '1' => Some(Self::FirstOrigin),
            '2' => Some(Self::SecondOrigin),
            'H' => Some(Self::Hexagonal),
            'R' => Some(Self::Rhombohedral),
            _ => None,
        }
    }
}

/// A Hermann-Mauguin symbol without the setting behind it.
struct Name {
    /// Without spaces and in lower case.
    compact: String,
    choice: Option<Choice>,
}

impl Name {
    /// Takes symbols such as `F d -3 m :2`, `F d -3 m Z` and `R -3 m H` apart.
    fn of(symbol: &str) -> Self {
        if let Some((name, setting)) = symbol.split_once(':') {
            return Self { compact: compact(name), choice: Choice::read(setting.trim()) };
        }
        // A 1 or 2 without a colon before it belongs to the name.
        let last = symbol.trim().rsplit_once([' ', '\t']).filter(|(_, last)| !last.starts_with(['1', '2']));
        let setting = last.and_then(|(name, last)| Some((name, Choice::read(last)?)));
        match setting {
            Some((name, choice)) => Self { compact: compact(name), choice: Some(choice) },
            None => Self { compact: compact(symbol), choice: None },
        }
    }
}

fn compact(name: &str) -> String {
    let kept =
        name.chars().filter(|character| !character.is_whitespace() && !matches!(character, '_' | '(' | ')'));
    kept.collect::<String>().to_lowercase()
}

/// Settings whose short or full name is this one, the standard one first.
fn by_name(name: &str) -> Vec<&'static Setting> {
    let find = |same: &dyn Fn(&Setting) -> bool| SETTINGS.iter().filter(|one| same(one)).collect::<Vec<_>>();
    // Cell choices of monoclinic groups are told apart by their full names, of which short ones leave out two
    // 1.
    let monoclinic = name.split_at_checked(1).map(|(centring, rest)| format!("{centring}1{rest}1"));
    // Old names of cubic groups have 3 for -3.
    let old =
        |one: &Setting| (195..=230).contains(&one.group) && compact(one.short).replace("-3", "3") == name;
    let mut found = find(&|one| compact(one.full) == name);
    if found.is_empty() {
        found = find(&|one| (3..=15).contains(&one.group) && Some(compact(one.full)) == monoclinic);
    }
    if found.is_empty() {
        found = find(&|one| compact(one.short) == name);
    }
    if found.is_empty() {
        found = find(&old);
    }
    // Instead of what was found: a row of the table still has such a name in one of its two origins.
    if let Some(old) = BEFORE_E.iter().find(|old| old.name == name) {
        found = old.hall_numbers.iter().map(|number| &SETTINGS[number - 1]).collect();
    }
    found
}

/// The setting that is meant; `None` if there is none, or there are two origins and none is named.
fn chosen(
    mut candidates: Vec<&'static Setting>,
    choice: Option<Choice>,
    lattice: &Lattice,
) -> Option<&'static Setting> {
    let first = Choice::of(candidates.first()?);
    let choice = match first {
        Some(Choice::Hexagonal | Choice::Rhombohedral) => {
            let given = choice.filter(|choice| matches!(choice, Choice::Hexagonal | Choice::Rhombohedral));
            let hexagonal = (lattice.angles()[2] - 120.0).abs() < 1.0;
            Some(given.unwrap_or(if hexagonal { Choice::Hexagonal } else { Choice::Rhombohedral }))
        }
        Some(_) => Some(choice?),
        None => None,
    };
    candidates.retain(|setting| choice.is_none() || Choice::of(setting) == choice);
    candidates.into_iter().next()
}

#[cfg(test)]
mod tests {
    use moyo::data::hall_symbol_entry;

    use super::*;

    #[test]
    fn every_row_is_that_of_moyo() {
        for (row, number) in SETTINGS.iter().zip(1..) {
            let entry = hall_symbol_entry(number).unwrap();
            assert_eq!(i32::from(row.group), entry.number);
            let found = (row.choice, row.hall, row.short, row.full);
            assert_eq!(found, (entry.setting, entry.hall_symbol, entry.hm_short, entry.hm_full));
        }
    }
}
