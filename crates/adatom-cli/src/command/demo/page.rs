//! The page of the spectra's half: what was generated, what a forest makes of it, and whether it looks where it should.

use std::collections::BTreeMap;

use adatom::core::{FeatureTable, Modality};
use adatom::interpret::{BarFigure, CurveFigure, CurvePanel, Report, Section, Table};
use adatom::synthetic::{Geometry, Prototype, SyntheticOxide};

use super::planted::spread;
use super::spectra::{Answer, Half};
use crate::error::CliError;
use crate::plots;
use adatom::pipeline::output::OutputFolder;

pub(super) const REPORT: &str = "report.html";

/// The page and its figures `spectra.png` and `planted-TARGET.png`.
pub(super) fn save(folder: &OutputFolder, half: &Half) -> Result<(), CliError> {
    let mut report = Report::new("Demonstration: spectra of generated oxides")
        .subtitle(
            "Crystals made from prototypes, PDFs calculated from them, and absorption spectra of a model made of closed \
             formulas. The model is for demonstrations and tests: it is no substitute for FEFF or any other code that \
             calculates the scattering of the photoelectron, and says nothing about real iron.",
        )
        .card("materials", half.oxides.len().to_string(), "");
    for answer in &half.answers {
        let label = format!("{}, {}", answer.question.target.replace('_', " "), answer.score());
        report = report.card(label, format!("{:.3}", answer.found.score), "");
    }
    report = report.section(materials(half)?).section(spectra(folder, half)?).section(fit(half));
    for answer in &half.answers {
        report = report.section(planted(folder, answer)?);
    }
    let [table, fit] = &half.commands;
    report = report.section(
        Section::new("To do it again")
            .code("The table, from the folder of materials.", table)
            .code("The forest.", fit)
            .paragraph(
                "adatom predict, explain and inspect work on these files as on those of real materials.",
            ),
    );
    report.save(folder.file(REPORT))?;
    Ok(())
}

fn materials(half: &Half) -> Result<Section, CliError> {
    let mut counts: BTreeMap<(Prototype, i32), usize> = BTreeMap::new();
    for oxide in &half.oxides {
        *counts.entry((oxide.prototype(), oxide.sites()[0].valence())).or_insert(0) += 1;
    }
    let mut table = Table::new(["prototype", "iron is", "coordination", "charge", "materials"]);
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
        .map(|target| Ok(format!("{}: {}", target.replace('_', " "), spread(&half.table, target)?)));
    let ranges = ranges.into_iter().collect::<Result<Vec<_>, CliError>>()?.join("; ");
    Ok(Section::new("What was generated")
        .paragraph(
            "Iron in prototypes of oxides with their own space groups and positions; the other cations are exchanged at \
             random, bonds are as long as the ionic radii of Shannon say, and all is strained by up to 3 %. Coordination, \
             charge and bond length are known because they were made so.",
        )
        .paragraph(ranges)
        .table(table))
}

/// One material of each of these, which differ as much as they can.
const SHOWN: [(&str, Geometry, i32); 6] = [
    ("tetrahedral 2+", Geometry::Tetrahedral, 2),
    ("tetrahedral 3+", Geometry::Tetrahedral, 3),
    ("planar 2+", Geometry::SquarePlanar, 2),
    ("bipyramidal 3+", Geometry::TrigonalBipyramidal, 3),
    ("octahedral 2+", Geometry::Octahedral, 2),
    ("octahedral 4+", Geometry::Octahedral, 4),
];

fn spectra(folder: &OutputFolder, half: &Half) -> Result<Section, CliError> {
    let is = |oxide: &SyntheticOxide, geometry, valence| {
        oxide.prototype().geometry() == geometry && oxide.sites()[0].valence() == valence
    };
    let mut panels = Vec::new();
    let modalities =
        [(Modality::Xanes, "µ", "energy (eV)"), (Modality::DifferentialPdf, "dPDF (1/Å²)", "r (Å)")];
    for (modality, label, axis) in modalities {
        let mut panel = CurvePanel::new(label).x_label(axis).all_values();
        for (name, geometry, valence) in SHOWN {
            let row = half.oxides.iter().find(|oxide| is(oxide, geometry, valence));
            let row = row.and_then(|oxide| half.table.row_of(oxide.name()));
            if let Some(row) = row {
                let (x, y) = curve(&half.table, &modality, row);
                panel = panel.series(name, &x, &y)?;
            }
        }
        panels.push(panel);
    }
    let figure = CurveFigure::new(panels)?;
    plots::save(&figure, &folder.file("spectra.png"))?;
    Ok(Section::new("Its spectra")
        .paragraph(
            "Edge and white line rise with the charge and, by Natoli's rule, with the inverse square of the bond length; the \
             pre-edge near 7113 eV is large where iron lacks inversion symmetry; a shoulder below the edge belongs to planar \
             sites; oscillations are single scattering by the shells around.",
        )
        .figure(&figure, "One material of each kind.", "spectra of generated oxides"))
}

fn curve(table: &FeatureTable, modality: &Modality, row: usize) -> (Vec<f64>, Vec<f64>) {
    let columns = table.columns_of(modality);
    let x = columns.iter().map(|&column| table.columns()[column].axis()).collect();
    (x, columns.iter().map(|&column| table.features()[[row, column]]).collect())
}

fn fit(half: &Half) -> Section {
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    let mut table = Table::new(["rows held out", "modalities", "weighted F1"]);
    for entry in half.fit["comparison"].as_array().into_iter().flatten() {
        let score = &entry["scores"]["weighted_f1"];
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let cell = format!("{:.3} +- {:.3}", number(&score["mean"]), number(&score["std"]));
        table = table.row([text("split"), text("modalities"), cell]);
    }
    Section::new("Coordination number from all modalities")
        .paragraph(
            "adatom fit on the table, with whole formulas held out; its own report is coordination_number/report.html. \
             The PDFs of a few prototypes are easily told apart, more easily than those of real materials.",
        )
        .table(table)
}

/// A question with its answer.
fn planted(folder: &OutputFolder, answer: &Answer) -> Result<Section, CliError> {
    let (question, found) = (&answer.question, &answer.found);
    let (lost, spread) = (found.lost(), found.exchange.spread());
    let target = question.target.replace('_', " ");
    let mut header = vec!["region", "range", "planted", "lost by exchange", "impurity", "Shapley"];
    header.extend(answer.without.iter().map(|_| "lost without it"));
    let (mut table, mut figure) =
        (Table::new(header), BarFigure::new(format!("{} lost by exchange", answer.score())));
    for (at, region) in found.regions.iter().enumerate() {
        let here = region.name() == question.planted;
        let mut row = vec![
            region.name().to_owned(),
            format!(
                "{:.1} to {:.1} {}",
                region.range().0,
                region.range().1,
                question.modality.unit().unwrap_or("")
            ),
            if here { "here" } else { "" }.to_owned(),
            format!("{:.3} +- {:.3}", lost[at], spread[at]),
            format!("{:.0} %", 100.0 * found.impurity[at]),
            format!("{:.0} %", 100.0 * found.shap[at]),
        ];
        row.extend(answer.without.iter().map(|(_, found)| format!("{:.3}", found.lost()[at])));
        table = table.row(row);
        let name = if here { format!("{} (planted)", region.name()) } else { region.name().to_owned() };
        figure = figure.bar_with_spread(name, lost[at], spread[at]);
    }
    plots::save(&figure, &folder.file(&format!("planted-{}.png", question.target)))?;
    let place = |measure: &[f64]| found.rank(question.planted, measure);
    let mut section = Section::new(format!("Planted and found: {target} from {}", question.modality))
        .paragraph(format!(
            "Planted in the {}: {}. A forest of this modality alone has a {} of {:.3} on the rows held out; by exchange the \
             planted region comes {}, by impurity {}, by Shapley values {}.",
            question.planted,
            question.why,
            answer.score(),
            found.score,
            ordinal(place(&lost)),
            ordinal(place(&found.impurity)),
            ordinal(place(&found.shap)),
        ))
        .figure(&figure, "Loss when all columns of a region are exchanged among the rows held out.", "loss by region")
        .table(table);
    if let Some((what, without)) = &answer.without {
        section = section.paragraph(format!(
            "The last column is the control: the same crystals, spectra of a model with the {what}. The score is then {:.3}.",
            without.score
        ));
    }
    Ok(section)
}

fn ordinal(place: usize) -> String {
    match place {
        1 => "first".into(),
        2 => "second".into(),
        3 => "third".into(),
        other => format!("{other}th"),
    }
}
