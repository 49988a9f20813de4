//! `adatom pdf`: the pair distribution function of a structure.

use adatom::crystal::{Charges, Crystal, Displacement, Error, PdfCalculator};
use serde_json::json;

use crate::args::{Pdf, existing};
use crate::error::{CliError, with_sources};
use crate::plots;
use crate::say::{say, tell};
use adatom::pipeline::output::check_output;

/// The crystal of the file, or the one that is asked for.
fn chosen(command: &Pdf) -> Result<Crystal, CliError> {
    let path = &command.structure;
    let Some(block) = &command.block else {
        return Crystal::open(path).map_err(|error| match error {
            Error::SeveralCrystals { names, .. } => {
                let problem =
                    format!("{} crystals; --block chooses one of {}", names.len(), names.join(", "));
                CliError::DataSet { path: path.clone(), problem }
            }
            other => other.into(),
        });
    };
    let mut crystals = Crystal::open_all(path)?;
    let named = crystals.iter().position(|crystal| crystal.name() == Some(block));
    let numbered = block.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match named.or(numbered).filter(|&at| at < crystals.len()) {
        Some(at) => Ok(crystals.swap_remove(at)),
        None => {
            let problem = format!("there is no crystal {block:?} among its {}", crystals.len());
            Err(CliError::DataSet { path: path.clone(), problem })
        }
    }
}

/// Files of databases state charges for which there is no scattering factor, such as Cu3+.
fn suited(calculator: PdfCalculator, crystal: &Crystal) -> PdfCalculator {
    match calculator.total(crystal) {
        Err(error @ Error::NoParameter { .. }) => {
            tell(format_args!("warning: {error}; the scattering factors of neutral atoms are used"));
            calculator.charges(Charges::Ignored)
        }
        _ => calculator,
    }
}

pub(crate) fn run(command: &Pdf, as_json: bool) -> Result<(), CliError> {
    check_output(&command.out, [&command.structure], existing(command.force))?;
    if let Some(plot) = &command.plot {
        check_output(plot, [&command.structure, &command.out], existing(command.force))?;
    }
    let crystal = chosen(command)?;
    let still = |site: &adatom::crystal::Site| site.displacement() == Some(Displacement::Isotropic(0.0));
    if !command.states_uiso() && crystal.sites().iter().any(still) {
        tell(format_args!(
            "warning: {}: atoms with U_iso = 0 have no peaks; --uiso gives all atoms one",
            command.structure.display()
        ));
    }
    let named =
        |error: Error| CliError::DataSet { path: command.structure.clone(), problem: with_sources(&error) };
    let calculator = suited(command.calculator(), &crystal);
    let (pdf, name) = match command.element {
        Some(element) => {
            let differential = calculator.differential(&crystal, element).map_err(named)?;
            differential.save_gr(&command.out)?;
            (differential.pdf().clone(), format!("differential PDF of {element}"))
        }
        None => {
            let pdf = calculator.total(&crystal).map_err(named)?;
            pdf.save_gr(&command.out)?;
            (pdf, "PDF".to_owned())
        }
    };
    if let Some(plot) = &command.plot {
        plots::save(&plots::pdf(&pdf, &format!("{}: {name}", crystal.formula()))?, plot)?;
    }
    let highest =
        (0..pdf.len()).max_by(|&left, &right| pdf.g()[left].total_cmp(&pdf.g()[right])).unwrap_or(0);
    let (r, g) = (pdf.distance().values()[highest], pdf.g()[highest]);
    if as_json {
        let line = json!({
            "path": command.out.display().to_string(),
            "formula": crystal.formula(),
            "atoms": crystal.len(),
            "element": command.element.map(|element| element.symbol()),
            "n": pdf.len(),
            "r": [pdf.distance().first(), pdf.distance().last()],
            "highest": { "r": r, "g": g },
        });
        say(format_args!("{line}"));
    } else {
        let (first, last) = (pdf.distance().first(), pdf.distance().last());
        say(format_args!(
            "{}: {name} of {} ({} atoms a cell), {} points from {first} to {last} Å, highest at {r:.2} Å ({g:.3} 1/Å²)",
            command.out.display(),
            crystal.formula(),
            crystal.len(),
            pdf.len(),
        ));
    }
    Ok(())
}
