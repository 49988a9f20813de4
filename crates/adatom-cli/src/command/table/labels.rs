//! Targets from a file: columns `material`, `site` (index from 0; absent where rows are materials), then targets.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::CliError;

/// Columns that say what a row is, not what is to be predicted.
const NAMES: [&str; 4] = ["material", "site", "formula", "atoms"];

/// Words for a value that is not known.
const UNKNOWN: [&str; 8] = ["", "nan", "na", "n/a", "n.a.", "none", "null", "?"];

/// The content of a file of labels.
#[derive(Debug)]
pub(super) struct Labels {
    targets: Vec<String>,
    /// By material and site; values that are empty are not known.
    rows: BTreeMap<(String, Option<usize>), Vec<Option<String>>>,
}

impl Labels {
    pub(super) fn load(path: &Path) -> Result<Self, CliError> {
        let wrong = |problem: String| CliError::DataSet { path: path.to_owned(), problem };
        if !std::fs::metadata(path).map_err(CliError::file(path))?.is_file() {
            return Err(wrong("it is not a regular file".into()));
        }
        let file = std::fs::File::open(path).map_err(CliError::file(path))?;
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
                (!missing).then(|| text.to_owned())
            };
            let key = (record[material].trim().to_owned(), index);
            if rows.insert(key.clone(), wanted.iter().map(value).collect()).is_some() {
                let site = index.map_or(String::new(), |site| format!(", site {site}"));
                return Err(wrong(format!("line {line}: {}{site} stands twice", key.0)));
            }
        }
        Ok(Self { targets: wanted.iter().map(|&at| header[at].trim().to_owned()).collect(), rows })
    }

    /// The targets of a material, summarised over some of its sites.
    pub(super) fn of(&self, material: &str, sites: &[usize]) -> Vec<(String, Option<String>)> {
        let whole = self.rows.get(&(material.to_owned(), None));
        let rows: Vec<Option<&Vec<Option<String>>>> = match whole {
            Some(whole) => vec![Some(whole)],
            None => sites.iter().map(|&site| self.rows.get(&(material.to_owned(), Some(site)))).collect(),
        };
        let value = |at: usize| summary(rows.iter().map(|row| row.and_then(|row| row[at].clone())).collect());
        self.targets.iter().enumerate().map(|(at, name)| (name.clone(), value(at))).collect()
    }
}

/// What a material has, given what its sites have: the mean of numbers with fractions, else that on which all sites
/// agree; nothing where a site's value is not known.
pub(super) fn summary(values: Vec<Option<String>>) -> Option<String> {
    let values: Vec<String> = values.into_iter().collect::<Option<_>>()?;
    let first = values.first()?;
    let numbers: Option<Vec<f64>> = values.iter().map(|text| text.parse().ok()).collect();
    match numbers {
        Some(numbers) if values.iter().any(|text| text.contains(['.', 'e', 'E'])) => {
            Some((numbers.iter().sum::<f64>() / numbers.len() as f64).to_string())
        }
        _ => values.iter().all(|text| text == first).then(|| first.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_or_are_unknown_and_lengths_are_averaged() {
        let some = |texts: &[&str]| summary(texts.iter().map(|text| Some((*text).to_owned())).collect());
        assert_eq!(some(&["4", "4"]).as_deref(), Some("4"));
        assert_eq!(some(&["4", "5"]), None);
        assert_eq!(some(&["1.5", "2.0"]).as_deref(), Some("1.75"));
        assert_eq!(some(&["fcc", "fcc"]).as_deref(), Some("fcc"));
        assert_eq!(summary(vec![Some("4".into()), None]), None);
        assert_eq!(summary(vec![]), None);
    }
}
