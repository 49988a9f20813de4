//! Quantities known at every pixel of the images, for the correlation with latents.

use std::collections::HashSet;
use std::path::PathBuf;

use adatom_interpret::FieldSampling;
use adatom_patch::{Image, PatchGrid, Window};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

use super::InterpretationSettings;
use crate::error::{Error, Result};

/// The smallest number of patches at which a field is known.
const FEWEST_PATCHES: usize = 4;

/// A file with a quantity known at every pixel of the image: an array of the image's shape, NaN where it is
/// unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFile {
    name: String,
    path: PathBuf,
}

impl FieldFile {
    /// The field `name` in a file.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), path: path.into() }
    }

    /// The name of the field.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }
}

/// A quantity at every patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    name: String,
    values: Array1<f64>,
}

impl Field {
    /// The values `[n]` of a field at n patches; NaN where it is unknown.
    pub fn new(name: impl Into<String>, values: Array1<f64>) -> Self {
        Self { name: name.into(), values }
    }

    /// The name of the field.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values `[n]`.
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.values.view()
    }
}

impl InterpretationSettings {
    /// Reads the files of fields and takes their values at the patches of a grid.
    ///
    /// # Errors
    /// [`Error::Patch`] for files that cannot be read, [`Error::DataSet`] for fields of another shape or
    /// without information, [`Error::Setting`] for a name that is given more than once.
    pub fn open_fields(&self, grid: &PatchGrid) -> Result<Vec<Field>> {
        self.open_fields_on(grid, None)
    }

    /// As [`open_fields`](Self::open_fields), on a grid of images that were mirrored at their edges around
    /// `mirrored`.
    pub(in crate::image) fn open_fields_on(
        &self,
        grid: &PatchGrid,
        mirrored: Option<Window>,
    ) -> Result<Vec<Field>> {
        let mut names = HashSet::new();
        let mut fields = Vec::new();
        for file in &self.fields {
            if !names.insert(file.name()) {
                return Err(Error::Setting {
                    setting: "fields",
                    problem: format!("{} is given more than once", file.name),
                });
            }
            fields.push(open_field(file, self.field_sampling, grid, mirrored)?);
        }
        Ok(fields)
    }
}

fn open_field(
    file: &FieldFile,
    sampling: FieldSampling,
    grid: &PatchGrid,
    mirrored: Option<Window>,
) -> Result<Field> {
    let problem = |problem: String| Error::DataSet { path: file.path.clone(), problem };
    let mut images = Image::open_stack(&file.path)?;
    if images.len() != grid.frames().len() {
        let (expected, found) = (grid.frames().len(), images.len());
        return Err(problem(format!("expected one field for each of {expected} images, found {found}")));
    }
    if let Some(window) = mirrored {
        images = images.iter().map(|image| image.reflected(window)).collect::<Result<_, _>>()?;
    }
    let pixels: Vec<_> = images.iter().map(Image::pixels).collect();
    let values = sampling.of(grid, &pixels).map_err(|error| problem(error.to_string()))?;
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if known.iter().all(|&value| value == known[0]) {
        return Err(problem(format!("the field is {} at every patch", known[0])));
    }
    if known.len() < FEWEST_PATCHES {
        let found = known.len();
        return Err(problem(format!(
            "the field is known at {found} patches, expected at least {FEWEST_PATCHES}"
        )));
    }
    Ok(Field::new(file.name(), values))
}
