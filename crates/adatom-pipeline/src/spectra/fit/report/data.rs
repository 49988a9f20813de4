//! Sections on rows, scores, and scores of other splits and modalities.

use adatom_interpret::{Section, Table};

use super::super::Study;
use super::super::groups::Holdout;

impl Study {
    pub(super) fn data_section(&self) -> Section {
        let (samples, split) = (&self.samples, &self.tuning.split);
        let held_out = match &samples.holdout {
            Holdout::Listed(_) => "(as listed)".to_owned(),
            Holdout::Groups(groups) => format!("(whole groups of {})", groups.name),
            Holdout::Random => "(at random)".to_owned(),
        };
        let (train, test) = (split.train.len(), split.test.len());
        let mut table = Table::new(["modality", "columns", "axis"]);
        for modality in samples.table.modalities() {
            let columns = samples.table.columns_of(&modality);
            let axis = |at: usize| samples.table.columns()[columns[at]].axis();
            let unit = modality.unit().unwrap_or("");
            let range = format!("{:.3} to {:.3} {unit}", axis(0), axis(columns.len() - 1));
            table = table.row([modality.to_string(), columns.len().to_string(), range]);
        }
        let mut section = Section::new("Data")
            .paragraph(format!("{train} training rows, {test} test rows {held_out}."))
            .table(table);
        if let Some(labels) = samples.target.view().classes() {
            let (train, test) = (labels.select(&split.train), labels.select(&split.test));
            let mut table = Table::new(["class", "rows", "training", "test"]);
            for (index, name) in labels.names.iter().enumerate() {
                let counts = [labels.counts[index], train.counts[index], test.counts[index]]
                    .map(|count| count.to_string());
                table = table.row([name.clone()].into_iter().chain(counts));
            }
            section = section.table(table);
        }
        for left_out in &samples.left_out {
            section =
                section.paragraph(format!("{} rows were left out: {}.", left_out.rows, left_out.reason));
        }
        section
    }

    pub(super) fn scores_section(&self) -> Section {
        let tested = &self.tested;
        let mut table =
            Table::new(["score", "test rows", "standard deviation", "cross-validation", "baseline"]);
        for score in &tested.scores {
            let or_blank =
                |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.4}"));
            let folds = self.tuning.validation.score(&score.name).and_then(|scores| scores.mean());
            table = table.row([
                score.name.replace('_', " "),
                format!("{:.4}", score.mean().unwrap_or(f64::NAN)),
                score.standard_deviation().map_or_else(String::new, |deviation| format!("± {deviation:.4}")),
                or_blank(folds),
                or_blank(score.baseline),
            ]);
        }
        let uncalibrated = match self.settings.calibration {
            Some(_) => " Forests of the cross-validation are not calibrated.",
            None => "",
        };
        let mut section = Section::new("Scores")
            .paragraph(format!(
                "Mean and standard deviation of {} forests with different seeds. The baseline is a \
                 prediction without features: the class frequencies or the mean of the training \
                 rows.{uncalibrated}",
                self.settings.repeats
            ))
            .table(table);
        if let Some(classes) = &tested.classes {
            let mut table = Table::new(["class", "precision", "recall", "F1", "test rows"]);
            for class in &classes.report.classes {
                let numbers = [class.precision, class.recall, class.f1].map(|number| format!("{number:.3}"));
                table = table
                    .row([class.name.clone()].into_iter().chain(numbers).chain([class.rows.to_string()]));
            }
            section = section.table(table);
        }
        if let Some(search) = &self.tuning.search {
            let score = &search.best().validation.scores[0].name;
            section = section.paragraph(format!(
                "Hyperparameters: the best of {} candidates by {} in cross-validation on the training rows.",
                search.candidates.len(),
                score.replace('_', " ")
            ));
        }
        section
    }

    /// Scores of other splits and of fewer modalities.
    pub(super) fn comparison_section(&self) -> Option<Section> {
        let mut rows = self.comparison.table("±")?.into_iter();
        let mut table = Table::new(rows.next()?);
        for row in rows {
            table = table.row(row);
        }
        let (heading, text) = match self.samples.table.modalities().len() {
            count if count > 1 && self.comparison.without.is_some() => (
                "Combinations of modalities",
                "Every combination of modalities with the same hyperparameters.",
            ),
            _ => ("Random and grouped splits", "The same hyperparameters with another split."),
        };
        let groups = "If rows of a group are similar, scores of random splits are too optimistic; report \
                      those with whole groups held out.";
        Some(Section::new(heading).paragraph(format!("{text} {groups}")).table(table))
    }
}
