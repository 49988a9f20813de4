//! The content of `metrics.json`.

use adatom_core::Target;
use adatom_forest::ScoreValues;
use adatom_interpret::CoalitionScores;
use serde_json::{Map, Value, json};

use super::Study;
use super::groups::Holdout;
use super::learning::LEVEL;
use crate::error::Error;

/// Means and deviations by the names of the scores.
pub(super) fn scores_json(scores: &[ScoreValues]) -> Map<String, Value> {
    let one = |score: &ScoreValues| {
        (score.name.clone(), json!({ "mean": score.mean(), "std": score.standard_deviation() }))
    };
    scores.iter().map(one).collect()
}

impl Study {
    /// Means and standard deviations of all scores on the test rows, by name.
    #[must_use]
    pub fn scores_json(&self) -> Value {
        Value::Object(scores_json(&self.tested.scores))
    }

    /// All results; `table` names the table.
    ///
    /// # Errors
    ///
    /// [`Error::Forest`] if the model cannot predict intervals for its own rows.
    pub fn metrics(&self, table: &str) -> Result<Value, Error> {
        let Self { samples, tuning, tested, importance, settings, .. } = self;
        let classes = samples.target.view().classes().map(|labels| {
            let counts = labels.names.iter().zip(&labels.counts);
            counts.map(|(name, count)| (name.clone(), json!(count))).collect::<Map<_, _>>()
        });
        let baseline: Map<_, _> =
            tested.scores.iter().map(|score| (score.name.clone(), json!(score.baseline))).collect();
        let validation: Map<_, _> = (tuning.validation.scores.iter())
            .map(|scores| {
                let values = json!({ "mean": scores.mean(), "std": scores.standard_deviation() });
                (scores.name.clone(), values)
            })
            .collect();
        Ok(json!({
            "adatom": env!("CARGO_PKG_VERSION"),
            "table": table,
            "task": if classes.is_some() { "classify" } else { "regress" },
            "target": samples.target_name,
            "n": samples.table.len(),
            "n_train": tuning.split.train.len(),
            "n_test": tuning.split.test.len(),
            "left_out": samples.left_out,
            "classes": classes,
            "split": match &samples.holdout {
                Holdout::Listed(_) => "listed".to_owned(),
                Holdout::Groups(groups) => format!("group:{}", groups.name),
                Holdout::Random => "random".to_owned(),
            },
            "seed": settings.seed,
            "repeats": settings.repeats,
            "params": tuning.params,
            "model_fitted_on": if settings.final_on_all { "all" } else { "train" },
            "scores": scores_json(&tested.scores),
            "baseline": baseline,
            "cross_validation": validation,
            "tuning": self.tuning_json(),
            "confusion": tested.classes.as_ref().map(|classes| {
                // Rows are the true class, columns the predicted one, in the order of `classes`.
                classes.confusion.counts.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>()
            }),
            "by_class": tested.classes.as_ref().map(|classes| &classes.report),
            "importance_by_modality": self.modalities_json(),
            "modalities_together": importance.coalitions.as_ref().map(coalitions_json),
            "permutation_score": importance.permutation.as_ref().map(|found| &found.score),
            "interval_cover": tested.interval_coverage(samples, &tuning.split)?,
            "calibration_error": tested.calibration_error(samples, &tuning.split)?,
            "learning_curve": self.learning_curve,
            "beat_chance": self.columns_that_beat_chance(),
            "comparison": self.comparison.json(),
            "without_modality": self.comparison.without_json(),
        }))
    }

    fn tuning_json(&self) -> Option<Vec<Value>> {
        let search = self.tuning.search.as_ref()?;
        let candidates = search.candidates.iter().map(|candidate| {
            let score = &candidate.validation.scores[0];
            json!({ "params": candidate.params, score.name.clone(): score.mean() })
        });
        Some(candidates.collect())
    }

    fn modalities_json(&self) -> Map<String, Value> {
        let one = |found: super::importance::ModalityImportance| {
            let values = json!({
                "impurity": found.impurity.mean,
                "impurity_std": found.impurity.spread,
                "permutation": found.permutation.map(|permutation| permutation.mean),
                "permutation_std": found.permutation.map(|permutation| permutation.spread),
                "shap": found.shap,
            });
            (found.modality, values)
        };
        self.importance.by_modality().into_iter().map(one).collect()
    }

    fn columns_that_beat_chance(&self) -> Option<Vec<String>> {
        let columns = self.samples.table.columns();
        let report = self.shadows.as_ref()?;
        Some(report.significant(LEVEL).into_iter().map(|column| columns[column].to_string()).collect())
    }

    /// Whether the target is categorical.
    pub(super) fn has_classes(&self) -> bool {
        matches!(self.samples.target, Target::Classes(_))
    }
}

/// Scores of coalitions of modalities.
fn coalitions_json(scores: &CoalitionScores) -> Value {
    let names = scores.names();
    let modality = |(at, name): (usize, &String)| {
        (
            name.clone(),
            json!({ "alone": scores.alone(at), "only": scores.unique(at), "share": scores.shapley()[at] }),
        )
    };
    let modalities: Map<_, _> = names.iter().enumerate().map(modality).collect();
    let mut shared = Map::new();
    for one in 0..names.len() {
        for other in one + 1..names.len() {
            shared.insert(format!("{}+{}", names[one], names[other]), json!(scores.shared(one, other)));
        }
    }
    let all = scores.scores();
    json!({ "none": all[0], "all": all[all.len() - 1], "modalities": modalities, "shared": shared })
}
