//! `adatom normalize`: X-ray absorption spectra, normalised, in one table.

use adatom::pipeline::output::check_output;
use adatom::pipeline::spectra::{NormalizedSpectrum, figures, normalize_files, save_normalized};
use serde_json::{Value, json};

use crate::args::{Normalize, existing};
use crate::error::{CliError, pipeline_message};
use crate::terminal::{note, print_line};

pub(crate) fn run(command: &Normalize, as_json: bool) -> Result<(), CliError> {
    check_output(&command.out, &command.files, existing(command.force))?;
    if let Some(plot) = &command.plot {
        check_output(plot, command.files.iter().chain([&command.out]), existing(command.force))?;
    }
    let files = normalize_files(&command.files, &command.columns.choice(), &command.normalizing.settings());
    let mut bad = 0;
    for (path, file) in command.files.iter().zip(&files) {
        file.warnings.iter().for_each(|text| note(format_args!("warning: {}: {text}", path.display())));
        file.problems.iter().for_each(|error| note(format_args!("error: {}", pipeline_message(error))));
        bad += file.problems.len();
    }
    let spectra: Vec<_> = files.into_iter().flat_map(|file| file.spectra).collect();
    if spectra.is_empty() {
        return Err(CliError::Argument("no spectrum could be normalised; nothing was written".into()));
    }
    save_normalized(&command.out, &spectra)?;
    if let Some(plot) = &command.plot {
        figures::save(&figures::normalized(&spectra)?, plot)?;
    }
    print(&spectra, as_json);
    if bad > 0 && !command.skip_bad {
        note(format_args!("{bad} could not be normalised; the others are in {}", command.out.display()));
        return Err(CliError::Reported);
    }
    Ok(())
}

fn print(spectra: &[NormalizedSpectrum], as_json: bool) {
    if as_json {
        return spectra.iter().for_each(|spectrum| print_line(format_args!("{}", json_of(spectrum))));
    }
    print_line(format_args!(
        "{:>10} {:>12} {:>16} {:>16}  spectrum",
        "E0 (eV)", "edge step", "pre-edge (eV)", "post-edge (eV)"
    ));
    for NormalizedSpectrum { name, spectrum, .. } in spectra {
        match spectrum.edge() {
            Some(edge) => {
                let range = |from: f64, to: f64| format!("{from:.1} .. {to:.1}");
                let (pre, post) = (range(edge.pre1, edge.pre2), range(edge.norm1, edge.norm2));
                let (e0, step) = (edge.e0, edge.edge_step);
                print_line(format_args!("{e0:>10.3} {step:>12.6} {pre:>16} {post:>16}  {name}"));
            }
            None => print_line(format_args!("{:>10} {:>12} {:>16} {:>16}  {name}", "", "", "", "")),
        }
    }
}

fn json_of(NormalizedSpectrum { name, spectrum, .. }: &NormalizedSpectrum) -> Value {
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
