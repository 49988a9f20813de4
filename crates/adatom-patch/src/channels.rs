//! The patches of several images of one area as the channels of one sample, each with its own scaling.

use adatom_core::{LatentMap, PatchGrid, SampleShape, Samples, Scaling, Window};
use ndarray::{Array3, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use crate::patches::PARALLEL_FROM;
use crate::{Error, Image, Patches, Result, Stride};

/// Patches of several registered images of the same area as channels of the same samples, such as the
/// detectors of one scan or maps of energy windows.
///
/// Each channel has its own plan, and so its own scaling and background; the positions must be the same.
///
/// ```
/// use adatom_patch::ndarray::Array2;
/// use adatom_patch::{
///     ChannelPatches, Image, Patches, SampleShape, Samples, ScalingMethod, Stride, Window,
/// };
/// let image = |sign: f32| {
///     Image::from_array(Array2::from_shape_fn((64, 80), |(row, column)| {
///         sign * (row * column % 17) as f32
///     }))
/// };
/// let (haadf, bf) = (image(1.0), image(-1.0));
/// let (window, stride) = (Window::new(16, 20), Stride::square(8));
/// let patches = ChannelPatches::grid([&haadf, &bf], window, stride)?;
/// assert_eq!(
///     Samples::shape(&patches),
///     SampleShape::ChannelImage { channels: 2, height: 16, width: 20 }
/// );
/// assert_eq!(patches.patch(5).dim(), (2, 16, 20));
///
/// let standard = Patches::of([&bf]).window(window).scaling(ScalingMethod::Standard).grid(stride)?;
/// let patches = ChannelPatches::new([Patches::grid(&haadf, window, stride)?, standard])?;
/// assert_eq!(patches.channel_scalings().expect("one for each")[1].method, ScalingMethod::Standard);
///
/// let other = Patches::grid(&bf, window, Stride::square(4))?;
/// let error = ChannelPatches::new([Patches::grid(&haadf, window, stride)?, other]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the positions of channel 2 must be those of channel 1, found others"
/// );
/// # Ok::<(), adatom_patch::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ChannelPatches {
    channels: Vec<Patches>,
}

impl ChannelPatches {
    /// Samples from the patches of each channel, at the same positions of its image (or images, in the same
    /// order).
    ///
    /// # Errors
    /// [`Error::Argument`] without channels; [`Error::Channel`] unless the extents of the images, the window
    /// and the positions are those of the first channel.
    pub fn new(channels: impl IntoIterator<Item = Patches>) -> Result<Self> {
        let channels: Vec<Patches> = channels.into_iter().collect();
        let Some(first) = channels.first() else {
            return Err(Error::Argument {
                what: "the channels",
                expected: "at least one".into(),
                found: "none".into(),
            });
        };
        for (index, channel) in channels.iter().enumerate().skip(1) {
            check_same(first.patch_grid(), channel.patch_grid(), index + 1)?;
        }
        Ok(Self { channels })
    }

    /// Patches of images of one area on a regular grid, each image scaled to [0, 1] by its smallest and
    /// largest pixel.
    ///
    /// # Errors
    /// Those of [`Patches::grid`] and [`new`](Self::new).
    pub fn grid<'a>(
        images: impl IntoIterator<Item = &'a Image>,
        window: Window,
        stride: Stride,
    ) -> Result<Self> {
        let channels = images.into_iter().map(|image| Patches::grid(image, window, stride));
        Self::new(channels.collect::<Result<Vec<_>>>()?)
    }

    /// The patches of each channel.
    pub fn channels(&self) -> &[Patches] {
        &self.channels
    }

    /// The positions of the patches.
    pub fn patch_grid(&self) -> &PatchGrid {
        self.channels[0].patch_grid()
    }

    /// The number of patches.
    pub fn len(&self) -> usize {
        self.channels[0].len()
    }

    /// Whether there is no patch; never true for patches from a [`PatchPlan`](crate::PatchPlan).
    pub fn is_empty(&self) -> bool {
        self.channels[0].is_empty()
    }

    /// The window of the patches.
    pub fn window(&self) -> Window {
        self.channels[0].window()
    }

    /// Patch `index`, scaled, `[channels, height, width]`.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub fn patch(&self, index: usize) -> Array3<f32> {
        let window = self.window();
        let mut patch = Array3::zeros((self.channels.len(), window.height(), window.width()));
        for (channel, mut to) in self.channels.iter().zip(patch.outer_iter_mut()) {
            to.assign(&channel.patch(index));
        }
        patch
    }

    /// Image `image` of each channel, scaled as the patches are, `[channels, rows, columns]`: the input for
    /// encoding with a sliding window.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn scaled(&self, image: usize) -> Array3<f32> {
        let frame = &self.patch_grid().frames()[image];
        let mut scaled = Array3::zeros((self.channels.len(), frame.height, frame.width));
        for (channel, mut to) in self.channels.iter().zip(scaled.axis_iter_mut(Axis(0))) {
            let scaling = channel.scaling_of(image);
            to.assign(&channel.images()[image].pixels().mapv(|pixel| scaling.apply(pixel)));
        }
        scaled
    }

    /// The map of `values` `[patches, k]` on one image: k layers with one value per patch of the image.
    ///
    /// # Errors
    /// As [`Patches::put_back`].
    pub fn put_back(&self, values: ArrayView2<'_, f32>, image: usize) -> Result<LatentMap> {
        self.channels[0].put_back(values, image)
    }

    /// Writes patch `index`, scaled, with the channels of a pixel next to each other.
    fn cut(&self, index: usize, plane: &mut Vec<f32>, to: &mut [f32]) {
        plane.resize(self.window().pixels(), 0.0);
        for (number, channel) in self.channels.iter().enumerate() {
            channel.cut(index, plane);
            let values = to.iter_mut().skip(number).step_by(self.channels.len());
            values.zip(&*plane).for_each(|(to, &pixel)| *to = pixel);
        }
    }
}

/// Checks that a channel, counted from 1, has the same images, window and positions as the first one.
fn check_same(first: &PatchGrid, other: &PatchGrid, channel: usize) -> Result<()> {
    let differs =
        |what, expected: String, found: String| Err(Error::Channel { channel, what, expected, found });
    let extents = |grid: &PatchGrid| {
        let each = grid.frames().iter().map(|frame| format!("{} x {}", frame.height, frame.width));
        each.collect::<Vec<_>>().join(", ")
    };
    if extents(first) != extents(other) {
        let expected = format!("of {} pixels as in channel 1", extents(first));
        return differs("the images", expected, extents(other));
    }
    if first.window() != other.window() {
        let expected = format!("{} pixels as in channel 1", first.window());
        return differs("the window", expected, other.window().to_string());
    }
    let images = 0..first.frames().len();
    let same = first.len() == other.len()
        && match images.clone().all(|image| first.layout(image).is_some() && other.layout(image).is_some()) {
            true => images.clone().all(|image| first.layout(image) == other.layout(image)),
            false => (0..first.len()).all(|index| first.centre(index) == other.centre(index)),
        };
    if same { Ok(()) } else { differs("the positions", "those of channel 1".into(), "others".into()) }
}

impl Samples for ChannelPatches {
    fn count(&self) -> usize {
        self.len()
    }

    fn shape(&self) -> SampleShape {
        let (channels, window) = (self.channels.len(), self.window());
        SampleShape::ChannelImage { channels, height: window.height(), width: window.width() }
    }

    fn fill(&self, indices: &[usize], batch: &mut ArrayViewMut2<'_, f32>) {
        let values = self.window().pixels() * self.channels.len();
        assert_eq!(
            batch.dim(),
            (indices.len(), values),
            "the batch must be [indices, pixels of the window x channels]"
        );
        match batch.as_slice_mut() {
            Some(flat) if flat.len() >= PARALLEL_FROM => {
                let rows = flat.par_chunks_mut(values).zip(indices);
                rows.for_each_init(Vec::new, |plane, (to, &index)| self.cut(index, plane, to));
            }
            Some(flat) => {
                let mut plane = Vec::new();
                let rows = flat.chunks_exact_mut(values).zip(indices);
                rows.for_each(|(to, &index)| self.cut(index, &mut plane, to));
            }
            None => {
                let (mut plane, mut patch) = (Vec::new(), vec![0.0; values]);
                for (row, &index) in batch.rows_mut().into_iter().zip(indices) {
                    self.cut(index, &mut plane, &mut patch);
                    row.into_iter().zip(&patch).for_each(|(to, &pixel)| *to = pixel);
                }
            }
        }
    }

    /// The scaling of each channel, if it is the same for all its images.
    fn channel_scalings(&self) -> Option<Vec<Scaling>> {
        self.channels.iter().map(Samples::scaling).collect()
    }
}
