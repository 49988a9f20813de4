//! The report of the demonstration: generated data, fit, and importances of planted regions.

use std::collections::BTreeMap;

use adatom_core::{FeatureTable, Modality};
use adatom_interpret::{BarFigure, CurveFigure, CurvePanel, Report, Section, Table};
use adatom_synthetic::{Geometry, Prototype, SyntheticOxide};

use super::planted::{Experiment, spread};
use super::{Commands, Demonstration};
use crate::error::Error;
use crate::output::OutputFolder;
use crate::spectra::figures;

pub(super) const REPORT: &str = "report.html";

/// A kind of material whose spectra are shown.
struct Shown {
    name: &'static str,
    geometry: Geometry,
    valence: i32,
}

/// The kinds of materials that are shown.
const SHOWN: [Shown; 6] = [
    Shown { name: "tetrahedral 2+", geometry: Geometry::Tetrahedral, valence: 2 },
    Shown { name: "tetrahedral 3+", geometry: Geometry::Tetrahedral, valence: 3 },
    Shown { name: "planar 2+", geometry: Geometry::SquarePlanar, valence: 2 },
    Shown { name: "bipyramidal 3+", geometry: Geometry::TrigonalBipyramidal, valence: 3 },
    Shown { name: "octahedral 2+", geometry: Geometry::Octahedral, valence: 2 },
    Shown { name: "octahedral 4+", geometry: Geometry::Octahedral, valence: 4 },
];

impl Shown {
    fn is(&self, oxide: &SyntheticOxide) -> bool {
        oxide.prototype().geometry() == self.geometry && oxide.sites()[0].valence() == self.valence
    }
}

impl Demonstration {
    /// Writes the report and its figures `spectra.png` and `planted-TARGET.png`.
    pub(super) fn save_page(&self, folder: &OutputFolder, commands: &Commands) -> Result<(), Error> {
        let mut report = Report::new("Demonstration: spectra of generated oxides")
            .subtitle(
                "Crystals generated from prototypes, PDFs calculated from them, and absorption spectra of an \
                 analytical model. The model serves demonstrations and tests only; it does not replace FEFF \
                 or other codes that calculate the scattering of the photoelectron.",
            )
            .card("materials", self.oxides.len().to_string(), "");
        for experiment in &self.experiments {
            let target = experiment.question.target.replace('_', " ");
            let score = format!("{:.3}", experiment.finding.score);
            report = report.card(format!("{target}, {}", experiment.score_name()), score, "");
        }
        report = report
            .section(self.materials_section()?)
            .section(self.spectra_section(folder)?)
            .section(self.fit_section());
        for experiment in &self.experiments {
            report = report.section(experiment.section(folder)?);
        }
        report
            .section(
                Section::new("Reproduction")
                    .code("Table of the folder of materials:", &commands.table)
                    .code("Forest:", &commands.fit)
                    .paragraph(
                        "adatom predict, explain and inspect accept these files like those of real \
                         materials.",
                    ),
            )
            .save(folder.file(REPORT))?;
        Ok(())
    }

    fn materials_section(&self) -> Result<Section, Error> {
        let mut counts: BTreeMap<(Prototype, i32), usize> = BTreeMap::new();
        for oxide in &self.oxides {
            *counts.entry((oxide.prototype(), oxide.sites()[0].valence())).or_insert(0) += 1;
        }
        let mut table = Table::new(["prototype", "geometry of iron", "coordination", "charge", "materials"]);
        for ((prototype, valence), count) in counts {
            let geometry = prototype.geometry();
            table = table.row([
                prototype.to_string(),
                geometry.to_string(),
                geometry.coordination_number().to_string(),
                valence.to_string(),
                count.to_string(),
            ]);
        }
        let ranges = ["coordination_number", "oxidation_state", "mean_bond_length"]
            .map(|target| Ok(format!("{}: {}", target.replace('_', " "), spread(&self.table, target)?)));
        let ranges = ranges.into_iter().collect::<Result<Vec<_>, Error>>()?.join("; ");
        Ok(Section::new("Generated materials")
            .paragraph(
                "Iron in oxide prototypes with their space groups and positions; the other cations are \
                 chosen at random, bond lengths are sums of Shannon's ionic radii, and all cells are \
                 strained by up to 3 %. Coordination, charge and bond length are known by construction.",
            )
            .paragraph(ranges)
            .table(table))
    }

    fn spectra_section(&self, folder: &OutputFolder) -> Result<Section, Error> {
        let xanes = CurvePanel::new("µ").x_label("energy (eV)");
        let pdf = CurvePanel::new("dPDF (1/Å²)").x_label("r (Å)");
        let figure = CurveFigure::new(vec![
            self.with_shown(xanes, &Modality::Xanes)?,
            self.with_shown(pdf, &Modality::DifferentialPdf)?,
        ])?;
        figures::save(&figure, &folder.file("spectra.png"))?;
        Ok(Section::new("Spectra")
            .paragraph(
                "The energies of edge and white line increase with the charge and, by Natoli's rule, with \
                 the inverse square of the bond length; the pre-edge near 7113 eV is large for sites without \
                 inversion symmetry; square-planar sites have a shoulder below the edge; the oscillations \
                 are single scattering by the surrounding shells.",
            )
            .figure(&figure, "One material of each kind.", "spectra of generated oxides"))
    }

    /// Adds the curves of one material of each kind.
    fn with_shown(&self, panel: CurvePanel, modality: &Modality) -> Result<CurvePanel, Error> {
        let columns = self.table.columns_of(modality);
        let x: Vec<f64> = columns.iter().map(|&column| self.table.columns()[column].axis()).collect();
        let mut panel = panel.all_values();
        for shown in &SHOWN {
            let oxide = self.oxides.iter().find(|oxide| shown.is(oxide));
            if let Some(row) = oxide.and_then(|oxide| self.table.row_of(oxide.name())) {
                panel = panel.series(shown.name, &x, &values(&self.table, row, &columns))?;
            }
        }
        Ok(panel)
    }

    fn fit_section(&self) -> Section {
        let mut table = Table::new(["split", "modalities", "weighted F1"]);
        for entry in &self.study.comparison.entries {
            let score = entry.scores.iter().find(|score| score.name == "weighted_f1");
            let cell = score.map_or_else(String::new, |score| {
                format!(
                    "{:.3} +- {:.3}",
                    score.mean().unwrap_or(f64::NAN),
                    score.standard_deviation().unwrap_or(f64::NAN)
                )
            });
            table = table.row([entry.held_out.clone(), entry.modalities.clone(), cell]);
        }
        Section::new("Coordination number from all modalities")
            .paragraph(
                "adatom fit with whole formulas held out; full report: coordination_number/report.html. The \
                 PDFs of few prototypes are distinguished more easily than those of real materials.",
            )
            .table(table)
    }
}

fn values(table: &FeatureTable, row: usize, columns: &[usize]) -> Vec<f64> {
    columns.iter().map(|&column| table.features()[[row, column]]).collect()
}

impl Experiment {
    fn section(&self, folder: &OutputFolder) -> Result<Section, Error> {
        let Self { question, finding, control } = self;
        let (lost, spread) = (finding.permutation_mean(), finding.permutation.spread());
        let target = question.target.replace('_', " ");
        let mut header = vec!["region", "range", "planted", "permutation importance", "impurity", "Shapley"];
        header.extend(control.iter().map(|_| "permutation importance without the effect"));
        let mut table = Table::new(header);
        let mut figure = BarFigure::new(format!("permutation importance ({})", self.score_name()));
        for (at, region) in finding.regions.iter().enumerate() {
            let (low, high) = region.range();
            let here = region.name() == question.planted;
            let mut row = vec![
                region.name().to_owned(),
                format!("{low:.1} to {high:.1} {}", question.modality.unit().unwrap_or("")),
                if here { "here" } else { "" }.to_owned(),
                format!("{:.3} +- {:.3}", lost[at], spread[at]),
                format!("{:.0} %", 100.0 * finding.impurity[at]),
                format!("{:.0} %", 100.0 * finding.shap[at]),
            ];
            row.extend(control.iter().map(|control| format!("{:.3}", control.permutation_mean()[at])));
            table = table.row(row);
            let name = if here { format!("{} (planted)", region.name()) } else { region.name().to_owned() };
            figure = figure.bar_with_spread(name, lost[at], spread[at]);
        }
        figures::save(&figure, &folder.file(&format!("planted-{}.png", question.target)))?;
        let caption =
            "Decrease of the score when all columns of a region are permuted together among the test rows.";
        let mut section = Section::new(format!(
            "Recovery of a planted effect: {target} from {}",
            question.modality
        ))
        .paragraph(format!(
            "The target determines the {}: {}. A forest of this modality alone has a {} of {:.3} on the \
                 test rows; the planted region ranks {} by permutation importance, {} by impurity and {} by \
                 Shapley values.",
            question.planted,
            question.reason,
            self.score_name(),
            finding.score,
            ordinal(self.rank(&lost)),
            ordinal(self.rank(&finding.impurity)),
            ordinal(self.rank(&finding.shap)),
        ))
        .figure(&figure, caption, "permutation importance by region")
        .table(table);
        if let (Some(model), Some(control)) = (&question.control, control) {
            section = section.paragraph(format!(
                "Control (last column): the same crystals with spectra of a model with the {}. The score is \
                 {:.3}.",
                model.name, control.score
            ));
        }
        Ok(section)
    }
}

fn ordinal(rank: usize) -> String {
    match rank {
        1 => "first".into(),
        2 => "second".into(),
        3 => "third".into(),
        other => format!("{other}th"),
    }
}
