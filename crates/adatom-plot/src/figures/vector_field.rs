//! Vectors as arrows on the image.

use std::collections::BTreeMap;

use adatom_core::PixelSize;
use ndarray::ArrayView2;

use crate::colour::Palette;
use crate::drawing::{Anchor, BLACK, Drawing, FRAME, Ink, Pen, TextStyle, WHITE};
use crate::figures::image::Canvas;
use crate::layout::{LABEL, MARGIN, NOTE, scale_bar, titled};
use crate::scale::{length_label, quantiles, round_fifth};
use crate::text::{count, counted, significant};
use crate::{ColourMap, Error, Figure, ImageFigure, Result, font};

/// The least distance of arrows in pixels of the page.
const APART: f64 = 21.0;

/// Displacement vectors as arrows on the grey image, coloured by their direction.
///
/// Arrows start at the centres. Where these are too dense, the figure shows every n-th row and column of a
/// grid, and of other centres the one nearest to the middle of each square of the page. The magnification of
/// the arrows and a reference arrow are given below the image.
///
/// ```
/// use adatom_plot::{
///     Figure, ImageFigure, VectorFieldFigure,
///     ndarray::{Array2, arr2},
/// };
/// let image = ImageFigure::new(Array2::<f32>::zeros((64, 64)).view())?;
/// let centres = arr2(&[[16.0, 16.0], [48.0, 48.0]]);
/// let shifts = arr2(&[[0.2, -0.4], [0.0, 0.3]]);
/// let figure = VectorFieldFigure::new(image, centres.view(), shifts.view())?.title("Shift");
/// assert!(figure.to_svg().contains("magnified"));
///
/// let image = ImageFigure::new(Array2::<f32>::zeros((64, 64)).view())?;
/// let error = VectorFieldFigure::new(image, centres.view(), arr2(&[[0.0, 1.0]]).view()).unwrap_err();
/// assert_eq!(error.to_string(), "the vectors: expected shape [2, 2], found [1, 2]");
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct VectorFieldFigure {
    image: ImageFigure,
    arrows: Vec<Arrow>,
    /// How many vectors were given, with those that are not finite.
    given: usize,
    title: String,
}

/// A vector at its centre, both (rows, columns) in pixels of the image.
#[derive(Debug, Clone, Copy)]
struct Arrow {
    centre: [f64; 2],
    vector: [f64; 2],
}

impl VectorFieldFigure {
    /// `vectors` `[n, 2]` at `centres` `[n, 2]`, both (rows, columns) in pixels of the image.
    ///
    /// Vectors that are not finite are left out.
    ///
    /// # Errors
    /// [`Error::Shape`] unless both have one row of two for each centre.
    pub fn new(
        image: ImageFigure,
        centres: ArrayView2<'_, f64>,
        vectors: ArrayView2<'_, f64>,
    ) -> Result<Self> {
        let expected = vec![centres.nrows(), 2];
        for (what, array) in [("the centres", &centres), ("the vectors", &vectors)] {
            if array.shape() != expected {
                return Err(Error::Shape { what, expected, found: array.shape().to_vec() });
            }
        }
        let pair = |row: ndarray::ArrayView1<'_, f64>| [row[0], row[1]];
        let pairs = centres.rows().into_iter().map(pair).zip(vectors.rows().into_iter().map(pair));
        let arrows = pairs.map(|(centre, vector)| Arrow { centre, vector });
        let finite = |arrow: &Arrow| arrow.centre.iter().chain(&arrow.vector).all(|x| x.is_finite());
        let arrows: Vec<_> = arrows.filter(finite).collect();
        Ok(Self { image, arrows, given: centres.nrows(), title: String::new() })
    }

    /// The title above the image; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl VectorFieldFigure {
    /// A subset of arrows that do not overlap: every n-th row and column of a grid, otherwise one per square
    /// of the page.
    fn thinned(&self, canvas: &Canvas) -> Vec<usize> {
        let inside: Vec<usize> = (0..self.arrows.len())
            .filter(|&index| canvas.holds(canvas.at(self.arrows[index].centre)))
            .collect();
        let lines = [0, 1].map(|axis| {
            // Positions on the page in thousandths of a pixel, so that equal ones compare equal.
            let mut positions: Vec<i64> =
                inside.iter().map(|&index| self.position(canvas, index, axis)).collect();
            positions.sort_unstable();
            positions.dedup();
            positions
        });
        if lines[0].len() * lines[1].len() == inside.len() {
            let kept = lines.map(|positions| {
                let span = positions.last().unwrap_or(&0) - positions.first().unwrap_or(&0);
                let spacing = span as f64 / 1000.0 / (positions.len().max(2) - 1) as f64;
                let every = if spacing > 0.0 { (APART / spacing).ceil() as usize } else { 1 };
                // Equal margins before the first and after the last.
                let offset = (positions.len().max(1) - 1) % every / 2;
                positions.into_iter().skip(offset).step_by(every).collect::<Vec<_>>()
            });
            let is_kept = |index: &usize| {
                (0..2).all(|axis| kept[axis].binary_search(&self.position(canvas, *index, axis)).is_ok())
            };
            return inside.into_iter().filter(is_kept).collect();
        }
        let (rect, mut nearest) = (canvas.rect, BTreeMap::new());
        for index in inside {
            let [x, y] = canvas.at(self.arrows[index].centre);
            let part = [(y - rect.y) / APART, (x - rect.x) / APART];
            let square = part.map(|part| part.floor());
            let distance = (part[0] - square[0] - 0.5).hypot(part[1] - square[1] - 0.5);
            let best = nearest.entry(square.map(|side| side as i64)).or_insert((distance, index));
            if distance < best.0 {
                *best = (distance, index);
            }
        }
        nearest.into_values().map(|(_, index)| index).collect()
    }

    fn position(&self, canvas: &Canvas, index: usize, axis: usize) -> i64 {
        let [x, y] = canvas.at(self.arrows[index].centre);
        ([y, x][axis] * 1000.0).round() as i64
    }
}

impl Figure for VectorFieldFigure {
    fn drawing(&self) -> Drawing {
        let mut canvas = self.image.picture([580.0, 520.0]);
        let scale = canvas.scale;
        let on_page = |vector: [f64; 2]| [vector[1] * scale[0], vector[0] * scale[1]];
        let length = |[x, y]: [f64; 2]| x.hypot(y);

        let shown: Vec<_> = self.thinned(&canvas).into_iter().map(|index| self.arrows[index]).collect();

        let mut lengths: Vec<f64> = shown.iter().map(|arrow| length(on_page(arrow.vector))).collect();
        let long = match lengths.len() {
            0 => 0.0,
            // A few outliers may overlap; most arrows must not.
            _ => {
                let [most, longest] = quantiles(&mut lengths, [0.95, 1.0]);
                if longest < 2.0 * most || most == 0.0 { longest } else { most }
            }
        };
        let factor = if long > 0.0 { round_factor(0.95 * APART / long) } else { 1.0 };
        let palette = Palette::new(ColourMap::Cyclic);
        let mut drawn = 0;
        for &Arrow { centre, vector } in &shown {
            let step = on_page(vector).map(|x| x * factor);
            let from = canvas.at(centre);
            let rect = canvas.rect;
            let beyond = |x: f64, low: f64, high: f64| (low - x).max(x - high) > MARGIN - 4.0;
            if beyond(from[0] + step[0], rect.x, rect.right())
                || beyond(from[1] + step[1], rect.y, rect.bottom())
            {
                continue;
            }
            let colour = if length(step) > 0.0 { palette.at(turn(step), [0.0, 1.0]) } else { None };
            arrow(&mut canvas.drawing, from, step, colour.unwrap_or(FRAME));
            drawn += 1;
        }

        let mut content = canvas.drawing;
        let below = content.height() + 8.0;
        let bar = scale_bar(self.image.extent().1, self.image.pixel(), canvas.rect.width);
        let beside = bar.width() + 28.0;
        let keys = key(long, factor, scale, self.image.pixel());
        let fits = beside + keys.width() <= canvas.rect.width.max(220.0);
        content.place(bar, [0.0, below + 14.0]);
        content.place(keys, if fits { [beside, below] } else { [0.0, below + 36.0] });

        let magnification = if drawn == 0 {
            "there is no vector to show".to_owned()
        } else if long == 0.0 {
            "all vectors shown are zero".to_owned()
        } else {
            format!("arrows are magnified {} times", significant(factor, 3))
        };
        let mut notes = vec![magnification];
        if drawn < self.given {
            notes.push(format!("{} of {} shown", count(drawn), counted(self.given, "vector")));
        }
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

/// The largest round factor not above `limit`.
fn round_factor(limit: f64) -> f64 {
    let decade = 10f64.powf(limit.log10().floor());
    let factors = [8.0, 6.0, 5.0, 4.0, 3.0, 2.5, 2.0, 1.5];
    decade * factors.into_iter().find(|factor| factor * decade <= limit).unwrap_or(1.0)
}

/// The direction as a fraction of a turn, counter-clockwise from the right.
fn turn([x, y]: [f64; 2]) -> f64 {
    // y points downwards on the page.
    ((-y).atan2(x) / std::f64::consts::TAU).rem_euclid(1.0)
}

/// An arrow with a light edge, visible on dark and on bright background.
fn arrow(drawing: &mut Drawing, from: [f64; 2], step: [f64; 2], colour: [u8; 3]) {
    let length = step[0].hypot(step[1]);
    if length < 1.5 {
        drawing.circle(from, 1.5, Some(colour.into()), Some(Pen::new(Ink { rgb: WHITE, opacity: 0.8 }, 0.8)));
        return;
    }
    let along = [step[0] / length, step[1] / length];
    let across = [-along[1], along[0]];
    let head = (0.42 * length).clamp(2.5, 7.5);
    let shaft = 1.0;
    let point = |a: f64, b: f64| [0, 1].map(|i| from[i] + a * along[i] + b * across[i]);
    let neck = (length - head).max(0.0);
    let outline = [
        point(0.0, shaft),
        point(neck, shaft),
        point(neck, 0.5 * head),
        point(length, 0.0),
        point(neck, -0.5 * head),
        point(neck, -shaft),
        point(0.0, -shaft),
    ];
    let mut edge = crate::outline::polyline(&outline);
    edge.push(crate::outline::Segment::Close);
    drawing.path(edge.clone(), None, Some(Pen::new(Ink { rgb: WHITE, opacity: 0.85 }, 1.8)));
    drawing.path(edge, Some(colour.into()), None);
}

/// A reference arrow with its length in the unit of the image, and the colour wheel of directions.
fn key(long: f64, factor: f64, scale: [f64; 2], pixel: &PixelSize) -> Drawing {
    let mut drawing = Drawing::empty(0.0, 44.0);
    let mut x = 0.0;
    if long > 0.0 {
        // A round length near that of two long arrows.
        let per_unit = scale[0] / pixel.column;
        let length = round_fifth(5.0 * 1.6 * long / per_unit);
        let shown = length * per_unit * factor;
        arrow(&mut drawing, [0.0, 22.0], [shown, 0.0], BLACK);
        let label = length_label(length, &pixel.unit);
        let style = TextStyle::new(LABEL, BLACK);
        drawing.text([shown + 7.0, 22.0 + font::CAPITALS * LABEL / 2.0], &label, style);
        x = shown + 7.0 + font::width(&label, LABEL) + 26.0;
    }
    let (centre, outer, inner) = ([x + 20.0, 22.0], 20.0, 10.0);
    const WEDGES: u32 = 48;
    for wedge in 0..WEDGES {
        let edge = |i: u32| f64::from(i) / f64::from(WEDGES) * std::f64::consts::TAU;
        // Adjacent wedges overlap slightly, which hides the seams.
        let (start, end) = (edge(wedge), edge(wedge + 1) + 0.06);
        let at = |angle: f64, r: f64| [centre[0] + r * angle.cos(), centre[1] - r * angle.sin()];
        let corners = [at(start, inner), at(start, outer), at(end, outer), at(end, inner)];
        drawing.polygon(&corners, ColourMap::Cyclic.colour((f64::from(wedge) + 0.5) / f64::from(WEDGES)));
    }
    drawing.text(
        [centre[0] + outer + 7.0, 22.0 + font::CAPITALS * NOTE / 2.0],
        "direction",
        TextStyle::new(NOTE, BLACK).anchored(Anchor::Start),
    );
    drawing.reach(centre[0] + outer + 7.0 + font::width("direction", NOTE), 44.0);
    drawing
}
