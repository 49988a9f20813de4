//! Targets from a file: columns `material`, `site` (index from 0; absent if rows are materials), then
//! targets.

use std::collections::BTreeMap;
use std::path::Path;

use adatom_core::TargetColumn;

use crate::error::Error;

/// Columns that identify a row and are not targets.
const NAMES: [&str; 4] = ["material", "site", "formula", "atoms"];

/// Notations of an unknown value.
const UNKNOWN: [&str; 8] = ["", "nan", "na", "n/a", "n.a.", "none", "null", "?"];

/// One value of a target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    /// The text in the file.
    text: String,
    value: LabelValue,
}

/// The kind of a value, which determines how the values of several sites are combined.
#[derive(Debug, Clone, Copy, PartialEq)]
enum LabelValue {
    /// A name: the value of the material if all sites agree.
    Name,
    /// A whole number such as a coordination number: the value of the material if all sites agree.
    Count(f64),
    /// A quantity such as a length: the mean over the sites.
    Quantity(f64),
}

impl Label {
    /// A whole number.
    pub(super) fn count(number: f64) -> Self {
        Self { text: number.to_string(), value: LabelValue::Count(number) }
    }

    /// A quantity, which is averaged over sites even where it happens to be a whole number.
    pub(super) fn quantity(number: f64) -> Self {
        Self { text: number.to_string(), value: LabelValue::Quantity(number) }
    }

    /// A value of a file: a number with a decimal point or an exponent is a quantity.
    fn read(text: &str) -> Self {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let value = match number {
            Some(number) if text.contains(['.', 'e', 'E']) => LabelValue::Quantity(number),
            Some(number) => LabelValue::Count(number),
            None => LabelValue::Name,
        };
        Self { text: text.to_owned(), value }
    }

    fn number(&self) -> Option<f64> {
        match self.value {
            LabelValue::Name => None,
            LabelValue::Count(number) | LabelValue::Quantity(number) => Some(number),
        }
    }
}

/// A target of one row.
#[derive(Debug, Clone)]
pub(super) struct RowLabel {
    pub(super) target: String,
    /// None if it is unknown.
    pub(super) label: Option<Label>,
}

/// The content of a file of labels.
#[derive(Debug)]
pub(super) struct Labels {
    targets: Vec<String>,
    /// By material and site; unknown values are none.
    rows: BTreeMap<RowKey, Vec<Option<Label>>>,
}

/// The material or site of a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey {
    material: String,
    /// None if rows are materials.
    site: Option<usize>,
}

impl Labels {
    pub(super) fn load(path: &Path) -> Result<Self, Error> {
        let wrong = |problem: String| Error::DataSet { path: path.to_owned(), problem };
        if !std::fs::metadata(path).map_err(Error::file(path))?.is_file() {
            return Err(wrong("not a regular file".into()));
        }
        let file = std::fs::File::open(path).map_err(Error::file(path))?;
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
        let column = |name: &str| header.iter().position(|label| label.trim() == name);
        let material =
            column("material").ok_or_else(|| wrong("line 1: expected a column `material`".into()))?;
        let site = column("site");
        let wanted: Vec<usize> =
            (0..header.len()).filter(|&at| !NAMES.contains(&header[at].trim())).collect();
        if wanted.is_empty() {
            return Err(wrong("line 1: expected columns of targets beside material and site".into()));
        }
        let mut rows = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let index = match site {
                Some(site) => Some(record[site].trim().parse().map_err(|_| {
                    wrong(format!("line {line}: expected the index of a site, found {:?}", &record[site]))
                })?),
                None => None,
            };
            let value = |&at: &usize| {
                let text = record[at].trim();
                let missing = UNKNOWN.iter().any(|word| text.eq_ignore_ascii_case(word));
                (!missing).then(|| Label::read(text))
            };
            let key = RowKey { material: record[material].trim().to_owned(), site: index };
            if rows.insert(key.clone(), wanted.iter().map(value).collect()).is_some() {
                let site = index.map_or(String::new(), |site| format!(", site {site}"));
                return Err(wrong(format!("line {line}: duplicate of {}{site}", key.material)));
            }
        }
        Ok(Self { targets: wanted.iter().map(|&at| header[at].trim().to_owned()).collect(), rows })
    }

    /// The targets of a material, combined over some of its sites.
    pub(super) fn of(&self, material: &str, sites: &[usize]) -> Vec<RowLabel> {
        let row = |site| self.rows.get(&RowKey { material: material.to_owned(), site });
        let rows: Vec<Option<&Vec<Option<Label>>>> = match row(None) {
            Some(whole) => vec![Some(whole)],
            None => sites.iter().map(|&site| row(Some(site))).collect(),
        };
        let label =
            |at: usize| combined(rows.iter().map(|row| row.and_then(|row| row[at].clone())).collect());
        let targets = self.targets.iter().enumerate();
        targets.map(|(at, name)| RowLabel { target: name.clone(), label: label(at) }).collect()
    }
}

/// The label of a material, given those of its sites: the mean of quantities, else the common value of
/// all sites; none if the label of a site is unknown.
pub(super) fn combined(labels: Vec<Option<Label>>) -> Option<Label> {
    let labels: Vec<Label> = labels.into_iter().collect::<Option<_>>()?;
    let first = labels.first()?;
    let numbers: Option<Vec<f64>> = labels.iter().map(Label::number).collect();
    let is_quantity = |label: &Label| matches!(label.value, LabelValue::Quantity(_));
    match numbers {
        Some(numbers) if labels.iter().any(is_quantity) => {
            Some(Label::quantity(numbers.iter().sum::<f64>() / numbers.len() as f64))
        }
        Some(numbers) => numbers.iter().all(|&number| number == numbers[0]).then(|| first.clone()),
        None => labels.iter().all(|label| label.text == first.text).then(|| first.clone()),
    }
}

/// A column of the table: numbers where all known labels are numbers, else classes.
pub(super) fn target(labels: &[Option<&Label>]) -> TargetColumn {
    if labels.iter().flatten().all(|label| label.number().is_some()) {
        TargetColumn::of_numbers(labels.iter().map(|label| label.and_then(Label::number)))
    } else {
        TargetColumn::of_classes(labels.iter().map(|label| label.map(|label| &label.text)))
    }
}

#[cfg(test)]
mod tests {
    use adatom_core::Target;

    use super::*;

    #[test]
    fn counts_agree_or_are_unknown_and_lengths_are_averaged() {
        let of = |texts: &[&str]| combined(texts.iter().map(|text| Some(Label::read(text))).collect());
        let text = |texts: &[&str]| of(texts).map(|label| label.text);
        assert_eq!(text(&["4", "4"]).as_deref(), Some("4"));
        assert_eq!(text(&["4", "5"]), None);
        assert_eq!(text(&["1.5", "2.0"]).as_deref(), Some("1.75"));
        assert_eq!(text(&["fcc", "fcc"]).as_deref(), Some("fcc"));
        assert_eq!(combined(vec![Some(Label::count(4.0)), None]), None);
        assert_eq!(combined(vec![]), None);
    }

    /// Lengths of 2 and 3 Å are quantities although both are whole numbers: their kind is no matter of
    /// digits.
    #[test]
    fn whole_lengths_are_averaged_and_whole_counts_are_not() {
        let lengths = combined(vec![Some(Label::quantity(2.0)), Some(Label::quantity(3.0))]);
        assert_eq!(lengths, Some(Label::quantity(2.5)));
        assert_eq!(combined(vec![Some(Label::count(2.0)), Some(Label::count(3.0))]), None);
        let of = |label: Label| target(&[Some(&label), None]);
        assert_eq!(of(Label::quantity(2.0)), TargetColumn::of_numbers([Some(2.0), None]));
        assert_eq!(of(Label::read("04")), TargetColumn::of_numbers([Some(4.0), None]));
        let (zeros, name) = (Label::read("04"), Label::read("b"));
        let mixed = target(&[Some(&zeros), Some(&name)]);
        assert_eq!(mixed, Target::classes(["04", "b"]).into());
    }
}
