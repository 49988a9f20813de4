//! One record of a project file: its arrays and arguments.

use crate::{Absorption, Edge, Element, Exafs, Metadata, Result, WavenumberGrid, Xanes};

use super::super::Warning;
use super::super::assemble::{self, Points};
use super::super::source::{Source, excerpt};

/// A record as stored in the file.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The first line, where it is known.
    pub(super) line: Option<usize>,
    /// The internal name of Athena, such as `iyye`.
    pub(super) group: String,
    pub(super) args: Vec<(String, String)>,
    pub(super) titles: Vec<String>,
    pub(super) x: Option<Vec<f64>>,
    pub(super) y: Option<Vec<f64>>,
    pub(super) stddev: Option<Vec<f64>>,
}

/// The content of a record.
pub(super) enum RecordContent {
    Xanes(Box<Xanes>),
    Exafs(Box<Exafs>),
    /// Something else.
    Other(&'static str),
}

impl Record {
    fn arg(&self, key: &str) -> &str {
        self.args.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    fn is(&self, key: &str) -> bool {
        !matches!(self.arg(key), "" | "0" | "no" | "false")
    }

    /// The name that Larch gives to a record: its label with `_` in place of characters that are not allowed
    /// in variables.
    pub(super) fn name(&self) -> String {
        let label = match self.arg("label") {
            "" => self.group.as_str(),
            label => label,
        };
        let indented = label.starts_with(' ');
        let label = if indented { format!("d_{}", label.trim()) } else { label.to_owned() };
        const REPLACED: &str = ";~,`!%$@&^?*#:\"/|'\\\t\r\n (){}[]<>=+-.";
        let mut name: String =
            label.chars().map(|letter| if REPLACED.contains(letter) { '_' } else { letter }).collect();
        if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            name.insert(0, '_');
        }
        let kept = name.trim_end_matches('_').len();
        name.truncate(kept);
        if name.starts_with('_') { format!("d{name}") } else { name }
    }

    fn element(&self) -> Option<Element> {
        // Athena writes H for an unknown element.
        let known = ["atsym", "bkg_z"].into_iter().map(|key| self.arg(key)).filter(|symbol| *symbol != "H");
        known.filter_map(|symbol| symbol.parse().ok()).next()
    }

    fn edge(&self) -> Option<Edge> {
        ["edge", "fft_edge"].into_iter().find_map(|key| self.arg(key).parse().ok())
    }

    fn kind(&self) -> &str {
        match self.arg("datatype") {
            "" => self.arg("recordtype"),
            kind => kind,
        }
    }

    fn absorption(&self) -> Absorption {
        let kind = self.kind();
        if self.is("is_nor") || kind.starts_with("nor") {
            Absorption::Normalized
        } else if self.is("is_xmudat") || kind == "xmudat" {
            Absorption::Calculated
        } else {
            Absorption::Unknown
        }
    }

    fn metadata(&self, source: &Source, name: &str) -> Metadata {
        let mut metadata = Metadata::default();
        for (key, value) in &self.args {
            metadata.push(key.clone(), value.clone());
        }
        for title in &self.titles {
            metadata.push_comment(title.clone());
        }
        metadata.set_source(format!("{}#{name}", source.path.display()));
        metadata
    }

    /// The spectrum of the record, with this name.
    pub(super) fn content(
        self,
        source: &Source,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<RecordContent> {
        let kind = self.kind();
        if self.is("is_pixel") {
            return Ok(RecordContent::Other("a function of detector pixels"));
        }
        if self.is("is_rsp") || self.is("is_qsp") || kind == "rsp" || kind == "qsp" {
            return Ok(RecordContent::Other("a Fourier transform"));
        }
        if self.is("is_bkg") || self.is("is_diff") {
            return Ok(RecordContent::Other("a background or a difference of spectra"));
        }
        let chi = self.is("is_chi") || kind == "chi" || kind == "chi(k)";
        let missing =
            |array: &str| source.malformed(self.line, &format!("an array `{array}` of `{name}`"), "none");
        let x = self.x.as_ref().ok_or_else(|| missing("x"))?;
        let y = self.y.as_ref().ok_or_else(|| missing("y"))?;
        if x.len() != y.len() {
            let expected = format!("{} values in the array `y` of `{name}`", x.len());
            return Err(source.malformed(self.line, &expected, y.len().to_string()));
        }
        let (element, edge) = (self.element(), self.edge());
        let metadata = self.metadata(source, name);
        if chi {
            let mut exafs = Exafs::new(WavenumberGrid::new(x.clone())?, y.clone())?;
            exafs = exafs.with_name(name).with_metadata(metadata);
            if let Some(element) = element {
                exafs = exafs.with_element(element);
            }
            if let Some(edge) = edge {
                exafs = exafs.with_edge(edge);
            }
            return Ok(RecordContent::Exafs(Box::new(exafs)));
        }
        let energy = self.shifted(source, x)?;
        let points = Points { energy, mu: y.clone(), uncertainty: self.stddev.clone(), line: &|_| self.line };
        let mut xanes = assemble::spectrum(source, points, warnings)?
            .with_name(name)
            .with_absorption(self.absorption())
            .with_metadata(metadata);
        if let Some(element) = element {
            xanes = xanes.with_element(element);
        }
        if let Some(edge) = edge {
            xanes = xanes.with_edge(edge);
        }
        Ok(RecordContent::Xanes(Box::new(xanes)))
    }

    /// The energies plus the alignment shift, which Athena stores separately.
    fn shifted(&self, source: &Source, x: &[f64]) -> Result<Vec<f64>> {
        let shift = match self.arg("bkg_eshift").trim() {
            "" => 0.0,
            text => text.parse::<f64>().ok().filter(|shift| shift.is_finite()).ok_or_else(|| {
                source.malformed(self.line, "a number of eV as `bkg_eshift`", excerpt(text))
            })?,
        };
        Ok(x.iter().map(|energy| energy + shift).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_larch() {
        for (label, name) in [
            ("Ag foil", "Ag_foil"),
            ("   Ref Ag nitrate", "d_Ref_Ag_nitrate"),
            ("0.12", "d_0_12"),
            ("Elemental_As.001", "Elemental_As_001"),
            ("Au (foil)", "Au__foil"),
            ("", "iyye"),
        ] {
            let record = Record {
                group: "iyye".into(),
                args: vec![("label".into(), label.into())],
                ..Record::default()
            };
            assert_eq!(record.name(), name, "{label}");
        }
    }
}
