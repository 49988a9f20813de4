//! Kinds of measurement.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::TableError;

/// The kind of measurement of a column of a table.
///
/// Its text is the name in the headers of tables.
///
/// ```
/// use adatom_core::Modality;
/// assert_eq!(Modality::DifferentialPdf.to_string(), "dpdf");
/// assert_eq!("xanes".parse::<Modality>()?, Modality::Xanes);
/// assert_eq!("eels".parse::<Modality>()?, Modality::Other("eels".into()));
/// assert_eq!((Modality::Xanes.unit(), Modality::Latent.unit()), (Some("eV"), None));
/// let error = "x y".parse::<Modality>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "a modality must be letters, digits, `_`, `-` and `.`, found \"x y\""
/// );
/// # Ok::<(), adatom_core::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Modality {
    /// X-ray absorption near the edge; the axis is the energy in eV.
    Xanes,
    /// A pair distribution function; the axis is the distance in Å.
    Pdf,
    /// The contribution of the pairs with one element to a pair distribution function; the axis is the
    /// distance in Å.
    DifferentialPdf,
    /// A latent variable of an autoencoder; the axis is its number from 0.
    Latent,
    /// Another kind, named by ASCII letters, digits, `_`, `-` and `.`; the unit of its axis is unknown.
    Other(String),
}

/// Whether a word is unambiguous in a header.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

impl Modality {
    /// The name in the headers of tables: `xanes`, `pdf`, `dpdf`, `latent`, or the own name of another kind.
    pub fn name(&self) -> &str {
        match self {
            Self::Xanes => "xanes",
            Self::Pdf => "pdf",
            Self::DifferentialPdf => "dpdf",
            Self::Latent => "latent",
            Self::Other(name) => name,
        }
    }

    /// The unit of the axis, where it has one.
    pub fn unit(&self) -> Option<&'static str> {
        match self {
            Self::Xanes => Some("eV"),
            Self::Pdf | Self::DifferentialPdf => Some("Å"),
            Self::Latent | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Modality {
    type Err = TableError;

    fn from_str(name: &str) -> Result<Self, TableError> {
        Ok(match name {
            "xanes" => Self::Xanes,
            "pdf" => Self::Pdf,
            "dpdf" => Self::DifferentialPdf,
            "latent" => Self::Latent,
            _ if is_word(name) && !matches!(name, "id" | "group" | "target" | "class") => {
                Self::Other(name.to_owned())
            }
            _ => {
                let expected = "letters, digits, `_`, `-` and `.`";
                return Err(TableError::Name { what: "a modality", expected, found: name.to_owned() });
            }
        })
    }
}

impl From<Modality> for String {
    fn from(modality: Modality) -> Self {
        modality.name().to_owned()
    }
}

impl TryFrom<String> for Modality {
    type Error = TableError;

    fn try_from(name: String) -> Result<Self, TableError> {
        name.parse()
    }
}
