//! Scores with other rows held out, of every combination of modalities, and of forests that do without one of them.

use adatom::core::{FeatureTable, Modality, Split};
use adatom::forest::ScoreValues;
use adatom::interpret::{DropModality, DroppedModality, ImportanceError};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::choice::Chosen;
use super::trial::Trial;
use crate::args::Fit;
use crate::error::CliError;

/// Combinations of more modalities than this are too many.
const MOST: usize = 5;

/// Scores of one combination and one way to hold out rows.
pub(super) struct Entry {
    pub(super) split: String,
    pub(super) modalities: String,
    pub(super) scores: Vec<ScoreValues>,
}

/// All that was asked for.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) entries: Vec<Entry>,
    /// What is lost without each modality, in folds of all rows, by which score.
    pub(super) without: Option<(DropModality, String)>,
}

impl Comparison {
    /// With the parameters that were chosen for all modalities together: every combination where that was asked for, else
    /// all modalities with the other way to hold out rows, if there is one.
    pub(super) fn run(
        chosen: &Chosen,
        trial: &Trial,
        command: &Fit,
        bar: &ProgressBar,
    ) -> Result<Self, CliError> {
        let modalities = chosen.table.modalities();
        let ways = ways(chosen, command)?;
        if !command.trial.compare {
            let mut entries = Vec::new();
            // What is tested anyway needs no second forest.
            for way in ways.iter().filter(|_| ways.len() > 1) {
                let scores = match way.way() == chosen.way() {
                    true => trial.scores.clone(),
                    false => Trial::elsewhere(way, &trial.params, command, bar)?,
                };
                entries.push(Entry { split: way.way(), modalities: names(&modalities), scores });
            }
            return Ok(Self { entries, without: None });
        }
        if modalities.len() > MOST {
            let text = format!(
                "--compare: {} modalities have too many combinations; --modalities chooses",
                modalities.len()
            );
            return Err(CliError::Argument(text));
        }
        let mut entries = Vec::new();
        for way in &ways {
            for combination in combinations(&modalities) {
                let part = way.with_modalities(&combination)?;
                let scores = Trial::elsewhere(&part, &trial.params, command, bar)?;
                entries.push(Entry { split: way.way(), modalities: names(&combination), scores });
            }
        }
        let without = without(chosen, trial, command)?;
        Ok(Self { entries, without })
    }

    pub(super) fn json(&self) -> Option<Vec<Value>> {
        let one = |entry: &Entry| {
            let scores: serde_json::Map<_, _> = (entry.scores.iter())
                .map(|scored| {
                    (
                        scored.name.clone(),
                        json!({ "mean": scored.mean(), "std": scored.standard_deviation() }),
                    )
                })
                .collect();
            json!({ "split": entry.split, "modalities": entry.modalities, "scores": scores })
        };
        (!self.entries.is_empty()).then(|| self.entries.iter().map(one).collect())
    }

    /// What is lost without each modality, for programs.
    pub(super) fn without_json(&self) -> Option<Value> {
        let (found, score) = self.without.as_ref()?;
        let one = |dropped: &DroppedModality| {
            let values = json!({
                "without": dropped.without.mean(),
                "alone": dropped.alone.mean(),
                "difference": dropped.difference,
                "standard_error": dropped.standard_error,
                "p_value": dropped.p_value,
            });
            (dropped.modality.to_string(), values)
        };
        let modalities: serde_json::Map<_, _> = found.modalities().iter().map(one).collect();
        Some(json!({ "score": score, "with_all": found.with_all().mean(), "modalities": modalities }))
    }

    /// The header and the rows of a table: the first three scores, with `sign` before the deviation.
    pub(super) fn table(&self, sign: &str) -> Option<(Vec<String>, Vec<Vec<String>>)> {
        let names = self.entries.first()?.scores.iter().take(3).map(|scored| scored.name.replace('_', " "));
        let header = ["rows held out", "modalities"].map(String::from).into_iter().chain(names).collect();
        let row = |entry: &Entry| {
            let scores = entry.scores.iter().take(3).map(|scored| match scored.standard_deviation() {
                Some(deviation) => format!("{:.4} {sign} {deviation:.4}", scored.mean().unwrap_or(f64::NAN)),
                None => format!("{:.4}", scored.mean().unwrap_or(f64::NAN)),
            });
            [entry.split.clone(), entry.modalities.clone()].into_iter().chain(scores).collect()
        };
        Some((header, self.entries.iter().map(row).collect()))
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let Some((header, rows)) = self.table("+-") else { return Vec::new() };
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

fn names(modalities: &[Modality]) -> String {
    modalities.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
}

/// Rows as they were listed; or random ones and, where there are groups, whole groups.
fn ways(chosen: &Chosen, command: &Fit) -> Result<Vec<Chosen>, CliError> {
    if chosen.listed.is_some() {
        return Ok(vec![chosen.clone()]);
    }
    let mut ways = vec![chosen.grouped(None)];
    let known: Vec<String> = chosen.table.groups().map(|(name, _)| name.to_owned()).collect();
    let group = match (&chosen.groups, &command.trial.group, &known[..]) {
        (Some((name, _)), _, _) | (None, Some(name), _) => Some(name.clone()),
        (None, None, [first, ..]) => Some(first.clone()),
        (None, None, []) => None,
    };
    if let Some(name) = group {
        let labels = chosen.table.group(&name)?.to_vec();
        let different = labels.iter().any(|label| *label != labels[0]);
        // Whole groups can be held out where there are two.
        if different {
            ways.push(chosen.grouped(Some((name, labels))));
        }
    }
    Ok(ways)
}

/// Forests without each modality, in folds of all rows (of whole groups where groups are held out).
fn without(
    chosen: &Chosen,
    trial: &Trial,
    command: &Fit,
) -> Result<Option<(DropModality, String)>, CliError> {
    if chosen.table.modalities().len() < 2 {
        return Ok(None);
    }
    let all: Vec<usize> = (0..chosen.table.len()).collect();
    let folds = chosen.folds(&all, command)?;
    let Some(score) = trial.scores.first().map(|score| score.name.clone()) else { return Ok(None) };
    let wanted = |table: &FeatureTable| -> Result<Vec<usize>, CliError> {
        let row = |id: &String| chosen.table.row_of(id).expect("the rows are those of the table");
        Ok(table.ids().iter().map(row).collect())
    };
    let scored = |train: &FeatureTable, test: &FeatureTable| -> Result<f64, CliError> {
        // Columns are those of the tables; rows are told by their ids.
        let part = chosen.with_modalities(&train.modalities())?;
        let split = Split { train: wanted(train)?, test: wanted(test)? };
        Trial::once(&part, &trial.params, command, &split)
    };
    // A fold may lack what a score needs, such as two different truths.
    match DropModality::run(&chosen.table, &folds, scored) {
        Ok(found) => Ok(Some((found, score))),
        Err(ImportanceError::NotFinite { .. }) => Ok(None),
        Err(error) => Err(error.into()),
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
