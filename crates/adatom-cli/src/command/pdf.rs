//! `adatom pdf`: the pair distribution function of a structure.

use adatom::pipeline::output::check_output;
use adatom::pipeline::spectra::figures;
use serde_json::json;

use crate::args::{Pdf, existing};
use crate::error::CliError;
use crate::progress::Terminal;
use crate::terminal::print_line;

pub(crate) fn run(command: &Pdf, as_json: bool) -> Result<(), CliError> {
    check_output(&command.out, [&command.structure], existing(command.force))?;
    if let Some(plot) = &command.plot {
        check_output(plot, [&command.structure, &command.out], existing(command.force))?;
    }
    let found = command.settings().run(&command.structure, &Terminal::new())?;
    found.save(&command.out)?;
    let (name, formula, pdf) = (found.name(), found.crystal.formula(), &found.pdf);
    if let Some(plot) = &command.plot {
        figures::save(&figures::pdf(pdf, &format!("{formula}: {name}"))?, plot)?;
    }
    let (path, atoms, points) = (command.out.display(), found.crystal.len(), pdf.len());
    let (first, last) = (pdf.distance().first(), pdf.distance().last());
    let highest = found.highest();
    let (r, g) = (pdf.distance().values()[highest], pdf.g()[highest]);
    if as_json {
        let line = json!({
            "path": path.to_string(),
            "formula": formula,
            "atoms": atoms,
            "element": command.element.map(|element| element.symbol()),
            "n": points,
            "r": [first, last],
            "highest": { "r": r, "g": g },
        });
        print_line(format_args!("{line}"));
    } else {
        print_line(format_args!("{path}: {name} of {formula} ({atoms} atoms per cell)"));
        print_line(format_args!(
            "  {points} points from {first} to {last} Å, highest at {r:.2} Å ({g:.3} 1/Å²)"
        ));
    }
    Ok(())
}
