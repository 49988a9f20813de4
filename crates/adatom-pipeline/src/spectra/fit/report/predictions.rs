//! Sections on the predictions for the test rows.

use adatom_core::Target;
use adatom_forest::ndarray::Axis;
use adatom_forest::{Model, ReliabilityCurve, most_probable};
use adatom_interpret::{
    AgreementFigure, ConfusionFigure, CurveFigure, CurvePanel, ReliabilityFigure, Section, Table,
};

use super::super::Study;
use super::super::figures::{Captions, FigureFiles, MOST};
use super::super::tested::{BINS, COVERAGE};
use crate::error::Error;
use crate::spectra::names;

/// Number of rows in the table of the largest errors, and of those whose spectra are drawn.
const WORST: usize = 10;
const DRAWN: usize = 3;

/// The largest number of classes of a confusion matrix.
const CLASSES: usize = 40;

/// The error of one row.
struct RowError {
    row: usize,
    size: f64,
    truth: String,
    prediction: String,
}

impl Study {
    pub(super) fn classes_section(&self, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let section = Section::new("Predictions for test rows");
        self.with_calibration(self.with_confusion(section, figures)?, figures)
    }

    fn with_confusion(&self, section: Section, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let Some(classes) = &self.tested.classes else { return Ok(section) };
        let confusion = &classes.confusion;
        if confusion.names.len() > CLASSES {
            return Ok(section.paragraph(format!(
                "{} classes are too many for a confusion matrix; predictions.csv contains all predictions.",
                confusion.names.len()
            )));
        }
        let figure = ConfusionFigure::new(&confusion.names, confusion.counts.view())?;
        let caption = "Test rows: true and predicted classes of the forest with the first seed.";
        figures.add(section, "confusion", &figure, Captions { caption, alt: "confusion matrix" })
    }

    /// Whether predicted probabilities agree with observed frequencies.
    fn with_calibration(&self, section: Section, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let (split, predictions) = (&self.tuning.split, &self.tested.predictions);
        let Target::Classes(labels) = &self.samples.target else { return Ok(section) };
        let test = labels.select(&split.test);
        let mut figure = ReliabilityFigure::new();
        // Of two classes one is enough; of many the most frequent are shown.
        let mut shown: Vec<usize> = (0..labels.names.len()).collect();
        shown.sort_by_key(|&class| std::cmp::Reverse(labels.counts[class]));
        shown.truncate(MOST);
        shown.sort_unstable();
        if let [_, second] = shown[..] {
            shown = vec![second];
        }
        for class in shown {
            let bins = ReliabilityCurve::of_class(predictions.view(), &test.codes, class)?.bins(BINS)?;
            let points: Vec<[f64; 2]> = bins.iter().map(|bin| [bin.predicted, bin.observed]).collect();
            let rows: Vec<usize> = bins.iter().map(|bin| bin.rows).collect();
            figure = figure.class(&labels.names[class], &points, &rows)?;
        }
        let caption = "Reliability curves: observed frequency of a class against its predicted probability.";
        let section =
            figures.add(section, "calibration", &figure, Captions { caption, alt: "reliability curves" })?;
        let Some(error) = self.tested.calibration_error(&self.samples, split)? else { return Ok(section) };
        Ok(section.paragraph(format!(
            "The probability of the predicted class differs from the observed frequency by {error:.3} on \
             average over {BINS} bins (expected calibration error). {}",
            match self.settings.calibration {
                Some(_) => "Probabilities are calibrated on out-of-bag predictions.",
                None => "Averages over trees are rarely close to 0 or 1; calibration corrects this bias.",
            }
        )))
    }

    pub(super) fn numbers_section(&self, figures: &FigureFiles<'_>) -> Result<Section, Error> {
        let section = Section::new("Predictions for test rows");
        let (samples, split) = (&self.samples, &self.tuning.split);
        let Target::Numbers(values) = &samples.target else { return Ok(section) };
        let truth = values.select(Axis(0), &split.test).to_vec();
        let target = samples.target_words();
        let mut figure = AgreementFigure::new(&truth, &self.tested.predictions.column(0).to_vec())?
            .labels(format!("true {target}"), format!("predicted {target}"));
        if let Model::Regressor(model) = &self.tested.model {
            let rows = samples.table.features().select(Axis(0), &split.test);
            let ends = model.intervals(rows.view(), COVERAGE)?;
            figure = figure.intervals(&ends.column(0).to_vec(), &ends.column(1).to_vec())?;
        }
        let caption = "Test rows with 90 % prediction intervals.";
        let section = figures.add(
            section,
            "parity",
            &figure,
            Captions { caption, alt: "predicted against true values" },
        )?;
        Ok(match self.tested.interval_coverage(samples, split)? {
            Some(part) => section.paragraph(format!(
                "The intervals, from the 5th to the 95th percentile of the training values in the leaves, \
                 contain {:.0} % of the true values.",
                100.0 * part
            )),
            None => section,
        })
    }

    /// The rows with the largest errors, and their spectra.
    pub(super) fn errors_section(&self) -> Result<Section, Error> {
        let table = &self.samples.table;
        let mut errors: Vec<RowError> = self.row_errors();
        errors.sort_by(|left, right| right.size.total_cmp(&left.size));
        let size = if self.has_classes() { "1 - probability of the true class" } else { "error" };
        let mut listed = Table::new(["sample", "true", "predicted", size]);
        for error in errors.iter().take(WORST) {
            listed = listed.row([
                table.ids()[error.row].clone(),
                error.truth.clone(),
                error.prediction.clone(),
                format!("{:.3}", error.size),
            ]);
        }
        let mut section = Section::new("Largest errors")
            .paragraph("Test rows with the largest errors; their spectra and labels should be checked.")
            .table(listed);
        for modality in table.modalities() {
            let columns = names::along_axis(table, &modality);
            if columns.len() < 2 || errors.is_empty() {
                continue;
            }
            let x: Vec<f64> = columns.iter().map(|&column| table.columns()[column].axis()).collect();
            let mut panel =
                CurvePanel::new(modality.to_string()).x_label(names::axis(&modality)).all_values();
            for error in errors.iter().take(DRAWN) {
                let y: Vec<f64> =
                    columns.iter().map(|&column| table.features()[[error.row, column]]).collect();
                panel = panel.series(table.ids()[error.row].clone(), &x, &y)?;
            }
            let caption = format!("{modality} of the rows with the largest errors.");
            let alt = "spectra of the rows with the largest errors";
            section = section.figure(&CurveFigure::new(vec![panel])?, caption, alt);
        }
        Ok(section)
    }

    /// The errors of all numbers, or of the wrong classes.
    fn row_errors(&self) -> Vec<RowError> {
        let predictions = &self.tested.predictions;
        let predicted = most_probable(predictions.view());
        (self.tuning.split.test.iter().enumerate())
            .filter_map(|(place, &row)| match &self.samples.target {
                Target::Numbers(values) => {
                    let (truth, prediction) = (values[row], predictions[[place, 0]]);
                    let [text, predicted] = [truth, prediction].map(|number| format!("{number:.4}"));
                    let size = (truth - prediction).abs();
                    Some(RowError { row, size, truth: text, prediction: predicted })
                }
                Target::Classes(labels) => {
                    let (truth, class) = (labels.codes[row], predicted[place]);
                    let [text, name] = [truth, class].map(|code| labels.names[code].clone());
                    let size = 1.0 - predictions[[place, truth]];
                    (class != truth).then_some(RowError { row, size, truth: text, prediction: name })
                }
            })
            .collect()
    }
}
