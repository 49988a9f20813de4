//! Tables as CSV: `id`, `group:NAME`, `target:NAME` (numbers) or `class:NAME` (text), then the features.
//!
//! Numbers are the shortest text that gives the same `f64` again; a missing target is an empty cell.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{FeatureTable, Target};
use crate::{TableError, write_whole};

impl FeatureTable {
    /// Writes the table as CSV, compressed with gzip when the name ends in `.gz`; a file of that name is replaced
    /// when the new one is complete.
    ///
    /// ```
    /// use adatom_core::{FeatureColumn, FeatureTable, Modality, Target, ndarray::array};
    /// let columns = vec![FeatureColumn::new(Modality::Pdf, 0.101)?];
    /// let table = FeatureTable::new(["mp-1", "mp-2"], columns, array![[0.1 + 0.2], [-1e-20]])?
    ///     .with_group("formula", ["CuO", "Cu2O"])?
    ///     .with_target("oxidation_state", Target::Numbers(vec![Some(2.0), None]))?
    ///     .with_target("site", Target::classes(["square", "linear"]))?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("table.csv");
    /// table.save(&path)?;
    /// assert_eq!(
    ///     std::fs::read_to_string(&path)?,
    ///     "id,group:formula,target:oxidation_state,class:site,pdf@0.101\n\
    ///      mp-1,CuO,2,square,0.30000000000000004\nmp-2,Cu2O,,linear,-1e-20\n"
    /// );
    /// assert_eq!(FeatureTable::load(&path)?, table);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`TableError::Io`] when the folder is not there or not writable, or the disk is full.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), TableError> {
        let path = path.as_ref();
        let gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        write_whole(path, |file| {
            if !gzip {
                return self.write_csv(file);
            }
            // Digits of measured numbers hardly shrink further at the slower levels.
            let mut encoder = GzEncoder::new(file, Compression::fast());
            self.write_csv(&mut encoder)?;
            encoder.finish().map(drop)
        })
        .map_err(|source| TableError::Io { path: path.into(), doing: "write", source })
    }

    fn write_csv(&self, file: &mut impl Write) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
        writer.write_record(self.headers())?;
        let mut cell = String::new();
        for (row, id) in self.ids.iter().enumerate() {
            writer.write_field(id)?;
            for (_, labels) in &self.groups {
                writer.write_field(&labels[row])?;
            }
            for (_, target) in &self.targets {
                match target {
                    Target::Numbers(values) => {
                        let number = values[row].map(|value| shortest(value, &mut cell));
                        writer.write_field(number.unwrap_or_default())?;
                    }
                    Target::Classes(names) => {
                        writer.write_field(names[row].as_deref().unwrap_or_default())?
                    }
                }
            }
            for &value in self.features.row(row) {
                writer.write_field(shortest(value, &mut cell))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()
    }

    fn headers(&self) -> Vec<String> {
        let mut headers = vec!["id".to_owned()];
        headers.extend(self.groups.iter().map(|(name, _)| format!("group:{name}")));
        headers.extend(self.targets.iter().map(|(name, target)| match target {
            Target::Numbers(_) => format!("target:{name}"),
            Target::Classes(_) => format!("class:{name}"),
        }));
        headers.extend(self.columns.iter().map(ToString::to_string));
        headers
    }
}

/// The shortest text that gives the same number again, with an exponent where that is shorter.
fn shortest(value: f64, cell: &mut String) -> &str {
    cell.clear();
    write!(cell, "{value:?}").expect("a text takes any text");
    cell.strip_suffix(".0").unwrap_or(cell)
}
