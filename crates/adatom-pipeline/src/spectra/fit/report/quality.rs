//! Sections on the learning curve and on the significance of columns.

use adatom_interpret::{CurveFigure, CurvePanel, Section, Table};

use super::super::Study;
use super::super::figures::{Captions, FigureFiles};
use super::super::learning::{LEVEL, rounds_needed};
use crate::error::Error;

/// A point of the learning curve.
struct Point {
    rows: f64,
    mean: f64,
    spread: f64,
}

impl Study {
    /// Scores as a function of the number of training rows.
    pub(super) fn learning_section(&self, figures: &FigureFiles<'_>) -> Result<Option<Section>, Error> {
        let points: Vec<Point> = (self.learning_curve.iter())
            .filter_map(|point| {
                let score = &point.validation.scores[0];
                let spread = score.standard_deviation().unwrap_or(f64::NAN);
                Some(Point { rows: point.rows as f64, mean: score.mean()?, spread })
            })
            .collect();
        let [first, .., last] = &points[..] else { return Ok(None) };
        let name = self.learning_curve[0].validation.scores[0].name.replace('_', " ");
        let of = |part: fn(&Point) -> f64| points.iter().map(part).collect::<Vec<f64>>();
        let panel = CurvePanel::new(name.clone()).x_label("training rows").all_values().series_with_spread(
            "test rows",
            &of(|point| point.rows),
            &of(|point| point.mean),
            &of(|point| point.spread),
        )?;
        let uncalibrated =
            if self.settings.calibration.is_some() { " These forests are not calibrated." } else { "" };
        let text = format!(
            "Forests fitted to random fractions of the training rows, tested on the same test rows: {name} \
             is {:.3} with {} rows and {:.3} with all {}. If the curve has not saturated, more data would \
             improve the model.{uncalibrated}",
            first.mean, first.rows, last.mean, last.rows
        );
        let caption =
            "Mean and standard deviation over draws of rows; with all rows, over seeds of the forest.";
        let section = Section::new("Learning curve").paragraph(text);
        let captions = Captions { caption, alt: "learning curve" };
        figures.add(section, "learning-curve", &CurveFigure::new(vec![panel])?, captions).map(Some)
    }

    /// Columns that are more important than shuffled copies.
    pub(super) fn chance_section(&self) -> Option<Section> {
        let report = self.shadows.as_ref()?;
        let found = report.significant(LEVEL);
        let corrected = report.corrected();
        let shares = corrected.by_modality();
        let columns = corrected.columns();
        let mut table =
            Table::new(["modality", "columns", "significant", "importance minus that of the copies"]);
        for (name, mean) in shares.names().iter().zip(shares.mean()) {
            let of = |column: &usize| columns[*column].modality().to_string() == *name;
            let all = (0..columns.len()).filter(of).count();
            let beat = found.iter().filter(|column| of(column)).count();
            table = table.row([name.clone(), all.to_string(), beat.to_string(), format!("{mean:.4}")]);
        }
        let needed = rounds_needed(columns.len());
        let rounds = report.shadows().values().nrows();
        let few = match rounds < needed {
            true => format!(" With {} columns, significance needs at least {needed} rounds.", columns.len()),
            false => String::new(),
        };
        let text = format!(
            "In {rounds} rounds, forests were fitted to all columns and to copies of them with permuted \
             rows. {} of {} columns had a larger impurity importance than the best copy significantly often \
             (binomial test, family-wise p ≤ {LEVEL}; Kursa and Rudnicki 2010); they are listed in \
             importance.csv.{few}",
            found.len(),
            columns.len()
        );
        Some(Section::new("Significance of columns").paragraph(text).table(table))
    }
}
