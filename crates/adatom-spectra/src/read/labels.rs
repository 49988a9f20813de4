//! Classifies the columns of absorption measurements by their labels.

use crate::Absorption;

/// The unit of an energy or of a monochromator angle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    ElectronVolt,
    KiloElectronVolt,
    Degree,
    Radian,
}

impl Unit {
    pub(crate) fn is_angle(self) -> bool {
        matches!(self, Self::Degree | Self::Radian)
    }
}

/// The unit with a name such as `keV` or `degrees`.
pub(crate) fn unit(text: &str) -> Option<Unit> {
    Some(match text.trim().trim_matches(['(', ')', '[', ']', '"']).to_ascii_lowercase().as_str() {
        "ev" | "electronvolt" | "electron_volt" => Unit::ElectronVolt,
        "kev" => Unit::KiloElectronVolt,
        "deg" | "degree" | "degrees" | "°" => Unit::Degree,
        "rad" | "radian" | "radians" => Unit::Radian,
        _ => return None,
    })
}

/// The unit in a label such as `Energy (eV)` or `E_keV`.
pub(crate) fn unit_in(label: &str) -> Option<Unit> {
    let words = label.split(|character: char| !character.is_alphanumeric() && character != '°');
    words.filter_map(unit).next_back()
}

/// The role of a column, as far as its label identifies it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role {
    /// An energy; of several energy columns, the one with the smallest rank was measured.
    Energy(u8),
    /// The monochromator angle.
    Angle,
    /// The intensity in front of the sample, I0.
    Incident,
    /// The intensity behind the sample.
    Transmitted,
    /// The fluorescence intensity.
    Fluorescence,
    /// One of many channels of a fluorescence detector, of unknown energy.
    Channel,
    /// An absorption; of several absorption columns, the one with the smallest rank is preferred.
    Absorbed(u8, Absorption),
    /// The wavenumber of the photoelectron, k.
    Wavenumber,
    /// The EXAFS fine structure, χ.
    Chi,
    Other,
}

/// A label in lower case without its unit, with `_` in place of all other characters than letters and digits.
fn plain(label: &str) -> String {
    let label = label.trim().trim_matches('"').to_lowercase();
    let start = label.find(['(', '[']).filter(|&at| at > 0).unwrap_or(label.len());
    let mut plain: String = label[..start]
        .trim()
        .chars()
        .map(|character| if character.is_alphanumeric() { character } else { '_' })
        .collect();
    for unit in ["_ev", "_kev"] {
        if let Some(without) = plain.strip_suffix(unit) {
            plain.truncate(without.len());
        }
    }
    // Some programs append the column number to the label: `Energy_c1`.
    if let Some((without, number)) = plain.rsplit_once("_c")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        plain.truncate(without.len());
    }
    plain.trim_matches('_').to_owned()
}

/// The role of a column with this label.
pub(crate) fn role(label: &str) -> Role {
    let plain = plain(label);
    match plain.as_str() {
        "energy" | "e" | "en" | "energie" | "ev" | "kev" | "photon_energy" | "mono_energy" | "zapenergy"
        | "hv" => Role::Energy(0),
        "angle" | "theta" | "mono_angle" | "bragg" | "bragg_angle" | "mono_theta" => Role::Angle,
        "i0" | "io" | "i_0" | "izero" | "i_zero" | "prekb_i0" | "i0_keithley1" | "monitor_i0" => {
            Role::Incident
        }
        "it" | "itrans" | "i_t" | "i1" | "i_1" | "itransmission" | "i_trans" => Role::Transmitted,
        "if" | "iff" | "i_f" | "ifluor" | "ifl" | "ifluo" | "fluo" | "fluor" | "fluorescence" | "lytle"
        | "pips" => Role::Fluorescence,
        "mu" | "xmu" | "mue" | "mu_e" => Role::Absorbed(0, Absorption::Unknown),
        "mutrans" | "mu_trans" | "mu_transmission" => Role::Absorbed(1, Absorption::Transmission),
        "mufluor" | "mu_fluor" | "mu_fluorescence" => Role::Absorbed(2, Absorption::Fluorescence),
        "absorption" | "absorbance" | "xanes" | "abs" | "mux" => Role::Absorbed(3, Absorption::Unknown),
        "norm" | "normalized" | "normalised" | "norm_mu" | "mu_norm" | "normalized_mu" | "normtrans"
        | "normfluor" | "xmu_norm" => Role::Absorbed(4, Absorption::Normalized),
        "flat" | "flattened" => Role::Absorbed(5, Absorption::Normalized),
        "k" | "wavenumber" => Role::Wavenumber,
        "chi" => Role::Chi,
        _ => role_by_part(&plain),
    }
}

fn role_by_part(plain: &str) -> Role {
    let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
    if plain.contains("energy")
        && !has(&["gap", "edge", "id_", "offset", "relative", "resolution", "undulator"])
    {
        return if has(&["requested", "setpoint", "target", "_sp", "abs"]) {
            Role::Energy(3)
        } else if has(&["achieved", "readback", "encoder", "actual", "measured"]) {
            Role::Energy(1)
        } else {
            Role::Energy(2)
        };
    }
    if has(&["mca", "roi", "dtc", "xmap", "_ka", "_kb", "_la", "xsp", "sdd", "vortex", "_icr"]) {
        return Role::Channel;
    }
    Role::Other
}

/// Whether a label contains a fluorescence line of an element, such as `Mn_Ka_mca1` or `XMAP4:AsKa_Sum`.
pub(crate) fn contains_line_of(label: &str, symbol: &str) -> bool {
    let symbol = symbol.to_ascii_lowercase();
    let letters: String =
        label.to_lowercase().chars().map(|letter| if letter == '_' { ' ' } else { letter }).collect();
    ["ka", "kb", "la", "lb"].iter().any(|line| {
        [format!("{symbol}{line}"), format!("{symbol} {line}")].iter().any(|name| {
            letters.match_indices(name.as_str()).any(|(at, _)| {
                let begins = !letters[..at].ends_with(char::is_alphabetic);
                begins && !letters[at + name.len()..].starts_with(|next: char| next.is_alphabetic())
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_many_programs_are_classified() {
        for label in
            ["energy", "Energy (eV)", "E_keV", "Mono Energy *", "Energy_c1", "ZapEnergy", "\"Energy\""]
        {
            assert_eq!(role(label), Role::Energy(0), "{label}");
        }
        assert_eq!(role("Achieved Energy"), Role::Energy(1));
        assert_eq!(role("Requested Energy"), Role::Energy(3));
        assert_eq!(role("I0_KEITHLEY1_c4"), Role::Incident);
        assert_eq!(role("<xanes>"), Role::Absorbed(3, Absorption::Unknown));
        assert_eq!(role("Mn_Ka_mca1"), Role::Channel);
        for label in ["i0off", "logi0i2", "epoch", "ID Gap", "Edge energy"] {
            assert_eq!(role(label), Role::Other, "{label}");
        }
        assert_eq!(unit_in("Energy [keV]"), Some(Unit::KiloElectronVolt));
        assert_eq!(unit_in("Energy"), None);
        assert!(contains_line_of("Mn_Ka_mca1", "Mn") && contains_line_of("XMAP4:AsKa_Sum", "As"));
        assert!(
            !contains_line_of("MnKa", "N")
                && !contains_line_of("AlKa", "L")
                && !contains_line_of("nickname", "Ni")
        );
    }
}
