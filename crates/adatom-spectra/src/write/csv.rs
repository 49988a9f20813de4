//! Absorption spectra as a CSV table.
//!
//! | line | content |
//! |---|---|
//! | 1 | `energy,mu` for one spectrum without name, otherwise `energy,mu:NAME,...`, quoted if necessary |
//! | others | the energy in eV, and one absorption per spectrum |

use std::fmt::Write as _;
use std::path::Path;

use crate::{Error, Result, Xanes};

/// Writes absorption spectra on a common energy grid as a CSV table.
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
/// assert_eq!(
///     error.to_string(),
///     "the spectra must be on one energy grid, found another grid in spectrum 1"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] without a spectrum, [`Error::Argument`] for spectra on different grids, [`Error::Io`].
pub fn write_csv<'a>(path: impl AsRef<Path>, spectra: impl IntoIterator<Item = &'a Xanes>) -> Result<()> {
    let spectra: Vec<&Xanes> = spectra.into_iter().collect();
    let first = spectra.first().ok_or_else(|| Error::TooFew {
        what: "spectra to write".into(),
        least: 1,
        found: 0,
    })?;
    if let Some(other) = spectra.iter().position(|spectrum| spectrum.energy() != first.energy()) {
        return Err(Error::Argument {
            what: "the spectra",
            expected: "on one energy grid".into(),
            found: format!("another grid in spectrum {other}"),
        });
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
        write!(text, "{energy}").expect("writing to a string cannot fail");
        for spectrum in &spectra {
            write!(text, ",{}", spectrum.mu()[point]).expect("writing to a string cannot fail");
        }
        text.push('\n');
    }
    super::whole(path.as_ref(), |file| file.write_all(text.as_bytes()))
}

fn quoted(label: &str) -> String {
    // A label must be one line.
    let label: String = label.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if label.contains([',', '"', ';']) { format!("\"{}\"", label.replace('"', "\"\"")) } else { label }
}
