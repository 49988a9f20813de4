//! Sections on the importance of columns and regions along the axes of the modalities.

use adatom_core::Target;
use adatom_forest::ndarray::Axis;
use adatom_interpret::{
    BarFigure, BeeswarmFigure, CurveFigure, CurvePanel, ImportanceFigure, ImportancePanel, Section,
};

use super::super::Study;
use super::super::figures::{Captions, FigureFiles, MOST};
use super::super::importance::EXPLAINED;
use crate::error::Error;
use crate::spectra::names;

/// Columns of the summary of Shapley values, and bars of the figure of regions.
const SUMMARISED: usize = 12;

/// A named set of rows.
struct RowSet {
    name: String,
    rows: Vec<usize>,
}

/// One output of the forest whose Shapley values are shown.
struct Output {
    index: usize,
    /// The output, in words.
    name: String,
}

impl Study {
    /// The mean spectra of every class, or of the lower and upper half, and below them the importances on the
    /// same axis.
    pub(super) fn axes_section(&self, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let section = Section::new("Importance along the axes").paragraph(format!(
            "Mean spectra, and below them the importance of every column on the same axis. Bars: impurity \
             importance, mean and standard deviation over the seeds. Line: mean |Shapley value| of {} test \
             rows, with the standard deviation over seeds, scaled to the same sum.",
            self.tuning.split.test.len().min(EXPLAINED)
        ));
        let table = &self.samples.table;
        let sets = self.row_sets();
        let (impurity, impurity_spread) =
            (self.importance.impurity.mean(), self.importance.impurity.spread());
        let (shap, shap_spread) = (self.importance.shap.mean(), self.importance.shap.spread());
        let scale = if shap.sum() > 0.0 { 1.0 / shap.sum() } else { 0.0 };
        let mut panels = Vec::new();
        for modality in table.modalities() {
            let columns = names::along_axis(table, &modality);
            if columns.len() < 2 {
                continue;
            }
            let of = |values: &dyn Fn(usize) -> f64| -> Vec<f64> {
                columns.iter().map(|&column| values(column)).collect()
            };
            let x = of(&|column| table.columns()[column].axis());
            let mut panel = ImportancePanel::new(format!("mean {modality}"), names::axis(&modality), &x);
            for set in sets.iter().take(MOST).filter(|set| !set.rows.is_empty()) {
                let mean =
                    table.features().select(Axis(0), &set.rows).mean_axis(Axis(0)).expect("there are rows");
                panel = panel.spectrum(&set.name, &of(&|column| mean[column]))?;
            }
            panels.push(
                panel
                    .importance(
                        "impurity importance",
                        &of(&|column| impurity[column]),
                        &of(&|column| impurity_spread[column]),
                    )?
                    .importance(
                        "Shapley values",
                        &of(&|column| scale * shap[column]),
                        &of(&|column| scale * shap_spread[column]),
                    )?,
            );
        }
        if panels.is_empty() {
            return Ok(section.paragraph("No modality has more than one column."));
        }
        let parts = if self.has_classes() { "of every class" } else { "of the lower and the upper half" };
        let caption = format!("{}: mean spectra {parts}, and importances.", self.samples.target_words());
        let captions = Captions { caption: &caption, alt: "mean spectra and importances" };
        figures.add(section, "importance", &ImportanceFigure::new(panels)?, captions)
    }

    /// Rows of every class, or of the lower and the upper half.
    fn row_sets(&self) -> Vec<RowSet> {
        let rows = 0..self.samples.table.len();
        match &self.samples.target {
            Target::Classes(labels) => (labels.names.iter().enumerate())
                .map(|(code, name)| RowSet {
                    name: name.clone(),
                    rows: rows.clone().filter(|&row| labels.codes[row] == code).collect(),
                })
                .collect(),
            Target::Numbers(values) => {
                let mut sorted = values.to_vec();
                sorted.sort_by(f64::total_cmp);
                let middle = sorted[sorted.len() / 2];
                let (low, high) = rows.partition(|&row| values[row] < middle);
                vec![
                    RowSet { name: format!("below {middle:.3}"), rows: low },
                    RowSet { name: format!("{middle:.3} and above"), rows: high },
                ]
            }
        }
    }

    /// Permutation importance of regions.
    pub(super) fn regions_section(&self, figures: &FigureFiles<'_>) -> Result<Option<Section>, Error> {
        let Some(found) = &self.importance.permutation else { return Ok(None) };
        let Some(regions) = &found.regions else { return Ok(None) };
        let (mean, spread) = (regions.mean(), regions.spread());
        let mut order: Vec<usize> = (0..regions.names().len()).collect();
        order.sort_by(|&left, &right| mean[right].total_cmp(&mean[left]));
        let score = found.score.replace('_', " ");
        let mut figure = BarFigure::new(format!("permutation importance ({score})"));
        for &region in order.iter().take(SUMMARISED) {
            figure = figure.bar_with_spread(regions.names()[region].clone(), mean[region], spread[region]);
        }
        let automatic = match self.samples.regions.is_empty() {
            true => {
                " Regions are around the peaks of the mean spectrum and named by their positions; with few \
                 peaks they have equal lengths."
            }
            false => "",
        };
        let section = Section::new("Importance of regions").paragraph(format!(
            "All columns of a region are permuted together among the test rows, so that neighbouring columns \
             with the same information cannot replace each other.{automatic}"
        ));
        let caption =
            "Regions with the largest permutation importance: mean and standard deviation over permutations.";
        let captions = Captions { caption, alt: "permutation importance by region" };
        figures.add(section, "regions", &figure, captions).map(Some)
    }

    /// How predictions depend on the most important regions.
    pub(super) fn effects_section(&self, figures: &FigureFiles<'_>) -> Result<Option<Section>, Error> {
        if self.importance.effects.is_empty() {
            return Ok(None);
        }
        let section = Section::new("Partial dependence").paragraph(
            "Mean prediction for the test rows when all columns of a region are shifted together, so that \
             their mean is the value on the axis. Extreme values may be outside the range of the data; only \
             trends are meaningful.",
        );
        let target = self.samples.target_words();
        let (label, names): (String, Vec<&str>) = match &self.samples.target {
            Target::Numbers(_) => (format!("{target}, mean"), vec![&self.samples.target_name]),
            Target::Classes(labels) => {
                ("mean probability".to_owned(), labels.names.iter().map(String::as_str).collect())
            }
        };
        let mut panels = Vec::new();
        for effect in &self.importance.effects {
            let dependence = &effect.dependence;
            let mut panel =
                CurvePanel::new(label.clone()).x_label(format!("mean of {}", effect.name)).all_values();
            for (output, name) in names.iter().enumerate().take(MOST) {
                let mean = dependence.mean().column(output).to_vec();
                panel = panel.series(*name, dependence.grid(), &mean)?;
            }
            panels.push(panel);
        }
        let caption = format!("{target} as a function of the most important regions.");
        let captions = Captions { caption: &caption, alt: "partial dependence" };
        figures.add(section, "effects", &CurveFigure::new(panels)?, captions).map(Some)
    }

    /// Shapley values of the most important columns, row by row.
    pub(super) fn shapley_section(&self, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let mut section = Section::new("Shapley values of individual rows").paragraph(
            "The columns with the largest Shapley values, one point per row: to the right if the column \
             increases the prediction, to the left if it decreases it; dark points have small values of the \
             column.",
        );
        let (table, values) = (&self.samples.table, &self.importance.values);
        let rows = &self.tuning.split.test[..values.dim().0];
        let columns = self.importance.shap.top(SUMMARISED);
        for (number, output) in self.outputs().into_iter().enumerate() {
            let mut figure = BeeswarmFigure::new(format!("contribution to {}", output.name));
            for &column in &columns {
                let contributions = values.index_axis(Axis(1), column).column(output.index).to_vec();
                let seen: Vec<f64> = rows.iter().map(|&row| table.features()[[row, column]]).collect();
                figure = figure.feature(names::column(&table.columns()[column]), &contributions, &seen)?;
            }
            let caption = format!("Contribution of every column to {}.", output.name);
            let captions = Captions { caption: &caption, alt: "Shapley values of many rows" };
            section = figures.add(section, &format!("shap-summary-{}", number + 1), &figure, captions)?;
        }
        Ok(section)
    }

    /// The outputs whose Shapley values are shown: of two classes one is enough.
    fn outputs(&self) -> Vec<Output> {
        match &self.samples.target {
            Target::Numbers(_) => vec![Output { index: 0, name: self.samples.target_words() }],
            Target::Classes(labels) => {
                let shown = if labels.names.len() == 2 { 1..2 } else { 0..labels.names.len().min(MOST) };
                let name = |class: usize| format!("the probability of {}", labels.names[class]);
                shown.map(|class| Output { index: class, name: name(class) }).collect()
            }
        }
    }
}
