//! What was predicted of the rows held out, and how far it can be trusted.

use adatom::core::Target;
use adatom::forest::ndarray::Axis;
use adatom::forest::{Model, ReliabilityCurve};
use adatom::interpret::{
    AgreementFigure, ConfusionFigure, CurveFigure, CurvePanel, ReliabilityFigure, Section, Table,
};

use super::super::choice::Chosen;
use super::super::pictures::{MOST, Pictures};
use super::super::trial::{BINS, Trial};
use crate::args::Fit;
use crate::error::CliError;
use crate::names;

/// Samples that are shown as the worst.
const WORST: usize = 10;

/// More classes than this are not drawn as a matrix.
const CLASSES: usize = 40;

pub(super) fn sections(
    chosen: &Chosen,
    (trial, command): (&Trial, &Fit),
    pictures: &Pictures<'_>,
) -> Result<Vec<Section>, CliError> {
    let section = Section::new("Predictions of the rows held out");
    let mut sections = match &chosen.wanted {
        Target::Classes(_) => {
            vec![calibration(confusion(section, trial, pictures)?, chosen, (trial, command), pictures)?]
        }
        Target::Numbers(_) => vec![parity(section, chosen, trial, pictures)?],
    };
    sections.extend(learning((trial, command), pictures)?);
    Ok(sections)
}

fn confusion(section: Section, trial: &Trial, pictures: &Pictures<'_>) -> Result<Section, CliError> {
    let Some((confusion, _)) = &trial.confusion else { return Ok(section) };
    if confusion.names.len() > CLASSES {
        return Ok(section.paragraph(format!(
            "{} classes are too many for a matrix; predictions.csv has all predictions.",
            confusion.names.len()
        )));
    }
    let figure = ConfusionFigure::new(&confusion.names, confusion.counts.view())?;
    let caption = "Rows held out: true and predicted classes, by the forest of the first seed.";
    pictures.add(section, "confusion", &figure, [caption, "confusion matrix"])
}

/// Whether probabilities are what they say.
fn calibration(
    section: Section,
    chosen: &Chosen,
    (trial, command): (&Trial, &Fit),
    pictures: &Pictures<'_>,
) -> Result<Section, CliError> {
    let Target::Classes(labels) = &chosen.wanted else { return Ok(section) };
    let test = labels.select(&trial.split.test);
    let mut figure = ReliabilityFigure::new();
    // Of two classes the second says all; of many the most frequent are shown.
    let mut shown: Vec<usize> = (0..labels.names.len()).collect();
    shown.sort_by_key(|&class| std::cmp::Reverse(labels.counts[class]));
    shown.truncate(MOST);
    shown.sort_unstable();
    if let [_, second] = shown[..] {
        shown = vec![second];
    }
    for class in shown {
        let bins = ReliabilityCurve::of_class(trial.answers.view(), &test.codes, class)?.bins(BINS)?;
        let points: Vec<[f64; 2]> = bins.iter().map(|bin| [bin.predicted, bin.observed]).collect();
        let rows: Vec<usize> = bins.iter().map(|bin| bin.rows).collect();
        figure = figure.class(&labels.names[class], &points, &rows)?;
    }
    let caption = "How often rows held out were of a class, against the probability that they were given.";
    let section = pictures.add(section, "calibration", &figure, [caption, "reliability curves"])?;
    let Some(error) = trial.calibration_error(chosen)? else { return Ok(section) };
    Ok(section.paragraph(format!(
        "The probability of the predicted class differs from its frequency by {error:.3} in the mean over {BINS} bins \
         (expected calibration error).{}",
        match command.trial.calibrate {
            Some(_) => " They were corrected with what trees say of rows that they did not draw.",
            None => " Averages of trees shy away from 0 and 1; --calibrate corrects that.",
        }
    )))
}

fn parity(
    section: Section,
    chosen: &Chosen,
    trial: &Trial,
    pictures: &Pictures<'_>,
) -> Result<Section, CliError> {
    let Target::Numbers(values) = &chosen.wanted else { return Ok(section) };
    let truth = values.select(Axis(0), &trial.split.test).to_vec();
    let target = chosen.target().replace('_', " ");
    let mut figure = AgreementFigure::new(&truth, &trial.answers.column(0).to_vec())?
        .labels(format!("true {target}"), format!("predicted {target}"));
    if let Model::Regressor(model) = &trial.model {
        let rows = chosen.table.features().select(Axis(0), &trial.split.test);
        let ends = model.intervals(rows.view(), 0.9)?;
        figure = figure.intervals(&ends.column(0).to_vec(), &ends.column(1).to_vec())?;
    }
    let caption =
        "Rows held out, with intervals of prediction that are meant to hold 90 % of the true values.";
    let section = pictures.add(section, "parity", &figure, [caption, "predicted against true values"])?;
    Ok(match trial.cover(chosen)? {
        Some(part) => section.paragraph(format!(
            "The intervals, from the 5th to the 95th percentile of the training values in the leaves, hold {:.0} % of the \
             true values.",
            100.0 * part
        )),
        None => section,
    })
}

/// How scores grow with the number of rows.
fn learning((trial, command): (&Trial, &Fit), pictures: &Pictures<'_>) -> Result<Option<Section>, CliError> {
    let before = if command.trial.calibrate.is_some() { " Its forests are not calibrated." } else { "" };
    let points: Vec<(f64, f64, f64)> = (trial.learning.iter())
        .filter_map(|point| {
            let score = &point.validation.scores[0];
            Some((point.rows as f64, score.mean()?, score.standard_deviation().unwrap_or(f64::NAN)))
        })
        .collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(None) };
    if points.len() < 2 {
        return Ok(None);
    }
    let name = trial.learning[0].validation.scores[0].name.replace('_', " ");
    let of = |part: fn(&(f64, f64, f64)) -> f64| points.iter().map(part).collect::<Vec<f64>>();
    let panel = CurvePanel::new(name.clone()).x_label("rows to learn from").all_values();
    let panel = panel.series_with_spread(
        "rows held out",
        &of(|point| point.0),
        &of(|point| point.1),
        &of(|point| point.2),
    )?;
    let text = format!(
        "Forests that learn from a random part of the rows, tested on the same rows held out: {name} is {:.3} with {} rows and \
         {:.3} with all {}. Where the curve still becomes better at its end more data would help.{before}",
        first.1, first.0, last.1, last.0
    );
    let figure = CurveFigure::new(vec![panel])?;
    let caption = "Mean and standard deviation over draws of rows; with all rows, over seeds of the forest.";
    let section = Section::new("Would more data help?").paragraph(text);
    Ok(Some(pictures.add(section, "learning-curve", &figure, [caption, "learning curve"])?))
}

/// The samples on which the forest was most wrong.
pub(super) fn worst(chosen: &Chosen, trial: &Trial) -> Result<Section, CliError> {
    let test = &trial.split.test;
    let mut wrong: Vec<(usize, f64, [String; 2])> = (test.iter().enumerate())
        .filter_map(|(place, &row)| {
            let answer = trial.answers.row(place);
            match &chosen.wanted {
                Target::Numbers(values) => {
                    let texts = [format!("{:.4}", values[row]), format!("{:.4}", answer[0])];
                    Some((row, (values[row] - answer[0]).abs(), texts))
                }
                Target::Classes(labels) => {
                    let best = adatom::forest::most_probable(answer.insert_axis(Axis(0)))[0];
                    let texts = [labels.codes[row], best].map(|code| labels.names[code].clone());
                    (best != labels.codes[row]).then(|| (row, 1.0 - answer[labels.codes[row]], texts))
                }
            }
        })
        .collect();
    wrong.sort_by(|left, right| right.1.total_cmp(&left.1));
    let classes = matches!(chosen.wanted, Target::Classes(_));
    let mut table = Table::new([
        "sample",
        "true",
        "predicted",
        if classes { "1 - probability of the truth" } else { "error" },
    ]);
    for (row, size, [truth, predicted]) in wrong.iter().take(WORST) {
        table = table.row([
            chosen.table.ids()[*row].clone(),
            truth.clone(),
            predicted.clone(),
            format!("{size:.3}"),
        ]);
    }
    let mut section = Section::new("Most wrong")
        .paragraph("Of the rows held out; look at their spectra and labels.")
        .table(table);
    for modality in chosen.table.modalities() {
        let columns = names::along_axis(&chosen.table, &modality);
        if columns.len() < 2 || wrong.is_empty() {
            continue;
        }
        let x: Vec<f64> = columns.iter().map(|&column| chosen.table.columns()[column].axis()).collect();
        let mut panel = CurvePanel::new(modality.to_string()).x_label(names::axis(&modality)).all_values();
        for (row, ..) in wrong.iter().take(3) {
            let y: Vec<f64> = columns.iter().map(|&column| chosen.table.features()[[*row, column]]).collect();
            panel = panel.series(chosen.table.ids()[*row].clone(), &x, &y)?;
        }
        let caption = format!("{modality} of the most wrong.");
        section = section.figure(&CurveFigure::new(vec![panel])?, caption, "spectra of the most wrong");
    }
    Ok(section)
}
