//! Builds a spectrum from the columns of a file: one unit, sorted, no repeated energy.
//!
//! Repeated energies are separated as in [`Xanes::from_raw`], the convention of Larch. Each change of the
//! points is reported in a warning.

use crate::operation::clean::{SMALLEST_STEP, separate_equal};
use crate::{EnergyGrid, Result, Xanes};

use super::Warning;
use super::source::Source;

/// Neighbouring energies of a spectrum differ by a much smaller factor, eV and keV by a larger one.
const MIXED_UNITS: f64 = 100.0;

/// h c in eV Å (CODATA 2018, exact).
const HC: f64 = 12_398.419_843_320_026;

/// The photon energy (eV) that a crystal with lattice spacing `d_spacing` (Å) reflects at the Bragg angle
/// `angle` (rad): E = h c / (2 d sin θ).
pub(crate) fn bragg_energy(angle: f64, d_spacing: f64) -> f64 {
    HC / (2.0 * d_spacing * angle.sin())
}

/// The columns of one spectrum.
pub(crate) struct Points<'a> {
    pub(crate) energy: Vec<f64>,
    pub(crate) mu: Vec<f64>,
    pub(crate) uncertainty: Option<Vec<f64>>,
    /// The line of each point in the file, for messages.
    pub(crate) line: &'a dyn Fn(usize) -> Option<usize>,
}

/// The spectrum of points in any order.
pub(crate) fn spectrum(source: &Source, points: Points<'_>, warnings: &mut Vec<Warning>) -> Result<Xanes> {
    let Points { mut energy, mut mu, mut uncertainty, line } = points;
    if energy.len() != mu.len() {
        let expected = format!("{} values of absorption", energy.len());
        return Err(source.malformed(None, &expected, mu.len().to_string()));
    }
    if energy.len() < 2 {
        return Err(source.malformed(None, "at least 2 energies", energy.len().to_string()));
    }
    for (what, values) in [("a finite energy", &energy), ("a finite absorption", &mu)] {
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(source.malformed(line(at), what, values[at].to_string()));
        }
    }
    if uncertainty.as_ref().is_some_and(|values| {
        values.len() != mu.len() || values.iter().any(|value| !value.is_finite() || *value < 0.0)
    }) {
        warnings.push(Warning::new(None, "the uncertainties are not valid and were left out"));
        uncertainty = None;
    }
    sort(&mut energy, &mut mu, uncertainty.as_mut(), warnings);
    refuse_mixed_units(source, &energy)?;
    separate(source, &mut energy, warnings)?;
    let mut spectrum = Xanes::new(EnergyGrid::new(energy)?, mu)?;
    if let Some(values) = uncertainty {
        spectrum = spectrum.with_uncertainty(values)?;
    }
    Ok(spectrum)
}

fn sort(
    energy: &mut Vec<f64>,
    mu: &mut Vec<f64>,
    uncertainty: Option<&mut Vec<f64>>,
    warnings: &mut Vec<Warning>,
) {
    let falls = energy.windows(2).filter(|pair| pair[1] < pair[0]).count();
    if falls == 0 {
        return;
    }
    let mut order: Vec<usize> = (0..energy.len()).collect();
    if falls == energy.len() - 1 {
        order.reverse();
    } else {
        order.sort_by(|&left, &right| energy[left].total_cmp(&energy[right]));
    }
    let sorted = |values: &Vec<f64>| order.iter().map(|&at| values[at]).collect::<Vec<_>>();
    *energy = sorted(energy);
    *mu = sorted(mu);
    if let Some(values) = uncertainty {
        *values = sorted(values);
    }
    let message = if falls == order.len() - 1 {
        "the energies decrease; the points were reversed".to_owned()
    } else {
        format!("the energies decrease at {falls} of {} points; the points were sorted", order.len())
    };
    warnings.push(Warning::new(None, message));
}

fn refuse_mixed_units(source: &Source, sorted: &[f64]) -> Result<()> {
    match sorted.windows(2).find(|pair| pair[0] > 0.0 && pair[1] > MIXED_UNITS * pair[0]) {
        Some(pair) => Err(source.malformed(
            None,
            "energies in one unit",
            format!("neighbouring energies {} and {}", pair[0], pair[1]),
        )),
        None => Ok(()),
    }
}

fn separate(source: &Source, energy: &mut [f64], warnings: &mut Vec<Warning>) -> Result<()> {
    let original_range = energy[energy.len() - 1] - energy[0];
    let moved = separate_equal(energy);
    if original_range <= 0.0 {
        return Err(source.malformed(None, "different energies", format!("{} at every point", energy[0])));
    }
    if moved > 0 {
        let message = format!(
            "{moved} points lie less than {SMALLEST_STEP} eV above the previous point; they were moved up"
        );
        warnings.push(Warning::new(None, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(energy: &[f64], mu: &[f64]) -> (Result<Xanes>, Vec<String>) {
        let source = Source::new(Path::new("memory"), Vec::new());
        let mut warnings = Vec::new();
        let points =
            Points { energy: energy.to_vec(), mu: mu.to_vec(), uncertainty: None, line: &|at| Some(at + 1) };
        let result = spectrum(&source, points, &mut warnings);
        (result, warnings.into_iter().map(|warning| warning.message).collect())
    }

    #[test]
    fn decreasing_and_repeated_energies_are_corrected_with_a_warning() {
        let (xanes, warnings) = read(&[3.0, 2.0, 2.0, 1.0], &[30.0, 21.0, 20.0, 10.0]);
        let xanes = xanes.unwrap();
        assert_eq!(xanes.energy().values().to_vec(), [1.0, 2.0, 2.0005, 3.0]);
        // A stable sort keeps the order of the file among equals.
        assert_eq!(xanes.mu().to_vec(), [10.0, 21.0, 20.0, 30.0]);
        assert_eq!(warnings.len(), 2);
        let (xanes, warnings) = read(&[3.0, 2.0, 1.0], &[30.0, 20.0, 10.0]);
        assert_eq!(xanes.unwrap().mu().to_vec(), [10.0, 20.0, 30.0]);
        assert_eq!(warnings, ["the energies decrease; the points were reversed"]);
    }

    #[test]
    fn invalid_columns_are_refused() {
        let message = |energy: &[f64], mu: &[f64]| read(energy, mu).0.unwrap_err().to_string();
        assert_eq!(
            message(&[8.979, 8980.0], &[0.0, 1.0]),
            "memory: expected energies in one unit, found neighbouring energies 8.979 and 8980"
        );
        assert_eq!(
            message(&[5.0, 5.0], &[0.0, 1.0]),
            "memory: expected different energies, found 5 at every point"
        );
        assert_eq!(
            message(&[1.0, 2.0], &[0.0, f64::NAN]),
            "memory, line 2: expected a finite absorption, found NaN"
        );
        assert_eq!(message(&[1.0], &[0.0]), "memory: expected at least 2 energies, found 1");
    }

    #[test]
    fn silicon_111_reflects_copper_k_alpha_under_14_22_degrees() {
        // 2 d sin θ = λ: 6.2710 Å * sin(14.2213°) = 1.54056 Å, 12398.42 / 1.54056 = 8048.0 eV.
        let energy = bragg_energy(14.2213_f64.to_radians(), 3.1355);
        assert!((energy - 8048.0).abs() < 0.5, "{energy}");
    }
}
