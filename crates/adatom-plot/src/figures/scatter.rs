//! Scatter plots.

use ndarray::ArrayView1;

use super::points::{self, ColourBy, DrawnPoints, Point, SIDE};
use crate::axes::{Axis, Plot};
use crate::drawing::Drawing;
use crate::scale::{extent, quantiles, widened};
use crate::text::count;
use crate::{ColourMap, Error, Figure, Result};

/// Two quantities against each other, optionally coloured by a third one.
///
/// Up to 4000 points are drawn as circles; more are counted in small squares. The axes exclude outliers (at
/// most a thousandth of the points), and the figure states how many.
///
/// ```
/// use adatom_plot::{Figure, ScatterFigure, ndarray::Array1};
/// let z = Array1::linspace(-2.0f32, 2.0, 50);
/// let figure = ScatterFigure::new(z.view(), z.mapv(|z| z * z).view())?
///     .labels("z₁", "z₂")
///     .coloured_by("rotation (rad)", z.view())?;
/// assert!(figure.drawing().width() > 300.0);
///
/// let short = Array1::<f32>::zeros(3);
/// let error = ScatterFigure::new(z.view(), short.view()).unwrap_err();
/// assert_eq!(error.to_string(), "the y values: expected shape [50], found [3]");
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ScatterFigure {
    points: Vec<Point>,
    title: String,
    labels: [String; 2],
    colour: Option<Colour>,
}

/// The quantity that sets the colours.
#[derive(Debug, Clone)]
struct Colour {
    label: String,
    map: ColourMap,
}

impl ScatterFigure {
    /// Points at `x` `[n]`, `y` `[n]`; points that are not finite are left out.
    ///
    /// # Errors
    /// [`Error::Empty`] without a point, [`Error::Shape`] when `y` has another length than `x`.
    pub fn new(x: ArrayView1<'_, f32>, y: ArrayView1<'_, f32>) -> Result<Self> {
        if x.is_empty() {
            return Err(Error::Empty { what: "the list of points" });
        }
        same_length("the y values", x.len(), y.len())?;
        let points = x.iter().zip(y).map(|(&x, &y)| Point::new(x.into(), y.into())).collect();
        Ok(Self { points, title: String::new(), labels: Default::default(), colour: None })
    }

    /// The title above the plot; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The labels of the axes; none by default.
    pub fn labels(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        self.labels = [x.into(), y.into()];
        self
    }

    /// Colours every point by a third quantity `[n]`, named `label` at the colour bar.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one value for each point.
    pub fn coloured_by(mut self, label: impl Into<String>, values: ArrayView1<'_, f32>) -> Result<Self> {
        same_length("the colour values", self.points.len(), values.len())?;
        for (point, &value) in self.points.iter_mut().zip(values) {
            point.colour = value.into();
        }
        let map = self.colour.map_or(ColourMap::Viridis, |colour| colour.map);
        self.colour = Some(Colour { label: label.into(), map });
        Ok(self)
    }

    /// The colours of the third quantity; viridis by default, [`ColourMap::Cyclic`] for angles in radians.
    pub fn colour_map(mut self, map: ColourMap) -> Self {
        self.colour = self.colour.map(|colour| Colour { map, ..colour });
        self
    }
}

fn same_length(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::Shape { what, expected: vec![expected], found: vec![found] })
    }
}

impl Figure for ScatterFigure {
    fn drawing(&self) -> Drawing {
        let limits = [
            robust_extent(self.points.iter().map(|point| point.x)),
            robust_extent(self.points.iter().map(|point| point.y)),
        ];
        let plot = Plot::new(
            &Axis::new(&self.labels[0], limits[0]),
            &Axis::new(&self.labels[1], limits[1]),
            [SIDE, SIDE],
        );
        let colour = self.colour.as_ref().map(|colour| ColourBy { label: &colour.label, map: colour.map });
        let DrawnPoints { drawing, note } = points::draw(plot, &self.points, colour);
        let contains = |[low, high]: [f64; 2], value: f64| (low..=high).contains(&value);
        let within = |point: &&Point| contains(limits[0], point.x) && contains(limits[1], point.y);
        let beyond = self.points.len() - self.points.iter().filter(within).count();
        let mut notes: Vec<_> = note.into_iter().collect();
        match beyond {
            0 => {}
            1 => notes.push("1 point lies beyond the axes or is not finite".into()),
            n => notes.push(format!("{} points lie beyond the axes or are not finite", count(n))),
        }
        points::with_notes(drawing, &self.title, notes)
    }
}

/// The extent of all values, without the outermost thousandth where that more than doubles it.
fn robust_extent(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let mut finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    if finite.len() < 1000 {
        return extent(finite.into_iter());
    }
    let [lowest, highest] = quantiles(&mut finite, [0.0, 1.0]);
    let [low, high] = quantiles(&mut finite, [0.0005, 0.9995]);
    let margin = 0.1 * (high - low);
    if high > low && highest - lowest > 2.0 * (high - low) {
        widened([(low - margin).max(lowest), (high + margin).min(highest)])
    } else {
        extent([lowest, highest].into_iter())
    }
}
