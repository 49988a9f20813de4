//! Tables as CSV: `id`, `group:NAME`, `target:NAME` (numbers) or `class:NAME` (text), then the features.
//!
//! Numbers are the shortest text that gives the same `f64` again; a missing target is an empty cell.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::FeatureTable;
use crate::{TableError, TargetKind, write_whole};

impl FeatureTable {
    /// Writes the table as CSV, compressed with gzip when the name ends in `.gz`; a file of that name is
    /// replaced when the new one is complete.
    ///
    /// ```
    /// use adatom_core::{FeatureColumn, FeatureTable, Modality, Target, TargetColumn, ndarray::array};
    /// let columns = vec![FeatureColumn::new(Modality::Pdf, 0.101)?];
    /// let table = FeatureTable::new(["mp-1", "mp-2"], columns, array![[0.1 + 0.2], [-1e-20]])?
    ///     .with_group("formula", ["CuO", "Cu2O"])?
    ///     .with_target("oxidation_state", TargetColumn::of_numbers([Some(2.0), None]))?
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
        let mut cell = ryu::Buffer::new();
        for (row, id) in self.ids.iter().enumerate() {
            writer.write_field(id)?;
            for (_, labels) in &self.groups {
                writer.write_field(&labels[row])?;
            }
            for (_, target) in &self.targets {
                match target.number(row) {
                    Some(value) => writer.write_field(shortest(value, &mut cell))?,
                    None => writer.write_field(target.class(row).unwrap_or_default())?,
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
        headers.extend(self.targets.iter().map(|(name, target)| match target.kind() {
            TargetKind::Numbers => format!("target:{name}"),
            TargetKind::Classes => format!("class:{name}"),
        }));
        headers.extend(self.columns.iter().map(ToString::to_string));
        headers
    }
}

/// The shortest text that gives the same finite number again, with an exponent where that is shorter.
fn shortest(value: f64, cell: &mut ryu::Buffer) -> &str {
    let text = cell.format_finite(value);
    text.strip_suffix(".0").unwrap_or(text)
}
