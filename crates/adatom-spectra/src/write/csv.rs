//! Spectra as a table that spreadsheets and data frames read.
//!
//! | line | is |
//! |---|---|
//! | 1 | `energy,mu` of one spectrum without name, else `energy,mu:NAME,...`, in double quotes where CSV needs them |
//! | others | energy in eV, one absorption for each spectrum |

use std::fmt::Write;
use std::path::Path;

use crate::{Error, Result, Xanes};

/// Writes absorption spectra that stand on one grid of energies as one table.
///
/// ```
/// use adatom_spectra::{EnergyGrid, ReadOptions, Xanes, write_csv};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cu.csv");
/// let grid = EnergyGrid::new(vec![8970.0, 8980.0])?;
/// let foil = Xanes::new(grid.clone(), vec![0.0, 1.0])?.with_name("Cu foil");
/// write_csv(&path, [&foil])?;
/// assert_eq!(std::fs::read_to_string(&path)?, "energy,mu:Cu foil\n8970,0\n8980,1\n");
/// assert_eq!(Xanes::open(&path, &ReadOptions::default())?.name(), Some("Cu foil"));
/// let other = Xanes::new(EnergyGrid::new(vec![8970.0, 8981.0])?, vec![0.0, 1.0])?;
/// let error = write_csv(&path, [&foil, &other]).unwrap_err();
/// assert_eq!(error.to_string(), "spectra of a CSV file must be on one grid of energies, found another grid in spectrum 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// No spectrum, spectra on different grids, a file that cannot be written.
pub fn write_csv<'a>(path: impl AsRef<Path>, spectra: impl IntoIterator<Item = &'a Xanes>) -> Result<()> {
    let spectra: Vec<&Xanes> = spectra.into_iter().collect();
    let refused = |found: String| Error::Argument {
        what: "spectra of a CSV file",
        expected: "on one grid of energies".into(),
        found,
    };
    let first = spectra.first().ok_or_else(|| refused("no spectrum".into()))?;
    if let Some(other) = spectra.iter().position(|spectrum| spectrum.energy() != first.energy()) {
        return Err(refused(format!("another grid in spectrum {other}")));
    }
    let mut text = String::from("energy");
    for (index, spectrum) in spectra.iter().enumerate() {
        let label = match spectrum.name() {
            Some(name) => quoted(&format!("mu:{name}")),
            None if spectra.len() == 1 => "mu".into(),
            None => format!("mu:{index}"),
        };
        text.push(',');
        text.push_str(&label);
    }
    text.push('\n');
    for (point, energy) in first.energy().values().iter().enumerate() {
        write!(text, "{energy}").expect("a string takes all that is written");
        for spectrum in &spectra {
            write!(text, ",{}", spectrum.mu()[point]).expect("a string takes all that is written");
        }
        text.push('\n');
    }
    super::whole(path.as_ref(), text.as_bytes())
}

fn quoted(label: &str) -> String {
    // A label is one line, whatever a name holds.
    let label: String = label.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if label.contains([',', '"', ';']) { format!("\"{}\"", label.replace('"', "\"\"")) } else { label }
}
