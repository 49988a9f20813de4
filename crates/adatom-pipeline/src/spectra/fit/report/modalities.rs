//! Sections on the importance of modalities as wholes.

use adatom_forest::ndarray::ArrayView1;
use adatom_interpret::{BarFigure, Section, Table};

use super::super::Study;
use super::super::comparison::WithoutModality;
use super::super::figures::{Captions, FigureFiles};
use crate::error::Error;

impl Study {
    pub(super) fn modalities_section(&self, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let mut figure = BarFigure::new("share of the impurity importance (%)");
        let permutation = self.importance.permutation.as_ref();
        let score = permutation.map_or("score", |found| &found.score).replace('_', " ");
        let mut table = Table::new([
            "modality".to_owned(),
            "impurity".to_owned(),
            format!("permutation importance ({score})"),
            "Shapley share".to_owned(),
        ]);
        for found in self.importance.by_modality() {
            let [mean, spread] = [found.impurity.mean, found.impurity.spread].map(|part| 100.0 * part);
            figure = figure.bar_with_spread(found.modality.clone(), mean, spread);
            let permuted = found.permutation.map_or_else(String::new, |permutation| {
                format!("{:.4} ± {:.4}", permutation.mean, permutation.spread)
            });
            table = table.row([
                found.modality,
                format!("{mean:.1} % ± {spread:.1}"),
                permuted,
                format!("{:.1} %", 100.0 * found.shap),
            ]);
        }
        let section = Section::new("Importance of modalities")
            .paragraph(
                "Impurity importance is the fraction of the decrease of impurity on the training rows; it \
                 favours columns with many distinct values. Permutation importance is the decrease of the \
                 score when all columns of a modality are permuted together among the test rows; it measures \
                 the information that the other modalities do not contain. The Shapley share is the fraction \
                 of the mean absolute deviation of predictions from their mean that is attributed to each \
                 modality.",
            )
            .table(table);
        let caption = "Impurity importance: mean and standard deviation over the seeds.";
        figures.add(section, "modalities", &figure, Captions { caption, alt: "share of each modality" })
    }

    /// Individual and shared gains of modalities.
    pub(super) fn coalitions_section(&self) -> Option<Section> {
        let scores = self.importance.coalitions.as_ref()?;
        let score = self.tested.scores.first()?.name.replace('_', " ");
        let (all, names) = (scores.scores(), scores.names());
        let mut table = Table::new(["modality", "gain alone", "gain beyond all others", "Shapley value"]);
        for (at, name) in names.iter().enumerate() {
            let numbers = [scores.alone(at), scores.unique(at), scores.shapley()[at]];
            table =
                table.row([name.clone()].into_iter().chain(numbers.map(|number| format!("{number:+.4}"))));
        }
        let mut shared = Table::new(["modalities", "shared gain"]);
        for one in 0..names.len() {
            for other in one + 1..names.len() {
                let number = format!("{:+.4}", scores.shared(one, other));
                shared = shared.row([format!("{} and {}", names[one], names[other]), number]);
            }
        }
        let text = format!(
            "Scores of the first forest on test rows with subsets of the modalities (at splits on other \
             modalities, a row follows both branches with the weights of the training rows): {score} is \
             {:.4} without and {:.4} with all modalities; errors count as negative. The shared gain of two \
             modalities is the sum of their individual gains minus their joint gain; it is negative if they \
             complement each other.",
            all[0],
            all[all.len() - 1]
        );
        Some(Section::new("Shared information of modalities").paragraph(text).table(table).table(shared))
    }

    /// The loss of score without each modality.
    pub(super) fn ablation_section(&self) -> Option<Section> {
        let WithoutModality { dropped: found, score } = self.comparison.without.as_ref()?;
        let score = score.replace('_', " ");
        let number = |values: ArrayView1<'_, f64>| format!("{:.4}", values.mean().unwrap_or(f64::NAN));
        let mut table = Table::new(["modality", "only this", "without this", "all", "difference", "p"]);
        for dropped in found.modalities() {
            table = table.row([
                dropped.modality.to_string(),
                number(dropped.alone.view()),
                number(dropped.without.view()),
                number(found.with_all()),
                format!("{:+.4} ± {:.4}", dropped.difference, dropped.standard_error),
                format!("{:.3}", dropped.p_value),
            ]);
        }
        let text = format!(
            "Mean {score} in cross-validation on all rows, with forests refitted without each modality. The \
             difference is the score of all modalities minus that without the modality. Its standard error \
             and p value are corrected for the overlap of training rows between folds (Nadeau and Bengio \
             2003)."
        );
        Some(Section::new("Ablation of modalities").paragraph(text).table(table))
    }
}
