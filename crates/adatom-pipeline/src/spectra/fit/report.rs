//! The report of a study.

mod data;
mod importance;
mod modalities;
mod predictions;
mod quality;

use adatom_interpret::{Report, Section};

use super::Study;
use super::figures::FigureFiles;
use super::groups::Holdout;
use crate::error::Error;
use crate::output::OutputFolder;

/// Information on the origin of the data for a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReportContext {
    /// The name of the table.
    pub table: String,
    /// The command that reproduces the results.
    pub command: Option<String>,
}

impl ReportContext {
    /// The report of a table with this name.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Self {
        Self { table: table.into(), command: None }
    }

    /// The command that reproduces the results.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

impl Study {
    /// The report; its figures are also written into the folder.
    ///
    /// # Errors
    ///
    /// [`Error::File`] and [`Error::Plot`] if a figure cannot be drawn or written.
    pub fn report(&self, folder: &OutputFolder, context: &ReportContext) -> Result<Report, Error> {
        let kind = if self.has_classes() { "classification" } else { "regression" };
        let modalities: Vec<String> =
            self.samples.table.modalities().iter().map(ToString::to_string).collect();
        let mut report =
            Report::new(format!("{} from {}", self.samples.target_name, modalities.join(" and ")))
                .subtitle(format!("{}: {kind} forest", context.table))
                .card("rows", self.samples.table.len().to_string(), "")
                .card("test rows", self.tuning.split.test.len().to_string(), "");
        for score in self.tested.scores.iter().take(3) {
            report = report.card(
                score.name.replace('_', " "),
                format!("{:.3}", score.mean().unwrap_or(f64::NAN)),
                "",
            );
        }
        if self.samples.holdout == Holdout::Random && self.samples.table.groups().next().is_some() {
            report = report.warning(
                "The test rows were drawn at random although the table has groups. Near-duplicates in \
                 training and test rows make the scores too optimistic; hold out whole groups instead.",
            );
        }
        if self.settings.final_on_all {
            report = report.warning(
                "The saved model is fitted to all rows; the scores are those of forests fitted to the \
                 training rows only.",
            );
        }
        let figures = FigureFiles::new(folder)?;
        let mut sections = vec![self.data_section(), self.scores_section()];
        sections.extend(self.comparison_section());
        sections.push(match self.has_classes() {
            true => self.classes_section(&figures)?,
            false => self.numbers_section(&figures)?,
        });
        sections.extend(self.learning_section(&figures)?);
        sections.push(self.modalities_section(&figures)?);
        sections.extend(self.coalitions_section());
        sections.extend(self.ablation_section());
        sections.push(self.axes_section(&figures)?);
        sections.extend(self.regions_section(&figures)?);
        sections.extend(self.effects_section(&figures)?);
        sections.push(self.shapley_section(&figures)?);
        sections.extend(self.chance_section());
        sections.push(self.errors_section()?);
        sections.push(self.reproduction_section(context));
        Ok(sections.into_iter().fold(report, Report::section))
    }

    fn reproduction_section(&self, context: &ReportContext) -> Section {
        let params = serde_json::to_string(&self.tuning.params).unwrap_or_default();
        let mut section = Section::new("Reproduction");
        if let Some(command) = &context.command {
            section = section.code("Command (the same seed gives identical files):", command);
        }
        section.code("Hyperparameters of the forest:", params).paragraph(format!(
            "Seed {}, adatom {}.",
            self.settings.seed,
            env!("CARGO_PKG_VERSION")
        ))
    }
}
