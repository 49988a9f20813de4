//! Encoding of another image with a trained model: every window of a grid, by the sliding encoder.

use std::path::Path;

use adatom_patch::{GridLayout, Image, Patches, SampleShape, Scaling, Stride, Window};
use adatom_vae::{Device, Posterior, ShiftVae};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::files::append_latents;
use super::interpretation::{FeatureBlocks, Field, InterpretationSettings, feature_table};
use super::{Notice, SourceSettings};
use crate::error::{Error, Result};
use crate::npz::Npz;
use crate::observer::{Control, Event, Observer, Progress};

/// Number of windows that are encoded at a time, which limits the memory.
const BLOCK: usize = 1 << 17;

/// A larger fraction of clipped pixels indicates another intensity range than that of the training image.
const CLIPPED: f64 = 0.05;

/// How another image is encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EncodeSettings {
    /// How the file is read.
    pub source: SourceSettings,
    /// Pixels between windows along rows and columns; 1 by default.
    pub stride: [usize; 2],
    /// The treatment of windows that extend beyond the image.
    pub edge: Edge,
    /// The scaling of intensities.
    pub scale: IntensityScale,
}

/// The treatment of windows that extend beyond the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// Only windows inside the image are encoded.
    #[default]
    Valid,
    /// The image is reflected at its edges, so that every pixel has a window.
    Reflect,
}

/// The scaling of the intensities of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntensityScale {
    /// That of the training image.
    #[default]
    Training,
    /// Determined from the image by the same method.
    Own,
}

impl Default for EncodeSettings {
    fn default() -> Self {
        Self {
            source: SourceSettings::default(),
            stride: [1, 1],
            edge: Edge::default(),
            scale: IntensityScale::default(),
        }
    }
}

/// A model that encodes images.
#[derive(Debug, Clone)]
pub struct ImageEncoder {
    model: ShiftVae,
    window: Window,
}

/// The windows of an image that are encoded.
#[derive(Debug, Clone)]
pub struct SlidingWindows {
    patches: Patches,
    /// Scaled pixels.
    pixels: Array2<f32>,
    stride: [usize; 2],
    edge: Edge,
    /// Rows and columns that the reflection adds before the first pixel.
    before: [f64; 2],
    clipped: f64,
    notices: Vec<Notice>,
}

/// A table of latents for forests.
#[derive(Debug)]
#[non_exhaustive]
pub struct LatentTable<'a> {
    /// The CSV file.
    pub path: &'a Path,
    /// Fields that become targets, from [`SlidingWindows::open_fields`].
    pub fields: &'a [Field],
    /// Side in pixels of the blocks of the table, which serve as groups; two windows or an eighth of the
    /// image by default.
    pub block: Option<f64>,
}

impl<'a> LatentTable<'a> {
    /// A table in this CSV file with these fields as targets and blocks of the default size.
    pub fn new(path: &'a Path, fields: &'a [Field]) -> Self {
        Self { path, fields, block: None }
    }

    /// Side in pixels of the blocks.
    #[must_use]
    pub fn block(mut self, side: Option<f64>) -> Self {
        self.block = side;
        self
    }
}

impl ImageEncoder {
    /// Reads a model of image patches.
    ///
    /// # Errors
    /// [`Error::Vae`] for files that cannot be read, [`Error::DataSet`] for models of signals or several
    /// channels.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let model = ShiftVae::load(path, &Device::Cpu)?;
        let shape = model.config().sample_shape();
        let window = window_of(shape).ok_or_else(|| {
            let what = if shape.dimensions() == 1 { "1-D signals" } else { "several channels" };
            let problem = format!("the model encodes {what}; expected a model of single images");
            Error::DataSet { path: path.to_owned(), problem }
        })?;
        Ok(Self { model, window })
    }

    /// An encoder with a model in memory; `None` for models of signals or several channels.
    pub fn new(model: ShiftVae) -> Option<Self> {
        let window = window_of(model.config().sample_shape())?;
        Some(Self { model, window })
    }

    /// The model.
    pub fn model(&self) -> &ShiftVae {
        &self.model
    }

    /// Reads an image and places a grid of windows on it.
    ///
    /// # Errors
    /// [`Error::Patch`] where the file cannot be read, the window does not fit, or pixels are not finite.
    pub fn open(&self, path: impl AsRef<Path>, settings: &EncodeSettings) -> Result<SlidingWindows> {
        let image = match &settings.source.signal {
            Some(signal) => Image::open_signal(path, signal)?,
            None => Image::open(path)?,
        };
        self.place(&image, settings)
    }

    /// Places a grid of windows on an image.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn place(&self, image: &Image, settings: &EncodeSettings) -> Result<SlidingWindows> {
        let mut image = image.clone();
        if let Some(fill) = settings.source.fill {
            image = image.fill_non_finite(fill)?;
        }
        let mut before = [0.0, 0.0];
        if settings.edge == Edge::Reflect {
            image = image.reflected(self.window)?;
            before = [self.window.height(), self.window.width()].map(|side| (side / 2) as f64);
        }
        let plan = Patches::of([&image]).window(self.window);
        let plan = match (self.model.scaling(), settings.scale) {
            (Some(Scaling { method, flatten: Some(sigma), .. }), IntensityScale::Own) => {
                plan.scaling(*method).flatten(*sigma)
            }
            (Some(scaling), IntensityScale::Own) => plan.scaling(scaling.method),
            (Some(scaling), IntensityScale::Training) => plan.scaling_fixed(*scaling),
            (None, _) => plan,
        };
        let [rows, columns] = settings.stride;
        let patches = plan.grid(Stride::new(rows, columns))?;
        let clipped = patches.clipped_fraction(0);
        let warning = (clipped > CLIPPED).then_some(Notice::OtherIntensities { fraction: clipped });
        let scaling = patches.scaling_of(0);
        let pixels = patches.images()[0].pixels().mapv(|pixel| scaling.apply(pixel));
        Ok(SlidingWindows {
            pixels,
            patches,
            stride: settings.stride,
            edge: settings.edge,
            before,
            clipped,
            notices: warning.into_iter().collect(),
        })
    }

    /// Encodes windows block by block, rows from top to bottom; `visit` receives every block.
    ///
    /// # Errors
    /// [`Error::Vae`] if windows cannot be encoded, [`Error::Cancelled`] if the observer stops, and
    /// those of `visit`.
    pub fn encode(
        &self,
        windows: &SlidingWindows,
        observer: &dyn Observer,
        visit: &mut dyn FnMut(&Posterior) -> Result<()>,
    ) -> Result<()> {
        let [grid_rows, grid_columns] = windows.layout().counts;
        let encoder = self.model.sliding_encoder()?;
        let pixels = windows.pixels.view().insert_axis(Axis(0));
        let rows = (BLOCK / grid_columns).max(1);
        for first in (0..grid_rows).step_by(rows) {
            let block = first..grid_rows.min(first + rows);
            let done = block.end;
            visit(&encoder.encode_rows(pixels, windows.stride, block)?)?;
            let progress = Progress::start("encoding", grid_rows, "rows of windows").at(done);
            if observer.event(&Event::Progress(progress)) == Control::Stop {
                return Err(Error::Cancelled);
            }
        }
        Ok(())
    }

    /// Encodes windows into an archive with the arrays of `latents.npz` and, if requested, a table for
    /// forests. Returns notices about the latents.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); [`Error::File`] if a file cannot be written, [`Error::DataSet`]
    /// for a table of latents that are the same everywhere.
    pub fn save_latents(
        &self,
        windows: &SlidingWindows,
        path: &Path,
        table: Option<&LatentTable<'_>>,
        observer: &dyn Observer,
    ) -> Result<Vec<Notice>> {
        let (grid, before) = (windows.patches.patch_grid(), windows.before);
        let mut npz = Npz::new(path);
        let centres = (0..grid.len()).flat_map(|index| {
            let centre = grid.centre(index);
            [centre.row - before[0], centre.column - before[1]]
        });
        npz.append("centres", Some(2), centres)?;
        let mut features = FeatureBlocks::default();
        self.encode(windows, observer, &mut |block| {
            if table.is_some() {
                features.append(block);
            }
            append_latents(&mut npz, block)
        })?;
        npz.finish()?;
        let mut notices = Vec::new();
        if let Some(table) = table {
            // Positions on the original image, not on the reflected one.
            let latents = features.latents(grid, table.path, &mut notices)?;
            let latents = latents.displaced(before.map(|pixels| -pixels));
            feature_table(&latents, table.fields, grid, table.block)?.save(table.path)?;
        }
        Ok(notices)
    }
}

impl SlidingWindows {
    /// The number of windows.
    pub fn len(&self) -> usize {
        self.patches.len()
    }

    /// Whether there is no window.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// The grid of the windows.
    pub fn layout(&self) -> GridLayout {
        self.patches.patch_grid().layout(0).expect("the windows lie on a grid")
    }

    /// The fraction of the pixels outside the range of intensities that is mapped to [0, 1].
    pub fn clipped_fraction(&self) -> f64 {
        self.clipped
    }

    /// The notices of reading and placing.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Reads fields on the image and samples them at the windows.
    ///
    /// # Errors
    /// Those of [`InterpretationSettings::open_fields`].
    pub fn open_fields(&self, settings: &InterpretationSettings) -> Result<Vec<Field>> {
        let mirrored = (self.edge == Edge::Reflect).then_some(self.patches.window());
        settings.open_fields_on(self.patches.patch_grid(), mirrored)
    }
}

fn window_of(shape: SampleShape) -> Option<Window> {
    match shape {
        SampleShape::Image { height, width } => Some(Window::new(height, width)),
        _ => None,
    }
}
