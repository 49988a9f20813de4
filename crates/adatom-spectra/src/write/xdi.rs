//! One absorption spectrum as XDI 1.0, with fields and comments; comments that consist of dashes are left
//! out.

use std::fmt::Write as _;
use std::path::Path;

use crate::{Absorption, Error, Result, Xanes};

impl Xanes {
    /// Writes the spectrum as XDI 1.0. Metadata with keys `Namespace.tag` become fields, all others comments.
    /// The format requires `Mono.d_spacing` as well, which is written if the metadata contain it.
    ///
    /// ```
    /// use adatom_spectra::{EnergyGrid, ReadOptions, Xanes};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cu.xdi");
    /// let xanes = Xanes::new(EnergyGrid::new(vec![8970.0, 8980.0])?, vec![0.1, 1.0])?;
    /// let error = xanes.write_xdi(&path).unwrap_err();
    /// assert_eq!(error.to_string(), "the element of an XDI file must be known, found none");
    /// let xanes = xanes.with_element("Cu".parse()?).with_edge("K".parse()?);
    /// xanes.write_xdi(&path)?;
    /// assert_eq!(Xanes::open(&path, &ReadOptions::default())?.mu(), xanes.mu());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] without element or edge, or with a name or field of several lines; [`Error::Io`].
    pub fn write_xdi(&self, path: impl AsRef<Path>) -> Result<()> {
        let text = self.xdi()?;
        super::whole(path.as_ref(), |file| file.write_all(text.as_bytes()))
    }

    fn xdi(&self) -> Result<String> {
        let unknown = |what| Error::Argument { what, expected: "known".into(), found: "none".into() };
        let element = self.element().ok_or_else(|| unknown("the element of an XDI file"))?;
        let edge = self.edge().ok_or_else(|| unknown("the edge of an XDI file"))?;
        let label = match self.absorption() {
            Absorption::Transmission => "mutrans",
            Absorption::Fluorescence => "mufluor",
            Absorption::Normalized => "norm",
            Absorption::Unknown | Absorption::Calculated => "mu",
        };
        let mut text = String::from("# XDI/1.0 adatom/");
        text.push_str(env!("CARGO_PKG_VERSION"));
        text.push('\n');
        let mut field = |key: &str, value: &str| -> Result<()> {
            writeln!(text, "# {key}: {}", one_line(value)?).expect("writing to a string cannot fail");
            Ok(())
        };
        field("Column.1", "energy eV")?;
        field("Column.2", label)?;
        if self.uncertainty().is_some() {
            field("Column.3", "mu_error")?;
        }
        field("Element.symbol", element.symbol())?;
        field("Element.edge", &edge.to_string())?;
        if let Some(name) = self.name().filter(|_| self.metadata().get("Sample.name").is_none()) {
            field("Sample.name", name)?;
        }
        let mut comments = Vec::new();
        for (key, value) in self.metadata().entries() {
            if is_own(key) || value.trim().is_empty() {
                continue;
            }
            if is_field(key) {
                field(key, value)?;
            } else {
                comments.extend(value.lines().map(|line| format!("{key}: {line}")));
            }
        }
        text.push_str("# ///\n");
        let free = self.metadata().comments().flat_map(str::lines);
        for comment in comments.iter().map(String::as_str).chain(free) {
            // A line of dashes would end the header.
            if comment.trim().bytes().all(|byte| byte == b'-') {
                continue;
            }
            writeln!(text, "# {}", comment.trim()).expect("writing to a string cannot fail");
        }
        text.push_str("#---\n");
        text.push_str(&format!("# energy {label}"));
        text.push_str(if self.uncertainty().is_some() { " mu_error\n" } else { "\n" });
        for (point, (energy, mu)) in self.energy().values().iter().zip(self.mu()).enumerate() {
            write!(text, "  {energy}  {mu}").expect("writing to a string cannot fail");
            if let Some(values) = self.uncertainty() {
                write!(text, "  {}", values[point]).expect("writing to a string cannot fail");
            }
            text.push('\n');
        }
        Ok(text)
    }
}

/// Whether the writer sets this field itself.
fn is_own(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("column.") || ["xdi.version", "element.symbol", "element.edge"].contains(&key.as_str())
}

/// Whether a key has the form `Namespace.tag`.
fn is_field(key: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let family = |text: &str| text.starts_with(|first: char| first.is_ascii_alphabetic());
    key.split_once('.').is_some_and(|(space, tag)| word(space) && word(tag) && family(space))
}

/// Checks that a value is one line.
fn one_line(text: &str) -> Result<&str> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.contains(['\n', '\r']) {
        return Err(Error::Argument {
            what: "a field of an XDI file",
            expected: "one line".into(),
            found: format!("{:?}", text.chars().take(40).collect::<String>()),
        });
    }
    Ok(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnergyGrid, Metadata};

    fn xanes(metadata: Metadata) -> Xanes {
        let grid = EnergyGrid::new(vec![8970.0, 8980.5]).unwrap();
        let xanes = Xanes::new(grid, vec![1e-9, 1.0]).unwrap().with_metadata(metadata);
        xanes.with_element("Cu".parse().unwrap()).with_edge("K".parse().unwrap())
    }

    #[test]
    fn other_metadata_become_comments() {
        let mut metadata = Metadata::default();
        metadata.push("Mono.d_spacing", "3.13553");
        metadata.push("Column.7", "old");
        metadata.push("bkg_z", "Cu");
        metadata.push_comment("a foil");
        metadata.push_comment("-----");
        let text = xanes(metadata).with_absorption(Absorption::Transmission).xdi().unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "# XDI/1.0 adatom/{version}\n# Column.1: energy eV\n# Column.2: mutrans\n# Element.symbol: Cu\n\
             # Element.edge: K\n# Mono.d_spacing: 3.13553\n# ///\n# bkg_z: Cu\n# a foil\n#---\n\
             # energy mutrans\n  8970  0.000000001\n  8980.5  1\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn fields_of_several_lines_are_refused() {
        let mut metadata = Metadata::default();
        metadata.push("Sample.name", "two\nlines");
        assert!(
            xanes(metadata)
                .xdi()
                .unwrap_err()
                .to_string()
                .starts_with("a field of an XDI file must be one line")
        );
    }
}
