//! `adatom table`: a folder of structures and spectra becomes one table of features and targets.

mod labels;
mod materials;
mod rows;

use std::collections::BTreeMap;
use std::io::IsTerminal;

use adatom::core::{FeatureTable, TargetColumn};
use adatom::spectra::ndarray::Array1;
use adatom::spectra::{DistanceGrid, EnergyGrid, ShellCounter, Tabular, Tabulation};
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde_json::json;

use crate::args::{FeatureName, Table, TableModality, existing};
use crate::dataset::materials;
use crate::error::CliError;
use crate::plots;
use crate::say::{say, tell};
use adatom::pipeline::output::{check_output, place};
use labels::Labels;
use materials::Chosen;
use rows::{Read, Row, longest};

/// Distances at which neighbours are counted, Å.
const SHELL_STEP: f64 = 0.05;

/// How many materials are left out, and why.
struct Left {
    bad: usize,
    without: usize,
    apart: usize,
}

/// A table that was made and saved.
pub(crate) struct Made {
    pub(crate) table: FeatureTable,
    left: Left,
}

pub(crate) fn run(command: &Table, as_json: bool) -> Result<(), CliError> {
    let made = make(command)?;
    report(&made.table, command, &made.left, as_json);
    if made.left.bad > 0 && !command.skip_bad {
        return Err(CliError::Reported);
    }
    Ok(())
}

/// Makes and saves the table; what cannot be used is told on standard error.
pub(crate) fn make(command: &Table) -> Result<Made, CliError> {
    let choice = &command.materials;
    let inputs = || command.labels.iter().chain(&choice.only).chain(&choice.apart_from);
    check_output(&command.out, inputs(), existing(command.force))?;
    if let Some(plot) = &command.plot {
        check_output(plot, inputs().chain([&command.out]), existing(command.force))?;
    }
    for out in command.plot.iter().chain([&command.out]) {
        let (place, folder) = (place(out), place(&command.folder));
        if place.strip_prefix(&folder).is_ok_and(|inside| inside.components().count() > 1) {
            let text = format!("{}: lies inside a material's folder, where inputs are", out.display());
            return Err(CliError::Argument(text));
        }
    }
    let labels = command.labels.as_deref().map(Labels::load).transpose()?;
    let counter = shells(command)?;
    let mut folders = materials(&command.folder)?;
    let chosen = Chosen::load(choice, &folders)?;
    folders.retain(|folder| chosen.reads(folder));
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(folders.len() as u64)
    } else {
        ProgressBar::hidden()
    };
    let read: Vec<_> =
        folders.par_iter().map(|folder| Read::material(folder, command)).inspect(|_| bar.inc(1)).collect();
    bar.finish_and_clear();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (folder, read) in folders.iter().zip(read) {
        match read {
            Ok(read) => good.push(read),
            Err(problem) => bad.push((folder.clone(), problem)),
        }
    }
    for (folder, problem) in &bad {
        let problem = if problem.contains(&*folder.to_string_lossy()) {
            problem.clone()
        } else {
            format!("{}: {problem}", folder.display())
        };
        tell(format_args!("error: {problem}"));
    }
    let apart = chosen.keep(&mut good);
    let without = good.iter().filter(|read| read.sites.is_empty()).count();
    good.retain(|read| !read.sites.is_empty());
    if good.is_empty() {
        let problem = format!("no material has a site of {} that can be used", command.element);
        return Err(CliError::DataSet { path: command.folder.clone(), problem });
    }
    let energies = energies(&good, command)?;
    let rows: Vec<Row> = good
        .par_iter()
        .map(|read| read.rows(command, energies.as_ref(), labels.as_ref()))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    let table = assemble(&rows, command, (energies.as_ref(), counter.as_ref()))?;
    table.save(&command.out)?;
    if let Some(plot) = &command.plot {
        plots::save(&plots::table(&table)?, plot)?;
    }
    Ok(Made { table, left: Left { bad: bad.len(), without, apart } })
}

/// The grid of the XANES, where there are to be any: as asked for, else what all spectra share.
fn energies(good: &[Read], command: &Table) -> Result<Option<EnergyGrid>, CliError> {
    if !command.modalities.contains(&TableModality::Xanes) {
        return Ok(None);
    }
    let [first, last] = match command.energies {
        Some(range) => range,
        None => {
            let spectra = || {
                let sites = good.iter().flat_map(|read| read.sites.iter().map(move |site| (read, site)));
                sites.filter_map(|(read, site)| Some((read.site_name(site), site.xanes.as_ref()?.energy())))
            };
            let latest = spectra().max_by(|left, right| left.1.first().total_cmp(&right.1.first()));
            let earliest = spectra().min_by(|left, right| left.1.last().total_cmp(&right.1.last()));
            let (Some((begins, latest)), Some((ends, earliest))) = (latest, earliest) else {
                return Ok(None);
            };
            let (first, last) = (latest.first(), earliest.last());
            if first >= last {
                let problem = format!(
                    "the spectra share no range of energies: {begins} begins at {first} eV, {ends} ends at {last} eV; --energies says which range to use"
                );
                return Err(CliError::DataSet { path: command.folder.clone(), problem });
            }
            tell(format_args!(
                "energies that all spectra share: {first} eV, where {begins} begins, to {last} eV, where {ends} ends"
            ));
            [first, last]
        }
    };
    Ok(Some(EnergyGrid::new(Array1::linspace(first, last, command.points as usize))?))
}

/// How shells are counted, where they are wanted; every modality has a feature.
fn shells(command: &Table) -> Result<Option<ShellCounter>, CliError> {
    for &modality in &command.modalities {
        if command.features.of(modality).is_empty() {
            let text = format!("--features: none of {}, which --modalities asks for", name(modality));
            return Err(CliError::Argument(text));
        }
    }
    if !command.modalities.contains(&TableModality::Dpdf)
        || !command.features.of(TableModality::Dpdf).contains(&FeatureName::Shells)
    {
        return Ok(None);
    }
    let wrong = |found: String| CliError::Argument(format!("--shells: {found}"));
    let [empty, first, last] = command.features.shells[..] else {
        return Err(wrong(format!(
            "expected EMPTY,FIRST,LAST, found {} numbers",
            command.features.shells.len()
        )));
    };
    let reach = longest(command);
    if !(empty < last && last < reach) {
        return Err(wrong(format!(
            "LAST must lie between EMPTY and {reach} Å, where the PDF ends, found {last}"
        )));
    }
    let steps = ((last - empty) / SHELL_STEP).round().max(1.0) as usize;
    let distances = DistanceGrid::new(Array1::linspace(empty, last, steps + 1).mapv(rounded))?;
    ShellCounter::new(empty, first, distances).map(Some).map_err(|error| wrong(error.to_string()))
}

/// Names of columns need no more digits.
fn rounded(distance: f64) -> f64 {
    (distance * 1e6).round() / 1e6
}

fn name(modality: TableModality) -> &'static str {
    match modality {
        TableModality::Xanes => "xanes",
        TableModality::Pdf => "pdf",
        TableModality::Dpdf => "dpdf",
    }
}

/// The columns of one modality's features on a grid; none where no feature has a grid.
fn on_grid<S: Tabular>(
    spectra: &[S],
    grid: &S::Axis,
    features: &[FeatureName],
) -> Result<Option<FeatureTable>, CliError> {
    let features: Vec<_> = features.iter().flat_map(|feature| feature.on_grid()).collect();
    if features.is_empty() {
        return Ok(None);
    }
    Ok(Some(Tabulation::default().features(features).tabulate(spectra, grid)?))
}

/// Joins the modalities of all rows and adds groups and targets.
fn assemble(
    rows: &[Row],
    command: &Table,
    (energies, counter): (Option<&EnergyGrid>, Option<&ShellCounter>),
) -> Result<FeatureTable, CliError> {
    let [first, last] = command.distances;
    let distances = DistanceGrid::new(Array1::linspace(first, last, command.points as usize))?;
    let mut tables = Vec::new();
    for &modality in &command.modalities {
        let features = command.features.of(modality);
        match (modality, energies) {
            (TableModality::Xanes, Some(energies)) => {
                let spectra: Vec<_> = rows.iter().filter_map(|row| row.xanes.clone()).collect();
                tables.extend(on_grid(&spectra, energies, &features)?);
            }
            (TableModality::Pdf, _) => {
                let pdfs: Vec<_> = rows.iter().filter_map(|row| row.pdf.clone()).collect();
                tables.extend(on_grid(&pdfs, &distances, &features)?);
            }
            (TableModality::Dpdf, _) => {
                let pdfs: Vec<_> = rows.iter().filter_map(|row| row.differential.clone()).collect();
                tables.extend(on_grid(&pdfs, &distances, &features)?);
                let shells = counter.map(|counter| Tabulation::default().tabulate_shells(&pdfs, counter));
                tables.extend(shells.transpose()?);
            }
            (TableModality::Xanes, None) => {}
        }
    }
    let mut table = FeatureTable::join(tables)?;
    // A group is named by all rows, or it is none.
    for name in rows.iter().flat_map(|row| row.groups.keys()).collect::<std::collections::BTreeSet<_>>() {
        if let Some(labels) = rows.iter().map(|row| row.groups.get(name)).collect::<Option<Vec<_>>>() {
            table = table.with_group(name, labels.into_iter().cloned())?;
        }
    }
    for (name, target) in targets(rows) {
        table = table.with_target(&name, target)?;
    }
    Ok(table)
}

/// One target a name, in the order in which they first stand; numbers where all of them are.
fn targets(rows: &[Row]) -> Vec<(String, TargetColumn)> {
    let mut names: Vec<&String> = Vec::new();
    for name in rows.iter().flat_map(|row| row.targets.iter().map(|(name, _)| name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let maps: Vec<BTreeMap<&String, &String>> = rows
        .iter()
        .map(|row| row.targets.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).collect())
        .collect();
    let target = |name: &String| {
        let values: Vec<Option<&String>> = maps.iter().map(|row| row.get(name).copied()).collect();
        let number = |text: &&String| text.parse::<f64>().ok().filter(|number| number.is_finite());
        if values.iter().flatten().all(|text| number(text).is_some()) {
            TargetColumn::of_numbers(values.iter().map(|text| text.as_ref().and_then(number)))
        } else {
            TargetColumn::of_classes(values)
        }
    };
    names.into_iter().map(|name| (name.clone(), target(name))).collect()
}

fn report(table: &FeatureTable, command: &Table, &Left { bad, without, apart }: &Left, as_json: bool) {
    if as_json {
        let modalities: BTreeMap<_, _> = table
            .modalities()
            .iter()
            .map(|modality| (modality.name().to_owned(), table.columns_of(modality).len()))
            .collect();
        let known: BTreeMap<_, _> =
            table.targets().map(|(name, target)| (name, target.len() - target.missing())).collect();
        let line = json!({
            "path": command.out.display().to_string(),
            "rows": table.len(),
            "columns": modalities,
            "targets": known,
            "bad": bad,
            "without_element": without,
            "same_formula": apart,
        });
        say(format_args!("{line}"));
        return;
    }
    say(format_args!("{}: {} rows", command.out.display(), table.len()));
    for modality in table.modalities() {
        let columns = table.columns_of(&modality);
        let axis = |at: usize| table.columns()[columns[at]].axis();
        let unit = modality.unit().unwrap_or("");
        let (first, last) = (axis(0), axis(columns.len() - 1));
        say(format_args!(
            "  {:<8} {} columns, {first:.3} to {last:.3} {unit}",
            modality.name(),
            columns.len()
        ));
    }
    for (name, target) in table.targets() {
        say(format_args!("  {name:<24} known for {}", target.len() - target.missing()));
    }
    if without > 0 {
        say(format_args!("  {without} materials without a site of {} left out", command.element));
    }
    if apart > 0 {
        say(format_args!("  {apart} materials of a formula that others are to be apart from left out"));
    }
    if bad > 0 {
        say(format_args!("  {bad} materials that could not be used left out"));
    }
}
