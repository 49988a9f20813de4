//! Which modality decided, and which part of it.

use adatom::core::Target;
use adatom::forest::ndarray::{ArrayView1, Axis};
use adatom::interpret::{
    BarFigure, BeeswarmFigure, CurveFigure, CurvePanel, ImportanceFigure, ImportancePanel, Section, Table,
};

use super::super::choice::Chosen;
use super::super::compare::Comparison;
use super::super::importance::EXPLAINED;
use super::super::learning::{LEVEL, rounds_needed};
use super::super::pictures::{MOST, Pictures};
use super::super::trial::Trial;
use super::super::write::shares;
use crate::error::CliError;
use crate::names;

/// Columns of the summary of Shapley values.
const SUMMARISED: usize = 12;

pub(super) fn sections(
    chosen: &Chosen,
    (trial, comparison): (&Trial, &Comparison),
    pictures: &Pictures<'_>,
) -> Result<Vec<Section>, CliError> {
    let mut sections = vec![modalities(trial, pictures)?];
    sections.extend(together(trial));
    sections.extend(without(comparison));
    sections.push(along_axes(chosen, trial, pictures)?);
    sections.extend(regions(chosen, trial, pictures)?);
    sections.extend(effects(chosen, trial, pictures)?);
    sections.push(summary(chosen, trial, pictures)?);
    sections.extend(against_chance(trial));
    Ok(sections)
}

fn modalities(trial: &Trial, pictures: &Pictures<'_>) -> Result<Section, CliError> {
    let mut figure = BarFigure::new("share of the impurity importance (%)");
    let lost = trial.importance.permutation.as_ref().map_or("score", |found| &found.score).replace('_', " ");
    let mut table = Table::new([
        "modality".to_owned(),
        "impurity".to_owned(),
        format!("{lost} worse by exchange"),
        "Shapley share".to_owned(),
    ]);
    for share in shares(trial) {
        let [mean, spread] = share.impurity.map(|part| 100.0 * part);
        figure = figure.bar_with_spread(share.modality.clone(), mean, spread);
        let exchange =
            share.permutation.map_or_else(String::new, |[mean, spread]| format!("{mean:.4} ± {spread:.4}"));
        table = table.row([
            share.modality,
            format!("{mean:.1} % ± {spread:.1}"),
            exchange,
            format!("{:.1} %", 100.0 * share.shap),
        ]);
    }
    let caption = "Share of the decrease of impurity: mean and standard deviation over the seeds.";
    let section = Section::new("Which modality decided")
        .paragraph(
            "Impurity importance is counted on the training rows and favours columns with many distinct values; exchange \
             of all columns of a modality among the rows held out shows what cannot be had from the others; the Shapley \
             share divides the answer's distance from the mean among modalities as wholes.",
        )
        .table(table);
    pictures.add(section, "modalities", &figure, [caption, "share of each modality"])
}

/// The mean spectra of every class, or of the lower and upper half, and under them the importances on the same axis.
fn along_axes(chosen: &Chosen, trial: &Trial, pictures: &Pictures<'_>) -> Result<Section, CliError> {
    let section = Section::new("Which part of it").paragraph(format!(
        "Mean spectra, and under them the importance of every column on the axis of the measurement. Bars: share of the \
         decrease of impurity, mean and standard deviation over the seeds. Line: mean |Shapley value| of {} rows held out, \
         with the deviation over seeds, scaled to the same sum.",
        trial.split.test.len().min(EXPLAINED)
    ));
    let sets = sets(chosen);
    let (impurity, spread) = (trial.importance.impurity.mean(), trial.importance.impurity.spread());
    let (shap, shap_spread) = (trial.importance.shap.mean(), trial.importance.shap.spread());
    let scale = if shap.sum() > 0.0 { 1.0 / shap.sum() } else { 0.0 };
    let mut panels = Vec::new();
    for modality in chosen.table.modalities() {
        let plain = names::along_axis(&chosen.table, &modality);
        if plain.len() < 2 {
            continue;
        }
        let of =
            |values: &dyn Fn(usize) -> f64| plain.iter().map(|&column| values(column)).collect::<Vec<f64>>();
        let x = of(&|column| chosen.table.columns()[column].axis());
        let mut panel = ImportancePanel::new(format!("mean {modality}"), names::axis(&modality), &x);
        for (name, rows) in sets.iter().take(MOST).filter(|(_, rows)| !rows.is_empty()) {
            let part = chosen.table.features().select(Axis(0), rows);
            let mean = part.mean_axis(Axis(0)).expect("there are rows");
            panel = panel.spectrum(name, &of(&|column| mean[column]))?;
        }
        panel = panel.importance(
            "impurity importance",
            &of(&|column| impurity[column]),
            &of(&|column| spread[column]),
        )?;
        panels.push(panel.importance(
            "Shapley values",
            &of(&|column| scale * shap[column]),
            &of(&|column| scale * shap_spread[column]),
        )?);
    }
    if panels.is_empty() {
        return Ok(section.paragraph("No modality has two columns or more."));
    }
    let parts = match &chosen.wanted {
        Target::Classes(_) => "of every class",
        Target::Numbers(_) => "of the lower and the upper half",
    };
    let caption = format!("{}: mean spectra {parts}, and importances.", chosen.target().replace('_', " "));
    let figure = ImportanceFigure::new(panels)?;
    pictures.add(section, "importance", &figure, [&caption, "mean spectra and importances"])
}

/// Shapley values of the strongest columns, row by row.
fn summary(chosen: &Chosen, trial: &Trial, pictures: &Pictures<'_>) -> Result<Section, CliError> {
    let mut section = Section::new("What high and low values do").paragraph(
        "One strip for each of the columns with the largest Shapley values, one point for each row: to the right where the \
         column spoke for what stands below, to the left where it spoke against it; dark where its value is low.",
    );
    let values = &trial.importance.values;
    let rows = &trial.split.test[..values.dim().0];
    let strongest = trial.importance.shap.top(SUMMARISED);
    let (outputs, what): (Vec<usize>, Vec<String>) = match &chosen.wanted {
        Target::Numbers(_) => (vec![0], vec![format!("adds to {}", chosen.target().replace('_', " "))]),
        Target::Classes(labels) => {
            let classes = if labels.names.len() == 2 { 1..2 } else { 0..labels.names.len().min(MOST) };
            let text = |class: usize| format!("adds to the probability of {}", labels.names[class]);
            (classes.clone().collect(), classes.map(text).collect())
        }
    };
    for (number, (output, what)) in outputs.into_iter().zip(what).enumerate() {
        let mut figure = BeeswarmFigure::new(what.clone());
        for &column in &strongest {
            let adds = values.index_axis(Axis(1), column).column(output).to_vec();
            let seen: Vec<f64> = rows.iter().map(|&row| chosen.table.features()[[row, column]]).collect();
            figure = figure.feature(names::column(&chosen.table.columns()[column]), &adds, &seen)?;
        }
        let caption = format!("What each column {what}.");
        let name = format!("shap-summary-{}", number + 1);
        section = pictures.add(section, &name, &figure, [&caption, "Shapley values of many rows"])?;
    }
    Ok(section)
}

/// Rows of every class, or of the lower and the upper half.
fn sets(chosen: &Chosen) -> Vec<(String, Vec<usize>)> {
    let rows = 0..chosen.table.len();
    match &chosen.wanted {
        Target::Classes(labels) => (labels.names.iter().enumerate())
            .map(|(code, name)| {
                (name.clone(), rows.clone().filter(|&row| labels.codes[row] == code).collect())
            })
            .collect(),
        Target::Numbers(values) => {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            let middle = sorted[sorted.len() / 2];
            let (low, high) = rows.partition(|&row| values[row] < middle);
            vec![(format!("below {middle:.3}"), low), (format!("{middle:.3} and above"), high)]
        }
    }
}

fn regions(chosen: &Chosen, trial: &Trial, pictures: &Pictures<'_>) -> Result<Option<Section>, CliError> {
    let Some(found) = &trial.importance.permutation else { return Ok(None) };
    let Some(regions) = &found.regions else { return Ok(None) };
    let mut order: Vec<usize> = (0..regions.names().len()).collect();
    let (mean, spread) = (regions.mean(), regions.spread());
    order.sort_by(|&left, &right| mean[right].total_cmp(&mean[left]));
    let mut figure = BarFigure::new(format!("{} worse by exchange", found.score.replace('_', " ")));
    for &region in order.iter().take(12) {
        figure = figure.bar_with_spread(regions.names()[region].clone(), mean[region], spread[region]);
    }
    let which = match chosen.regions.is_empty() {
        true => {
            " Regions lie around the peaks of the mean spectrum, and have their places as names; where there are few \
                 peaks they are parts of equal length. --region names others."
        }
        false => "",
    };
    let text = format!(
        "All columns of a region are exchanged among the rows held out at once, so that neighbours that say the same cannot \
         hide each other.{which}"
    );
    let caption = "Regions whose exchange costs most: mean and standard deviation over exchanges.";
    let section = Section::new("Regions").paragraph(text);
    Ok(Some(pictures.add(section, "regions", &figure, [caption, "loss by region"])?))
}

/// How answers follow the regions that matter most.
fn effects(chosen: &Chosen, trial: &Trial, pictures: &Pictures<'_>) -> Result<Option<Section>, CliError> {
    if trial.importance.effects.is_empty() {
        return Ok(None);
    }
    let section = Section::new("How answers follow them").paragraph(
        "Partial dependence: the mean answer for the rows held out when all columns of a region are raised or lowered \
         together, so that their mean is what stands below. Rows that are made so may not exist; read trends, not ends.",
    );
    let target = chosen.target().replace('_', " ");
    let label = match &chosen.wanted {
        Target::Numbers(_) => format!("{target}, mean"),
        Target::Classes(_) => "mean probability".to_owned(),
    };
    let names: Vec<&str> = match &chosen.wanted {
        Target::Numbers(_) => vec![chosen.target()],
        Target::Classes(labels) => labels.names.iter().map(String::as_str).collect(),
    };
    let mut panels = Vec::new();
    for (name, effect) in &trial.importance.effects {
        let mut panel = CurvePanel::new(label.clone()).x_label(format!("mean of {name}")).all_values();
        for (output, of) in names.iter().enumerate().take(MOST) {
            panel = panel.series(*of, effect.grid(), &effect.mean().column(output).to_vec())?;
        }
        panels.push(panel);
    }
    let figure = CurveFigure::new(panels)?;
    let caption = format!("{target} as regions change.");
    let section = pictures.add(section, "effects", &figure, [&caption, "partial dependence"])?;
    Ok(Some(section))
}

/// What modalities know alone, and what they share.
fn together(trial: &Trial) -> Option<Section> {
    let scores = trial.importance.together.as_ref()?;
    let score = trial.scores.first()?.name.replace('_', " ");
    let (all, names) = (scores.scores(), scores.names());
    let mut table = Table::new(["modality", "alone adds", "only it can add", "fair share"]);
    for (at, name) in names.iter().enumerate() {
        let numbers = [scores.alone(at), scores.last(at), scores.shapley()[at]];
        let cells = numbers.map(|number| format!("{number:+.4}"));
        table = table.row([name.clone()].into_iter().chain(cells));
    }
    let mut shared = Table::new(["both", "say the same"]);
    for one in 0..names.len() {
        for other in one + 1..names.len() {
            let number = format!("{:+.4}", scores.shared(one, other));
            shared = shared.row([format!("{} and {}", names[one], names[other]), number]);
        }
    }
    let text = format!(
        "How good the answers of this one forest are for rows held out when it may look at some modalities only (splits on \
         others let a row pass as the training rows did): {score} is {:.4} without looking and {:.4} with all; errors count \
         as negative. What two modalities add alone, less what they add together, both know; where that is negative they say \
         more together than the sum of both.",
        all[0],
        all[all.len() - 1]
    );
    Some(Section::new("What they share").paragraph(text).table(table).table(shared))
}

/// What is lost without each modality.
fn without(comparison: &Comparison) -> Option<Section> {
    let (found, score) = comparison.without.as_ref()?;
    let score = score.replace('_', " ");
    let number = |values: ArrayView1<'_, f64>| format!("{:.4}", values.mean().unwrap_or(f64::NAN));
    let mut table = Table::new(["modality", "alone", "all but it", "all", "all less all but it", "p"]);
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
        "Mean {score} over folds of all rows; forests are fitted anew without each modality. The standard error and the \
         probability p of such a difference by chance allow for folds that share training rows (Nadeau and Bengio 2003)."
    );
    Some(Section::new("Without a modality").paragraph(text).table(table))
}

/// Which columns beat shuffled copies.
fn against_chance(trial: &Trial) -> Option<Section> {
    let report = trial.shadows.as_ref()?;
    let found = report.beats_chance(LEVEL);
    let corrected = report.corrected();
    let shares = corrected.by_modality();
    let columns = corrected.columns();
    let mut table = Table::new(["modality", "columns", "beat chance", "importance less that of the copies"]);
    for (name, mean) in shares.names().iter().zip(shares.mean()) {
        let of = |column: &usize| columns[*column].modality().to_string() == *name;
        let (all, found) = ((0..columns.len()).filter(of).count(), found.iter().filter(|c| of(c)).count());
        table = table.row([name.clone(), all.to_string(), found.to_string(), format!("{mean:.4}")]);
    }
    let needed = rounds_needed(columns.len());
    let rounds = report.shadows().values().nrows();
    let few = match rounds < needed {
        true => format!(" With {rounds} rounds none can: {} columns need {needed}.", columns.len()),
        false => String::new(),
    };
    let text = format!(
        "In {rounds} rounds the forest was given every column a second time, in a random order of rows. {} of {} columns had a \
         larger impurity importance than the best of these copies more often than chance allows (p ≤ {LEVEL} for all \
         together; Kursa and Rudnicki 2010); importance.csv names them.{few}",
        found.len(),
        columns.len()
    );
    Some(Section::new("Which columns beat chance").paragraph(text).table(table))
}
