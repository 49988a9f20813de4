//! Clusters of patches as colours over the image.

use adatom_core::{LatentMap, PatchGrid};
use ndarray::{Array2, ArrayView2};

use crate::{ColourMap, Figure, LatentClusters, PixelSize};
use adatom_plot::colour::{Palette, QUALITATIVE, mixed};
use adatom_plot::drawing::{BLACK, Drawing, FRAME, Pen, Raster, Rect, TextStyle};
use adatom_plot::font;
use adatom_plot::layout::{
    LABEL, MARGIN, PictureSize, drawable, framed, hatch, picture_size, scale_bar, titled,
};
use adatom_plot::scale::Limits;
use adatom_plot::text::{count, fixed};
use adatom_plot::{Error, Result};

/// The opacity of the colour of a cluster over the grey of the image.
const COVER: f64 = 0.55;

/// How much white is blended into the grey below the colours.
const LIFT: f64 = 0.3;

/// The image in grey with the cell of every patch in the colour of its cluster, and a legend with the cluster
/// sizes.
///
/// Colours are those of Okabe and Ito (2008), which can be distinguished with all common colour vision
/// deficiencies; beyond eight clusters they repeat.
///
/// ```
/// use adatom_interpret::{
///     ClusterFigure, ClusterParams, Figure, ImageFrame, Latents, PatchGrid, Window, ndarray::Array2,
/// };
/// let frame = ImageFrame::new(40, 40);
/// let grid = PatchGrid::regular([frame.clone()], Window::square(8), [4, 4])?;
/// let content =
///     Array2::from_shape_fn((grid.len(), 1), |(patch, _)| if patch < 40 { 1.0f32 } else { -1.0 });
/// let clusters = ClusterParams::new(2).fit(&Latents::new(&grid, content.view())?)?;
/// let image = Array2::from_shape_fn((40, 40), |(r, c)| (r * c) as f32);
/// let figure = ClusterFigure::new(image.view(), &grid, &clusters, 0)?;
/// assert!(figure.to_svg().contains("cluster 1"));
///
/// let other = Array2::<f32>::zeros((40, 41));
/// let error = ClusterFigure::new(other.view(), &grid, &clusters, 0).unwrap_err();
/// assert_eq!(error.to_string(), "the image: expected shape [40, 40], found [40, 41]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClusterFigure {
    pixels: Array2<f32>,
    pixel: PixelSize,
    /// The cluster of each pixel of the image; `None` where no patch lies.
    labels: Array2<Option<usize>>,
    /// Patches of each cluster on this image.
    sizes: Vec<usize>,
    title: String,
}

impl ClusterFigure {
    /// The `image` `[rows, columns]` that is number `index` of the grid, whose patches are in `clusters`.
    ///
    /// # Errors
    /// [`Error::NoSuchLayer`] for an image that does not exist or has no patch, [`Error::Shape`] when the
    /// extents of the image and its frame differ, or there is not one label for each patch.
    pub fn new(
        image: ArrayView2<'_, f32>,
        grid: &PatchGrid,
        clusters: &LatentClusters,
        index: usize,
    ) -> Result<Self> {
        let none = Error::NoSuchLayer { index, layers: grid.frames().len() };
        let Some(frame) = grid.frames().get(index) else { return Err(none) };
        if image.dim() != (frame.height, frame.width) {
            let (expected, found) = (vec![frame.height, frame.width], image.shape().to_vec());
            return Err(Error::Shape { what: "the image", expected, found });
        }
        let labels = clusters.labels();
        if labels.len() != grid.len() {
            let (expected, found) = (vec![grid.len()], vec![labels.len()]);
            return Err(Error::Shape { what: "the labels of clusters", expected, found });
        }
        let values = Array2::from_shape_fn((labels.len(), 1), |(patch, _)| labels[patch] as f32);
        let Ok(map) = LatentMap::of_image(grid, values.view(), index) else { return Err(none) };
        let mut sizes = vec![0; clusters.sizes().len()];
        grid.range(index).for_each(|patch| sizes[labels[patch]] += 1);
        let pixel = drawable(frame.pixel_size.as_ref());
        let labels = on_pixels(&map);
        Ok(Self { pixels: image.to_owned(), pixel, labels, sizes, title: String::new() })
    }

    /// The title above the image; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    fn legend(&self) -> Drawing {
        let all = self.sizes.iter().sum::<usize>().max(1) as f64;
        let mut drawing = Drawing::empty(0.0, 0.0);
        for (cluster, &size) in self.sizes.iter().enumerate() {
            let top = cluster as f64 * 20.0;
            let swatch = Rect::new([0.5, top + 1.5], [14.0, 14.0]);
            // The appearance over a medium grey.
            let colour = mixed([0x90; 3], QUALITATIVE[cluster % QUALITATIVE.len()], COVER);
            drawing.rect(swatch, Some(colour.into()), Some(Pen::new(FRAME, 1.0)));
            let text = format!(
                "cluster {}: {}\u{A0}% ({})",
                cluster + 1,
                fixed(100.0 * size as f64 / all, if size as f64 / all < 0.095 { 1 } else { 0 }),
                count(size)
            );
            drawing.text(
                [22.0, top + 8.5 + font::CAPITALS * LABEL / 2.0],
                &text,
                TextStyle::new(LABEL, BLACK),
            );
            drawing.reach(22.0 + font::width(&text, LABEL), top + 20.0);
        }
        drawing
    }
}

/// The layer of labels, one for each pixel of the image.
fn on_pixels(map: &LatentMap) -> Array2<Option<usize>> {
    let (layer, first, step) = (map.layer(0), map.position([0, 0]), map.step());
    let cell = |pixel: usize, axis: usize, cells: usize| {
        let position = (pixel as f64 - first[axis]) / step[axis];
        // Half a cell around the outermost centres belongs to them.
        (position >= -0.5 && position < cells as f64 - 0.5)
            .then(|| ((position + 0.5) as usize).min(cells - 1))
    };
    Array2::from_shape_fn((map.frame().height, map.frame().width), |(row, column)| {
        let at = [cell(row, 0, layer.nrows())?, cell(column, 1, layer.ncols())?];
        let label = layer[at];
        label.is_finite().then_some(label as usize)
    })
}

impl Figure for ClusterFigure {
    fn drawing(&self) -> Drawing {
        let (rows, columns) = self.pixels.dim();
        let PictureSize { size, to_scale, .. } = picture_size([rows, columns], &self.pixel, [520.0, 480.0]);
        let rect = Rect::new([0.5, 0.5], size);
        let mut content = Drawing::empty(size[0] + 1.0, size[1] + 1.0);
        let span = Limits::Percentiles.of(self.pixels.iter().map(|&value| f64::from(value)));
        let limits = span.map_or([0.0, 1.0], |span| span.limits);
        let grey = Palette::new(ColourMap::Grey);
        if self.pixels.iter().any(|value| !value.is_finite()) {
            hatch(&mut content, rect);
        }
        let raster = Raster::from_fn(rows, columns, |row, column| {
            let base = grey.at(f64::from(self.pixels[[row, column]]), limits);
            match self.labels[[row, column]] {
                Some(cluster) => {
                    let colour = QUALITATIVE[cluster % QUALITATIVE.len()];
                    // Colours over black are not visible.
                    let lifted = base.map_or([0x80; 3], |base| mixed(base, [0xFF; 3], LIFT));
                    Some(mixed(lifted, colour, COVER))
                }
                None => base,
            }
        });
        content.picture(rect, raster);
        framed(&mut content, rect);
        let below = content.height() + 7.0;
        content.place(scale_bar(columns, &self.pixel, size[0]), [0.0, below]);
        content.place(self.legend(), [size[0] + 16.0, 0.0]);
        let mut notes = Vec::new();
        if self.labels.iter().any(Option::is_none) {
            notes.push("without colour: outside the grid of patches".to_owned());
        }
        if self.sizes.len() > QUALITATIVE.len() {
            notes.push(format!("colours repeat after {} clusters", QUALITATIVE.len()));
        }
        if !to_scale {
            notes.push("the aspect is not to scale".into());
        }
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use adatom_core::{ImageFrame, Window};

    use super::*;

    #[test]
    fn every_pixel_takes_the_label_of_the_patch_around_which_it_lies() {
        // Centres at rows and columns 1.5, 3.5, 5.5: cells are pixels 1 and 2, 3 and 4, 5 and 6.
        let grid = PatchGrid::regular([ImageFrame::new(8, 8)], Window::square(4), [2, 2]).unwrap();
        let values = Array2::from_shape_fn((9, 1), |(patch, _)| patch as f32);
        let labels = on_pixels(&LatentMap::new(&grid, values.view()).unwrap());
        assert_eq!((labels[[0, 3]], labels[[1, 1]], labels[[2, 2]]), (None, Some(0), Some(0)));
        assert_eq!((labels[[3, 2]], labels[[6, 6]], labels[[7, 6]]), (Some(3), Some(8), None));
    }
}
