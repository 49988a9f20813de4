//! Scores of other splits, of every combination of modalities, and of forests without one modality.

use adatom_core::{FeatureTable, Modality, Split};
use adatom_forest::ScoreValues;
use adatom_interpret::{DropModality, ImportanceError, ModalityContribution};
use serde_json::{Map, Value, json};

use super::groups::{Groups, Holdout};
use super::metrics::scores_json;
use super::samples::Samples;
use super::tested::ForestRun;
use crate::error::Error;
use crate::observer::Observer;

/// The largest number of modalities for which all combinations are compared.
const MOST: usize = 5;

/// Scores of one combination of modalities and one split.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ComparisonEntry {
    /// The split, in words.
    pub held_out: String,
    /// The modalities, joined with `+`.
    pub modalities: String,
    /// The scores.
    pub scores: Vec<ScoreValues>,
}

/// The loss of score without each modality.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WithoutModality {
    /// Scores in folds of all rows.
    pub dropped: DropModality,
    /// The name of the score.
    pub score: String,
}

/// Scores of other splits and modalities.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Comparison {
    /// Scores of combinations and splits.
    pub entries: Vec<ComparisonEntry>,
    /// The loss of score without each modality, if combinations are compared.
    pub without: Option<WithoutModality>,
}

impl Comparison {
    /// With the hyperparameters chosen for all modalities: every combination, if requested, else all
    /// modalities with the other kind of split, if there is one. `tested` are the scores that have been
    /// calculated.
    pub(super) fn run(
        samples: &Samples,
        run: &ForestRun<'_>,
        tested: &[ScoreValues],
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let modalities = samples.table.modalities();
        let variants = holdout_variants(samples, run)?;
        let test = |samples: &Samples| -> Result<Vec<ScoreValues>, Error> {
            let split = samples.split(run.settings, observer)?;
            ForestRun { split: &split, ..*run }.scores(samples, observer)
        };
        let mut entries = Vec::new();
        if !run.settings.compared {
            // The scores of the tested forests are reused.
            for variant in variants.iter().filter(|_| variants.len() > 1) {
                let held_out = variant.holdout.words();
                let known = held_out == samples.holdout.words();
                let scores = if known { tested.to_vec() } else { test(variant)? };
                entries.push(ComparisonEntry { held_out, modalities: joined(&modalities), scores });
            }
            return Ok(Self { entries, without: None });
        }
        if modalities.len() > MOST {
            let problem = format!("too many combinations of {} modalities", modalities.len());
            return Err(Error::Setting { setting: "comparison", problem });
        }
        for variant in &variants {
            for combination in combinations(&modalities) {
                let scores = test(&variant.with_modalities(&combination)?)?;
                let held_out = variant.holdout.words();
                entries.push(ComparisonEntry { held_out, modalities: joined(&combination), scores });
            }
        }
        Ok(Self { entries, without: without_modality(samples, run, tested, observer)? })
    }

    /// For `metrics.json`.
    pub(in crate::spectra) fn json(&self) -> Option<Vec<Value>> {
        let one = |entry: &ComparisonEntry| {
            json!({
                "split": entry.held_out,
                "modalities": entry.modalities,
                "scores": scores_json(&entry.scores),
            })
        };
        (!self.entries.is_empty()).then(|| self.entries.iter().map(one).collect())
    }

    /// The loss of score without each modality, for `metrics.json`.
    pub(super) fn without_json(&self) -> Option<Value> {
        let WithoutModality { dropped, score } = self.without.as_ref()?;
        let one = |dropped: &ModalityContribution| {
            let values = json!({
                "without": dropped.without.mean(),
                "alone": dropped.alone.mean(),
                "difference": dropped.difference,
                "standard_error": dropped.standard_error,
                "p_value": dropped.p_value,
            });
            (dropped.modality.to_string(), values)
        };
        let modalities: Map<_, _> = dropped.modalities().iter().map(one).collect();
        Some(json!({ "score": score, "with_all": dropped.with_all().mean(), "modalities": modalities }))
    }

    /// Header and rows of a table of the first three scores, with `sign` before the deviation; none if
    /// nothing was compared.
    #[must_use]
    pub fn table(&self, sign: &str) -> Option<Vec<Vec<String>>> {
        let names = self.entries.first()?.scores.iter().take(3).map(|score| score.name.replace('_', " "));
        let header = ["split", "modalities"].map(String::from).into_iter().chain(names).collect();
        let row = |entry: &ComparisonEntry| {
            let scores = entry.scores.iter().take(3).map(|score| {
                let mean = score.mean().unwrap_or(f64::NAN);
                match score.standard_deviation() {
                    Some(deviation) => format!("{mean:.4} {sign} {deviation:.4}"),
                    None => format!("{mean:.4}"),
                }
            });
            [entry.held_out.clone(), entry.modalities.clone()].into_iter().chain(scores).collect()
        };
        Some(std::iter::once(header).chain(self.entries.iter().map(row)).collect())
    }
}

fn joined(modalities: &[Modality]) -> String {
    modalities.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
}

/// The listed rows; else random rows and, if there are groups, whole groups.
fn holdout_variants(samples: &Samples, run: &ForestRun<'_>) -> Result<Vec<Samples>, Error> {
    let name = match (&samples.holdout, &run.settings.split.group) {
        (Holdout::Listed(_), _) => return Ok(vec![samples.clone()]),
        (Holdout::Groups(groups), _) => Some(groups.name.clone()),
        (Holdout::Random, Some(name)) => Some(name.clone()),
        (Holdout::Random, None) => samples.table.groups().next().map(|(name, _)| name.to_owned()),
    };
    let mut variants = vec![samples.with_groups(None)];
    if let Some(name) = name {
        let groups = Groups::named(&name, &samples.table)?;
        // Whole groups can be held out where there are two.
        if groups.labels.iter().any(|label| *label != groups.labels[0]) {
            variants.push(samples.with_groups(Some(groups)));
        }
    }
    Ok(variants)
}

/// Forests without each modality, in folds of all rows (of whole groups where groups are held out).
fn without_modality(
    samples: &Samples,
    run: &ForestRun<'_>,
    tested: &[ScoreValues],
    observer: &dyn Observer,
) -> Result<Option<WithoutModality>, Error> {
    if samples.table.modalities().len() < 2 {
        return Ok(None);
    }
    let all: Vec<usize> = (0..samples.table.len()).collect();
    let folds = samples.folds(&all, run.settings, observer)?;
    let Some(score) = tested.first().map(|score| score.name.clone()) else { return Ok(None) };
    let rows = |table: &FeatureTable| -> Vec<usize> {
        let row = |id: &String| samples.table.row_of(id).expect("the rows are those of the table");
        table.ids().iter().map(row).collect()
    };
    let scored = |train: &FeatureTable, test: &FeatureTable| -> Result<f64, Error> {
        // Columns are those of the tables; rows are found by their ids.
        let part = samples.with_modalities(&train.modalities())?;
        let split = Split { train: rows(train), test: rows(test) };
        ForestRun { split: &split, ..*run }.main_score(&part)
    };
    // A fold may lack what a score needs, such as two different true values.
    match DropModality::run(&samples.table, &folds, scored) {
        Ok(dropped) => Ok(Some(WithoutModality { dropped, score })),
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
