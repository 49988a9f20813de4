//! The measured image in grey, with marks on it.

use adatom_core::{ImageFrame, PixelSize, Window};
use ndarray::{Array2, ArrayView2};

use crate::drawing::{Drawing, Ink, Pen, Rect, WHITE};
use crate::figures::map::{ColourScale, cells};
use crate::layout::{MARGIN, PictureSize, drawable, picture_size, scale_bar, titled};
use crate::scale::Limits;
use crate::text::count;
use crate::{ColourMap, Error, Figure, Result};

/// More centres than this cover the image; a regular subset of them is drawn.
const MOST_CENTRES: usize = 3000;

pub(crate) const ACCENT: [u8; 3] = [0xFF, 0xB0, 0x00];

/// An image `[rows, columns]` in grey with scale bar, and optionally one window and the centres of patches.
///
/// ```
/// use adatom_plot::{Figure, ImageFigure, PixelSize, Window, ndarray::Array2};
/// let image = Array2::from_shape_fn((64, 96), |(row, column)| (row * column) as f32);
/// let figure = ImageFigure::new(image.view())?
///     .title("graphene.tif")
///     .pixel_size(PixelSize::square(10.0, "pm"))
///     .window(Window::square(16), [31.5, 47.5])
///     .centres(&[[8.0, 8.0], [40.0, 60.0]]);
/// assert!(figure.drawing().width() > 96.0);
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageFigure {
    values: Array2<f32>,
    title: String,
    pixel: PixelSize,
    window: Option<MarkedWindow>,
    centres: Vec<[f64; 2]>,
}

/// A window whose outline is drawn.
#[derive(Debug, Clone, Copy)]
struct MarkedWindow {
    window: Window,
    centre: [f64; 2],
}

impl ImageFigure {
    /// The image `[rows, columns]`; grey levels span the 1st to the 99th percentile.
    ///
    /// # Errors
    /// [`Error::Empty`] for an image without pixels.
    pub fn new(values: ArrayView2<'_, f32>) -> Result<Self> {
        if values.is_empty() {
            return Err(Error::Empty { what: "the image" });
        }
        Ok(Self {
            values: values.to_owned(),
            title: String::new(),
            pixel: PixelSize::square(1.0, "px"),
            window: None,
            centres: Vec::new(),
        })
    }

    /// The image with the pixel size of its frame.
    ///
    /// # Errors
    /// [`Error::Empty`] for an image without pixels, [`Error::Shape`] when the frame has another extent.
    pub fn framed(values: ArrayView2<'_, f32>, frame: &ImageFrame) -> Result<Self> {
        if values.dim() != (frame.height, frame.width) {
            return Err(Error::Shape {
                what: "the image",
                expected: vec![frame.height, frame.width],
                found: values.shape().to_vec(),
            });
        }
        let mut figure = Self::new(values)?;
        figure.pixel = drawable(frame.pixel_size.as_ref());
        Ok(figure)
    }

    /// The title above the image; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The length of a pixel; 1 px by default.
    pub fn pixel_size(mut self, size: PixelSize) -> Self {
        self.pixel = drawable(Some(&size));
        self
    }

    /// Draws the outline of a window around `centre` (row, column; pixels).
    pub fn window(mut self, window: Window, centre: [f64; 2]) -> Self {
        self.window = Some(MarkedWindow { window, centre });
        self
    }

    /// Marks centres (row, column; pixels). Above 3000 a regular subset is drawn, which the figure states.
    pub fn centres(mut self, centres: &[[f64; 2]]) -> Self {
        self.centres = centres.to_vec();
        self
    }

    /// The image without marks, and the map from its pixels to the page.
    pub(crate) fn picture(&self, most: [f64; 2]) -> Canvas {
        let (rows, columns) = self.values.dim();
        let PictureSize { size, to_scale } = picture_size([rows, columns], &self.pixel, most);
        let rect = Rect::new([0.5, 0.5], size);
        let mut drawing = Drawing::empty(size[0] + 1.0, size[1] + 1.0);
        let span = Limits::Percentiles.of(self.values.iter().map(|&value| f64::from(value)));
        let limits = span.map_or([0.0, 1.0], |span| span.limits);
        cells(&mut drawing, rect, self.values.view(), ColourScale { map: ColourMap::Grey, limits });
        Canvas { drawing, rect, scale: [size[0] / columns as f64, size[1] / rows as f64], to_scale }
    }

    /// The same image without window and centres.
    pub fn without_marks(&self) -> Self {
        Self { window: None, centres: Vec::new(), ..self.clone() }
    }

    pub(crate) fn extent(&self) -> (usize, usize) {
        self.values.dim()
    }

    pub(crate) fn pixel(&self) -> &PixelSize {
        &self.pixel
    }

    pub(crate) fn has_gaps(&self) -> bool {
        self.values.iter().any(|value| !value.is_finite())
    }
}

/// An image on the page.
pub(crate) struct Canvas {
    pub(crate) drawing: Drawing,
    pub(crate) rect: Rect,
    /// Pixels of the page for one column and one row: x, y.
    pub(crate) scale: [f64; 2],
    pub(crate) to_scale: bool,
}

impl Canvas {
    /// The position on the page of (row, column) on the image; the centre of pixel (0, 0) is half a pixel
    /// inside.
    pub(crate) fn at(&self, [row, column]: [f64; 2]) -> [f64; 2] {
        [self.rect.x + (column + 0.5) * self.scale[0], self.rect.y + (row + 0.5) * self.scale[1]]
    }

    pub(crate) fn holds(&self, [x, y]: [f64; 2]) -> bool {
        (self.rect.x..=self.rect.right()).contains(&x) && (self.rect.y..=self.rect.bottom()).contains(&y)
    }
}

impl Figure for ImageFigure {
    fn drawing(&self) -> Drawing {
        let mut canvas = self.picture([560.0, 480.0]);
        let mut notes = Vec::new();
        if self.has_gaps() {
            notes.push("hatched: no value".to_owned());
        }
        let every = self.centres.len().div_ceil(MOST_CENTRES).max(1);
        for &centre in self.centres.iter().step_by(every) {
            let at = canvas.at(centre);
            if canvas.holds(at) {
                let dark = Pen::new(Ink { rgb: [0; 3], opacity: 0.55 }, 0.6);
                canvas.drawing.circle(at, 1.6, Some(ACCENT.into()), Some(dark));
            }
        }
        match self.centres.len() {
            0 => {}
            n if every == 1 => notes.push(format!("dots: the {} patch centres", count(n))),
            n => notes.push(format!("dots: every {every}th of {} patch centres", count(n))),
        }
        if let Some(MarkedWindow { window, centre: [row, column] }) = self.window {
            let half = [window.height() as f64 / 2.0, window.width() as f64 / 2.0];
            let on_picture = |[x, y]: [f64; 2]| {
                let rect = canvas.rect;
                [x.clamp(rect.x, rect.right()), y.clamp(rect.y, rect.bottom())]
            };
            let [left, top] = on_picture(canvas.at([row - half[0], column - half[1]]));
            let [right, bottom] = on_picture(canvas.at([row + half[0], column + half[1]]));
            let outline = Rect::new([left, top], [right - left, bottom - top]);
            canvas.drawing.rect(outline, None, Some(Pen::new(WHITE, 4.0)));
            canvas.drawing.rect(outline, None, Some(Pen::new([0xD5, 0x5E, 0x00], 2.0)));
            notes.push(format!("outline: a window of {} × {} pixels", window.height(), window.width()));
        }
        if !canvas.to_scale {
            notes.push("the aspect is not to scale".into());
        }
        let mut content = canvas.drawing;
        let below = content.height() + 7.0;
        content.place(scale_bar(self.values.ncols(), &self.pixel, canvas.rect.width), [0.0, below]);
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}
