//! Stage 3: placement of the patches.

use std::path::{Path, PathBuf};

use adatom_patch::{Image, Patches, Stride};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::prepare::PreparedImages;
use super::{Notice, OpenedImages};
use crate::error::{Error, Result};

/// The positions of the patches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Placement {
    /// On a regular grid.
    Grid {
        /// Pixels between patches along rows and columns; an eighth of the window by default.
        stride: Option<[usize; 2]>,
    },
    /// At random positions of all images.
    Random {
        /// How many patches.
        count: usize,
    },
    /// Around these positions (row, column; pixels) of every image.
    Centres(Vec<[f64; 2]>),
    /// Around the positions in a CSV file with the columns `row` and `column`, in pixels.
    CentresFile(PathBuf),
    /// Around the sites of the lattice of each image.
    LatticeSites,
}

impl Default for Placement {
    fn default() -> Self {
        Self::Grid { stride: None }
    }
}

/// Images and their patches.
#[derive(Debug, Clone)]
pub struct PlacedPatches {
    images: OpenedImages,
    patches: Patches,
    notices: Vec<Notice>,
}

impl Placement {
    /// Places patches on prepared images; `seed` chooses random positions.
    ///
    /// # Errors
    /// [`Error::Patch`] where a window or a scaling does not fit the images; [`Error::DataSet`] for a file of
    /// centres that cannot be read.
    pub fn place(&self, prepared: PreparedImages, seed: u64) -> Result<PlacedPatches> {
        let PreparedImages { images, window, plan } = prepared;
        let mut notices = Vec::new();
        let at_centres = |centres: Array2<f64>, notices: &mut Vec<Notice>| -> Result<Patches> {
            let patches = plan.clone().at(images.images().iter().map(|_| centres.view()))?;
            let count = images.images().len();
            let left_out: usize = (0..count).map(|image| patches.left_out(image).len()).sum();
            if left_out > 0 {
                notices.push(Notice::CentresLeftOut { left_out, given: centres.nrows() * count });
            }
            Ok(patches)
        };
        let patches = match self {
            Self::Grid { stride } => {
                let eighth = |side: usize| (side / 8).max(1);
                let [rows, columns] = stride.unwrap_or([eighth(window.height()), eighth(window.width())]);
                plan.grid(Stride::new(rows, columns))?
            }
            Self::Random { count } => plan.random(*count, seed)?,
            Self::Centres(centres) => at_centres(Array2::from(centres.clone()), &mut notices)?,
            Self::CentresFile(path) => at_centres(read_centres(path)?, &mut notices)?,
            Self::LatticeSites => {
                let sites =
                    images.images().iter().map(Image::lattice_sites).collect::<Result<Vec<_>, _>>()?;
                let patches = plan.at(sites.iter().map(|sites| sites.view()))?;
                let found = sites.iter().map(Array2::nrows).sum();
                notices.push(Notice::LatticeSites { found, placed: patches.len() });
                patches
            }
        };
        Ok(PlacedPatches { images, patches, notices })
    }

    /// The placement in words, for reports.
    pub(super) fn in_words(&self, patches: &Patches) -> String {
        match self {
            Self::Grid { .. } => patches.patch_grid().layout(0).map_or_else(String::new, |layout| {
                format!("every {} rows and {} columns", layout.step[0], layout.step[1])
            }),
            Self::Random { count } => format!("{count} at random positions"),
            Self::Centres(centres) => format!("around {} given positions", centres.len()),
            Self::CentresFile(path) => format!("around the positions in {}", path.display()),
            Self::LatticeSites => format!("around {} lattice sites", patches.len()),
        }
    }
}

impl PlacedPatches {
    /// The images as they were read.
    pub fn images(&self) -> &OpenedImages {
        &self.images
    }

    /// The patches; their images may have been flattened.
    pub fn patches(&self) -> &Patches {
        &self.patches
    }

    /// The notices of this stage.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

/// Columns `row` and `column` of a CSV file.
fn read_centres(path: &Path) -> Result<Array2<f64>> {
    let problem = |problem: String| Error::DataSet { path: path.to_owned(), problem };
    let unreadable = |error: csv::Error| problem(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(unreadable)?;
    let headers = reader.headers().map_err(unreadable)?.clone();
    let find = |name: &str| {
        let at = headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        at.ok_or_else(|| problem(format!("expected the columns `row` and `column`, `{name}` is missing")))
    };
    let columns = [find("row")?, find("column")?];
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        for column in columns {
            let text = record.get(column).unwrap_or_default();
            let value = text
                .parse::<f64>()
                .map_err(|_| problem(format!("line {line}: expected a number, found `{text}`")))?;
            values.push(value);
        }
    }
    if values.is_empty() {
        return Err(problem("the file contains no centres".into()));
    }
    Array2::from_shape_vec((values.len() / 2, 2), values).map_err(|error| problem(error.to_string()))
}
