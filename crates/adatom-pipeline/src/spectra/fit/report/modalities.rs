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
                "Impurity importance is the share of the decrease of impurity on the training rows; it \
                 favours columns with many distinct values. Permutation importance is what the score loses \
                 when all columns of a modality are permuted together among the rows held out: it shows what \
                 the other modalities cannot replace. The Shapley share divides the distance of predictions \
                 from their mean among modalities as wholes.",
            )
            .table(table);
        let caption = "Share of the decrease of impurity: mean and standard deviation over the seeds.";
        figures.add(section, "modalities", &figure, Captions { caption, alt: "share of each modality" })
    }

    /// What modalities contribute alone, and what they share.
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
            "The score of this one forest on rows held out when it uses some modalities only (at splits on \
             others a row follows both branches in the shares of the training rows): {score} is {:.4} with \
             none and {:.4} with all; errors count as negative. The shared gain of two modalities is the sum \
             of their gains alone less their gain together; it is negative where they are worth more \
             together than the sum of both.",
            all[0],
            all[all.len() - 1]
        );
        Some(Section::new("Shared information of modalities").paragraph(text).table(table).table(shared))
    }

    /// What is lost without each modality.
    pub(super) fn ablation_section(&self) -> Option<Section> {
        let WithoutModality { dropped: found, score } = self.comparison.without.as_ref()?;
        let score = score.replace('_', " ");
        let number = |values: ArrayView1<'_, f64>| format!("{:.4}", values.mean().unwrap_or(f64::NAN));
        let mut table = Table::new(["modality", "alone", "all without it", "all", "difference", "p"]);
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
            "Mean {score} over folds of all rows; forests are fitted anew without each modality. The \
             difference is that of all modalities and all without it. Its standard error and the probability \
             p of such a difference by chance allow for folds that share training rows (Nadeau and Bengio \
             2003)."
        );
        Some(Section::new("Ablation of modalities").paragraph(text).table(table))
    }
}
