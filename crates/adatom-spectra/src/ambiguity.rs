//! What a valid file may leave open: [`Ambiguity`].

use std::fmt;

/// What a valid file leaves open, so that the caller must decide it.
///
/// ```
/// use adatom_spectra::{Ambiguity, Error, ReadOptions, SpectrumFile};
/// let error = SpectrumFile::from_bytes("a.chi", "0.5 10\n0.6 12\n0.7 11\n", &ReadOptions::default());
/// let Err(Error::Ambiguous { ambiguity, .. }) = error else { panic!("S(Q) or EXAFS?") };
/// assert!(matches!(ambiguity, Ambiguity::ScatteringFunction { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ambiguity {
    /// One absorption spectrum was requested, and the file holds several.
    SeveralSpectra {
        /// How many.
        count: usize,
        /// Their names, of those that have one.
        names: Vec<String>,
    },
    /// An absorption spectrum was requested, and the file holds something else.
    NotAbsorption {
        /// What it holds, such as `a PDF`.
        found: &'static str,
    },
    /// The labels of the columns do not identify the energy or the absorption.
    Columns {
        /// The labels.
        labels: Vec<String>,
        /// The column that is probably the energy.
        energy: Option<String>,
        /// Expressions that are probably the absorption.
        mu: Vec<String>,
    },
    /// The column or expression given by the caller does not exist.
    Option {
        /// `energy` or `mu`.
        option: &'static str,
        /// The text given by the caller.
        given: String,
        /// Why it is not valid.
        problem: String,
    },
    /// The energies are monochromator angles, and the file does not state the lattice spacing d.
    LatticeSpacing,
    /// It is unknown which function of Q (or of r) the columns are.
    ScatteringFunction {
        /// Why the file does not decide it.
        reason: &'static str,
    },
    /// The first column is the angle 2θ, and the file does not state the wavelength.
    Wavelength,
}

impl fmt::Display for Ambiguity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralSpectra { count, names } => {
                write!(formatter, "expected one spectrum, found {count}")?;
                if names.is_empty() { Ok(()) } else { write!(formatter, ": {}", listed(names)) }
            }
            Self::NotAbsorption { found } => {
                write!(formatter, "expected an absorption spectrum, found {found}")
            }
            Self::Columns { labels, energy, mu } => {
                write!(
                    formatter,
                    "the labels do not identify the energy or the absorption; the columns are {}",
                    listed(labels)
                )?;
                if let Some(label) = energy {
                    write!(formatter, "; the energy may be {label}")?;
                }
                if mu.is_empty() {
                    Ok(())
                } else {
                    write!(formatter, "; the absorption may be {}", mu.join(" or "))
                }
            }
            Self::Option { option, given, problem } => {
                let given: String = given.chars().take(60).collect();
                write!(formatter, "{option} `{given}`: {problem}")
            }
            Self::LatticeSpacing => formatter.write_str(
                "the energies are monochromator angles, and the lattice spacing d of the monochromator is \
                 missing",
            ),
            Self::ScatteringFunction { reason } => formatter.write_str(reason),
            Self::Wavelength => {
                formatter.write_str("the first column is the angle 2θ, and the wavelength is missing")
            }
        }
    }
}

/// At most 24 labels, for messages.
pub(crate) fn listed(labels: &[String]) -> String {
    const MOST: usize = 24;
    let mut list: Vec<&str> = labels.iter().take(MOST).map(String::as_str).collect();
    let more = format!("{} more", labels.len().saturating_sub(MOST));
    if labels.len() > MOST {
        list.push(&more);
    }
    list.join(", ")
}
