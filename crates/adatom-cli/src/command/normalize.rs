//! `adatom normalize`: X-ray absorption spectra, normalised, in one table.

use std::io::{self, Write};
use std::path::Path;

use adatom::core::write_whole;
use adatom::spectra::{Contents, Error, NormalizedXanes, SpectrumFile};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::args::{Normalize, existing};
use crate::error::{CliError, spectra_message};
use crate::plots;
use crate::say::{say, tell};
use adatom::pipeline::output::check_output;

/// Spectra whose rows are in memory at a time.
const AT_ONCE: usize = 256;

pub(crate) fn run(command: &Normalize, as_json: bool) -> Result<(), CliError> {
    check_output(&command.out, &command.files, existing(command.force))?;
    if let Some(plot) = &command.plot {
        check_output(plot, command.files.iter().chain([&command.out]), existing(command.force))?;
    }
    let found: Vec<_> = command.files.par_iter().map(|path| normalized(path, command)).collect();
    let (mut spectra, mut bad) = (Vec::new(), 0);
    for (path, found) in command.files.iter().zip(found) {
        match found {
            Ok(found) => {
                found
                    .warnings
                    .iter()
                    .for_each(|text| tell(format_args!("warning: {}: {text}", path.display())));
                found.problems.iter().for_each(|text| tell(format_args!("error: {text}")));
                bad += found.problems.len();
                spectra.extend(found.spectra);
            }
            Err(error) => {
                bad += 1;
                tell(format_args!("error: {error}"));
            }
        }
    }
    if spectra.is_empty() {
        return Err(CliError::Argument("no spectrum could be normalised; nothing was written".into()));
    }
    write(&command.out, &spectra)?;
    if let Some(plot) = &command.plot {
        plots::save(&plots::normalized(&spectra)?, plot)?;
    }
    report(&spectra, as_json);
    if bad > 0 && !command.skip_bad {
        tell(format_args!("{bad} could not be normalised; the others are in {}", command.out.display()));
        return Err(CliError::Reported);
    }
    Ok(())
}

/// What became of one file.
struct Normalized {
    spectra: Vec<(String, NormalizedXanes)>,
    warnings: Vec<String>,
    /// Spectra of the file that could not be normalised.
    problems: Vec<String>,
}

fn normalized(path: &Path, command: &Normalize) -> Result<Normalized, String> {
    let options = command.columns.options();
    let file = SpectrumFile::open(path, &options).map_err(|error| spectra_message(&error))?;
    let warnings = file.warnings.iter().map(ToString::to_string);
    let mut result = Normalized { spectra: Vec::new(), warnings: warnings.collect(), problems: Vec::new() };
    let several = match file.contents {
        Contents::Xanes(spectra) => spectra,
        Contents::Columns(table) => {
            let ambiguity = table.ambiguity();
            return Err(spectra_message(&Error::Ambiguous { path: path.into(), ambiguity }));
        }
        _ => return Err(format!("{}: a {} file holds no absorption spectrum", path.display(), file.format)),
    };
    let (count, settings) = (several.len(), command.normalizing.settings());
    for (index, xanes) in several.iter().enumerate() {
        let name = match (count, xanes.name()) {
            (1, _) => path.display().to_string(),
            (_, Some(name)) => format!("{}: {name}", path.display()),
            (_, None) => format!("{}: spectrum {}", path.display(), index + 1),
        };
        match settings.normalize(xanes) {
            Ok(spectrum) => result.spectra.push((name, spectrum)),
            Err(error) => {
                let hint = match error {
                    Error::NoEdge { .. } | Error::UncertainEdge { .. } => "; give its energy with --e0",
                    _ => "",
                };
                result.problems.push(format!("{name}: {}{hint}", spectra_message(&error)));
            }
        }
    }
    Ok(result)
}

fn write(path: &Path, spectra: &[(String, NormalizedXanes)]) -> Result<(), CliError> {
    write_whole(path, |to| {
        to.write_all(b"spectrum,energy,mu,pre_edge,post_edge,norm,flat\n")?;
        // Numbers become text on all cores, some spectra at a time so that the text of all is never in memory.
        for some in spectra.chunks(AT_ONCE) {
            let texts: Vec<_> =
                some.par_iter().map(rows).collect::<csv::Result<_>>().map_err(io::Error::other)?;
            texts.iter().try_for_each(|text| to.write_all(text))?;
        }
        Ok(())
    })
    .map_err(CliError::file(path))
}

/// The rows of one spectrum.
fn rows((name, spectrum): &(String, NormalizedXanes)) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let (original, edge) = (spectrum.original(), spectrum.edge());
    for (point, energy) in original.energy().values().iter().enumerate() {
        // Methods that look for no edge have no fits.
        let fit = |curve: Option<f64>| curve.map_or_else(String::new, |value| value.to_string());
        writer.write_record([
            name,
            &energy.to_string(),
            &original.mu()[point].to_string(),
            &fit(edge.map(|edge| edge.pre_edge[point])),
            &fit(edge.map(|edge| edge.post_edge[point])),
            &spectrum.norm()[point].to_string(),
            &spectrum.flat()[point].to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()).into())
}

fn report(spectra: &[(String, NormalizedXanes)], as_json: bool) {
    let lines: Vec<Value> = spectra.iter().map(|(name, spectrum)| line(name, spectrum)).collect();
    if as_json {
        lines.iter().for_each(|line| say(format_args!("{line}")));
        return;
    }
    say(format_args!(
        "{:>10} {:>12} {:>16} {:>16}  spectrum",
        "E0 (eV)", "edge step", "pre-edge (eV)", "post-edge (eV)"
    ));
    for (name, spectrum) in spectra {
        match spectrum.edge() {
            Some(edge) => {
                let range = |from: f64, to: f64| format!("{from:.1} .. {to:.1}");
                say(format_args!(
                    "{:>10.3} {:>12.6} {:>16} {:>16}  {name}",
                    edge.e0,
                    edge.edge_step,
                    range(edge.pre1, edge.pre2),
                    range(edge.norm1, edge.norm2)
                ));
            }
            None => say(format_args!("{:>10} {:>12} {:>16} {:>16}  {name}", "", "", "", "")),
        }
    }
}

fn line(name: &str, spectrum: &NormalizedXanes) -> Value {
    let original = spectrum.original();
    let mut line = json!({
        "spectrum": name,
        "element": original.element().map(|element| element.symbol()),
        "edge": original.edge().map(|edge| edge.to_string()),
        "n": original.len(),
        "e0": spectrum.e0(),
        "edge_step": spectrum.edge_step(),
    });
    if let Some(edge) = spectrum.edge() {
        line["pre_edge"] = json!([edge.pre1, edge.pre2]);
        line["post_edge"] = json!([edge.norm1, edge.norm2]);
        line["nnorm"] = json!(edge.nnorm);
        line["nvict"] = json!(edge.nvict);
    }
    line
}
