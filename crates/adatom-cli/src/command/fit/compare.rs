//! Scores of every combination of modalities, with random rows and with whole groups held out.

use adatom::core::Modality;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::choice::Chosen;
use super::trial::{Scored, Trial};
use crate::args::Fit;
use crate::error::CliError;

/// Combinations of more modalities than this are too many.
const MOST: usize = 5;

/// Scores of one combination and one way to hold out rows.
pub(super) struct Entry {
    pub(super) split: String,
    pub(super) modalities: String,
    pub(super) scores: Vec<Scored>,
}

/// All that was asked for.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) entries: Vec<Entry>,
}

impl Comparison {
    /// With the parameters that were chosen for all modalities together.
    pub(super) fn run(
        chosen: &Chosen,
        trial: &Trial,
        command: &Fit,
        bar: &ProgressBar,
    ) -> Result<Self, CliError> {
        if !command.trial.compare {
            return Ok(Self::default());
        }
        let modalities = chosen.table.modalities();
        if modalities.len() > MOST {
            let text = format!(
                "--compare: {} modalities have too many combinations; --modalities chooses",
                modalities.len()
            );
            return Err(CliError::Argument(text));
        }
        let mut ways = vec![("random".to_owned(), chosen.grouped(None))];
        let known: Vec<String> = chosen.table.groups().map(|(name, _)| name.to_owned()).collect();
        let group = match (&chosen.groups, &command.trial.group, &known[..]) {
            (Some((name, _)), _, _) | (None, Some(name), _) => Some(name.clone()),
            (None, None, [first, ..]) => Some(first.clone()),
            (None, None, []) => None,
        };
        if let Some(name) = group {
            let labels = chosen.table.group(&name)?.to_vec();
            ways.push((format!("by {name}"), chosen.grouped(Some((name, labels)))));
        }
        let mut entries = Vec::new();
        for (split, way) in ways {
            for combination in combinations(&modalities) {
                let names: Vec<String> = combination.iter().map(ToString::to_string).collect();
                let scores =
                    Trial::elsewhere(&way.with_modalities(&combination)?, &trial.params, command, bar)?;
                entries.push(Entry { split: split.clone(), modalities: names.join("+"), scores });
            }
        }
        Ok(Self { entries })
    }

    pub(super) fn json(&self) -> Option<Vec<Value>> {
        let one = |entry: &Entry| {
            let scores: serde_json::Map<_, _> = (entry.scores.iter())
                .map(|scored| {
                    (scored.name.clone(), json!({ "mean": scored.mean(), "std": scored.deviation() }))
                })
                .collect();
            json!({ "split": entry.split, "modalities": entry.modalities, "scores": scores })
        };
        (!self.entries.is_empty()).then(|| self.entries.iter().map(one).collect())
    }

    /// The header and the rows of a table: the first three scores.
    pub(super) fn table(&self) -> Option<(Vec<String>, Vec<Vec<String>>)> {
        let names = self.entries.first()?.scores.iter().take(3).map(|scored| scored.name.clone());
        let header = ["rows held out", "modalities"].map(String::from).into_iter().chain(names).collect();
        let row = |entry: &Entry| {
            let scores = entry.scores.iter().take(3).map(|scored| match scored.deviation() {
                Some(deviation) => format!("{:.4} +- {deviation:.4}", scored.mean()),
                None => format!("{:.4}", scored.mean()),
            });
            [entry.split.clone(), entry.modalities.clone()].into_iter().chain(scores).collect()
        };
        Some((header, self.entries.iter().map(row).collect()))
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let Some((header, rows)) = self.table() else { return Vec::new() };
        let widths: Vec<usize> = (0..header.len())
            .map(|column| rows.iter().chain([&header]).map(|row| row[column].len()).max().unwrap_or(0))
            .collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        [String::new(), line(&header)].into_iter().chain(rows.iter().map(line)).collect()
    }
}

/// Every choice of at least one, single ones first.
fn combinations(modalities: &[Modality]) -> Vec<Vec<Modality>> {
    let mut all: Vec<Vec<Modality>> = (1u32..1 << modalities.len())
        .map(|bits| {
            (0..modalities.len()).filter(|at| bits >> at & 1 == 1).map(|at| modalities[at].clone()).collect()
        })
        .collect();
    all.sort_by_key(Vec::len);
    all
}
