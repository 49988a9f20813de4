//! Sections on the number of rows and on chance: the learning curve, and columns against their shuffled
//! copies.

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
    /// How scores grow with the number of rows.
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
            "rows held out",
            &of(|point| point.rows),
            &of(|point| point.mean),
            &of(|point| point.spread),
        )?;
        let uncalibrated =
            if self.settings.calibration.is_some() { " These forests are not calibrated." } else { "" };
        let text = format!(
            "Forests fitted to a random part of the training rows, tested on the same rows held out: {name} \
             is {:.3} with {} rows and {:.3} with all {}. Where the curve still improves at its end, more \
             data would help.{uncalibrated}",
            first.mean, first.rows, last.mean, last.rows
        );
        let caption =
            "Mean and standard deviation over draws of rows; with all rows, over seeds of the forest.";
        let section = Section::new("Learning curve").paragraph(text);
        let captions = Captions { caption, alt: "learning curve" };
        figures.add(section, "learning-curve", &CurveFigure::new(vec![panel])?, captions).map(Some)
    }

    /// Which columns are more important than their shuffled copies.
    pub(super) fn chance_section(&self) -> Option<Section> {
        let report = self.shadows.as_ref()?;
        let found = report.significant(LEVEL);
        let corrected = report.corrected();
        let shares = corrected.by_modality();
        let columns = corrected.columns();
        let mut table =
            Table::new(["modality", "columns", "beat chance", "importance less that of the copies"]);
        for (name, mean) in shares.names().iter().zip(shares.mean()) {
            let of = |column: &usize| columns[*column].modality().to_string() == *name;
            let all = (0..columns.len()).filter(of).count();
            let beat = found.iter().filter(|column| of(column)).count();
            table = table.row([name.clone(), all.to_string(), beat.to_string(), format!("{mean:.4}")]);
        }
        let needed = rounds_needed(columns.len());
        let rounds = report.shadows().values().nrows();
        let few = match rounds < needed {
            true => format!(" With {rounds} rounds none can: {} columns need {needed}.", columns.len()),
            false => String::new(),
        };
        let text = format!(
            "In {rounds} rounds the forest was fitted to every column and to a copy of it in a random order \
             of rows. {} of {} columns had a larger impurity importance than the best of these copies more \
             often than chance allows (p ≤ {LEVEL} for all together; Kursa and Rudnicki 2010); \
             importance.csv names them.{few}",
            found.len(),
            columns.len()
        );
        Some(Section::new("Columns more important than chance").paragraph(text).table(table))
    }
}
