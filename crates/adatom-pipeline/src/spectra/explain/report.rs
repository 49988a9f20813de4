//! The report of an explanation: all rows together, then single rows with their spectra.

use adatom_interpret::{
    BarFigure, ColumnGroup, ImportanceFigure, ImportancePanel, Region, Report, Section, Table,
};

use super::{Explanation, RowExplanation};
use crate::error::Error;
use crate::spectra::names;

/// Number of rows that the report shows if none were selected.
const SHOWN: usize = 3;
/// Number of columns that are listed for a row.
const LISTED: usize = 8;
/// Number of parts of an axis for which contributions are summed.
const PARTS: usize = 12;

impl Explanation {
    /// The report; `source` names the model and the table.
    ///
    /// # Errors
    ///
    /// [`Error::Importance`] and [`Error::Plot`] where a figure cannot be drawn.
    pub fn report(&self, source: &str) -> Result<Report, Error> {
        let target = self.target.as_deref().unwrap_or("the target");
        let base = if self.background { "background" } else { "training" };
        let calibrated = match self.calibrated {
            true => " Probabilities are those before calibration.",
            false => "",
        };
        let text = format!(
            "The prediction for a row is the mean over the {base} rows plus the contributions of all columns \
             (Shapley values).{calibrated} Sum of the absolute contributions of the columns of each \
             modality, mean over {}.",
            names::rows(self.rows.len())
        );
        let mut bars = BarFigure::new("mean |Shapley value|");
        let groups = self.importance.by_modality();
        let (mean, spread) = (groups.mean(), groups.spread());
        for (index, name) in groups.names().iter().enumerate() {
            bars = bars.bar_with_spread(name.clone(), mean[index], spread[index]);
        }
        let mut report = Report::new(format!("Shapley values of {target}"))
            .subtitle(source)
            .card("rows", self.rows.len().to_string(), "")
            .section(Section::new("All rows").paragraph(text).figure(
                &bars,
                "By modality: mean and standard deviation over the rows.",
                "mean absolute Shapley values by modality",
            ));
        let shown = if self.chosen { self.rows.len() } else { self.rows.len().min(SHOWN) };
        for row in &self.rows[..shown] {
            report = report.section(self.row_section(row)?);
        }
        Ok(report)
    }

    /// The spectra of one row with the contributions of their columns.
    fn row_section(&self, row: &RowExplanation) -> Result<Section, Error> {
        let columns = self.table.columns();
        let values =
            self.table.features().row(self.table.row_of(&row.id).expect("it was explained")).to_vec();
        let mut order: Vec<usize> = (0..row.contributions.len()).collect();
        let size = |column: usize| row.contributions[column].abs();
        order.sort_by(|&left, &right| size(right).total_cmp(&size(left)));
        let mut strongest = Table::new(["column", "value", "contribution"]);
        for &column in order.iter().take(LISTED).filter(|&&column| row.contributions[column] != 0.0) {
            let numbers = [format!("{:.4}", values[column]), format!("{:+.4}", row.contributions[column])];
            strongest = strongest.row([names::column(&columns[column])].into_iter().chain(numbers));
        }
        let mut section = Section::new(row.id.clone())
            .paragraph(format!(
                "{}: mean {:.4}, prediction for this row {:.4}.",
                row.output_name(),
                row.base,
                row.prediction
            ))
            .table(strongest)
            .table(self.parts(row)?);
        let mut panels = Vec::new();
        for modality in self.table.modalities() {
            let own = names::along_axis(&self.table, &modality);
            if own.len() < 2 {
                continue;
            }
            let of = |values: &[f64]| own.iter().map(|&column| values[column]).collect::<Vec<f64>>();
            let x: Vec<f64> = own.iter().map(|&column| columns[column].axis()).collect();
            let no_spread = vec![f64::NAN; x.len()];
            panels.push(
                ImportancePanel::new(modality.to_string(), names::axis(&modality), &x)
                    .importance_label(format!("contribution to {}", row.output_name()))
                    .spectrum(row.id.clone(), &of(&values))?
                    .importance("Shapley value", &of(&row.contributions), &no_spread)?,
            );
        }
        if !panels.is_empty() {
            let caption = format!("The spectra of {} and the contribution of every column.", row.id);
            let alt = "spectra and the contributions of their columns";
            section = section.figure(&ImportanceFigure::new(panels)?, caption, alt);
        }
        Ok(section)
    }

    /// The contribution of every modality, and of the parts of its axis that contribute most.
    fn parts(&self, row: &RowExplanation) -> Result<Table, Error> {
        let columns = self.table.columns();
        let sum = |of: &[usize]| of.iter().map(|&column| row.contributions[column]).sum::<f64>();
        let mut listed = Table::new(["columns", "contribution"]);
        for group in ColumnGroup::modalities(columns) {
            listed = listed.row([format!("all {}", group.name), format!("{:+.4}", sum(&group.columns))]);
        }
        let mut regions = Vec::new();
        for modality in self.table.modalities() {
            if names::along_axis(&self.table, &modality).len() > PARTS {
                regions.extend(Region::even(columns, &modality, PARTS)?);
            }
        }
        let mut groups = ColumnGroup::regions(columns, &regions)?;
        let size = |group: &ColumnGroup| sum(&group.columns).abs();
        groups.sort_by(|left, right| size(right).total_cmp(&size(left)));
        for group in groups.into_iter().take(LISTED) {
            let contribution = format!("{:+.4}", sum(&group.columns));
            listed = listed.row([group.name, contribution]);
        }
        Ok(listed)
    }
}
