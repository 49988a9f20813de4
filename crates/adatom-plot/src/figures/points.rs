//! Points in a plot: circles for few points, counts in small squares for many.

use crate::axes::Plot;
use crate::colour::Palette;
use crate::colour_bar::ColourBar;
use crate::drawing::{Drawing, Ink, Raster};
use crate::scale::{Limits, Span, Ticks};
use crate::text::count;
use crate::{ColourMap, layout};

/// More circles than this hide each other and make SVG files large.
const MOST_CIRCLES: usize = 4000;

/// Side of the squares in which points are counted, in pixels of the page.
const SQUARE: f64 = 3.0;

/// A point of a plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its x value.
    pub x: f64,
    /// Its y value.
    pub y: f64,
    /// The value that sets its colour; NaN without one.
    pub colour: f64,
}

impl Point {
    /// A point without a colour value.
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y, colour: f64::NAN }
    }

    fn is_finite(&self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

/// The quantity that sets the colours of points.
#[derive(Debug, Clone, Copy)]
pub struct ColourBy<'a> {
    /// Its name, shown at the colour bar.
    pub label: &'a str,
    /// Its colours.
    pub map: ColourMap,
}

/// Points drawn into a plot.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DrawnPoints {
    /// The finished plot, with a colour bar beside it where colours have a meaning.
    pub drawing: Drawing,
    /// What the colours are, where points are counted in squares.
    pub note: Option<String>,
}

/// A point at its position on the page.
#[derive(Debug, Clone, Copy)]
struct Placed {
    at: [f64; 2],
    colour: f64,
}

/// The colours of values.
#[derive(Debug, Clone, Copy)]
struct Colours {
    map: ColourMap,
    span: Span,
}

/// Draws points into a plot and finishes it.
pub fn draw(mut plot: Plot, points: &[Point], colour: Option<ColourBy<'_>>) -> DrawnPoints {
    let inside: Vec<Placed> = points
        .iter()
        .filter(|point| point.is_finite())
        .map(|point| Placed { at: plot.at([point.x, point.y]), colour: point.colour })
        .filter(|point| plot.holds(point.at))
        .collect();
    let limits = |map| if map == ColourMap::Cyclic { Limits::TURN } else { Limits::Percentiles };
    let colours = colour.and_then(|ColourBy { map, .. }| {
        Some(Colours { map, span: limits(map).of(inside.iter().map(|point| point.colour))? })
    });
    let label = colour.map_or("", |colour| colour.label);
    let bar = colours.map(|Colours { map, span }| ColourBar::new(map, span, label));
    if inside.len() <= MOST_CIRCLES {
        circles(&mut plot, &inside, colours);
        return DrawnPoints { drawing: beside(plot, bar), note: None };
    }
    let squares = Squares::count(&plot, &inside, colours);
    plot.drawing.picture(plot.area, squares.raster(colours));
    let n = count(inside.len());
    let note = match bar {
        Some(_) => format!("colour: mean of the points in each square of {SQUARE} pixels, {n} points"),
        None => format!("density of {n} points, on a logarithmic scale"),
    };
    let bar = bar.unwrap_or_else(|| density_bar(squares.fullest()));
    DrawnPoints { drawing: beside(plot, Some(bar)), note: Some(note) }
}

fn beside(plot: Plot, bar: Option<ColourBar<'_>>) -> Drawing {
    let area = plot.area;
    let mut drawing = plot.finish();
    if let Some(bar) = bar {
        let right = drawing.width().max(area.right()) + 10.0;
        drawing.place(bar.vertical(area.height), [right, area.y]);
    }
    drawing
}

fn circles(plot: &mut Plot, points: &[Placed], colours: Option<Colours>) {
    let palette = Palette::new(colours.map_or(ColourMap::Viridis, |colours| colours.map));
    // Fewer points can be larger and darker without hiding each other.
    let (radius, opacity) = match points.len() {
        0..=100 => (3.6, 0.85),
        101..=800 => (2.7, 0.7),
        _ => (2.0, 0.5),
    };
    for point in points {
        let rgb = match colours {
            Some(Colours { span, .. }) => palette.at(point.colour, span.limits).unwrap_or([0x99; 3]),
            None => [0x00, 0x5A, 0x9C],
        };
        plot.drawing.circle(point.at, radius, Some(Ink { rgb, opacity }), None);
    }
}

/// Points counted in squares that tile the area of a plot.
struct Squares {
    rows: usize,
    columns: usize,
    counts: Vec<f64>,
    /// Sums over the values in each square, where values set the colours.
    sums: Vec<Sum>,
}

/// The sum of values and how many there are; of angles the sums of sines and cosines, whose direction is the
/// mean.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    values: f64,
    weights: f64,
}

impl Squares {
    fn count(plot: &Plot, points: &[Placed], colours: Option<Colours>) -> Self {
        let area = plot.area;
        let (columns, rows) = ((area.width / SQUARE).ceil() as usize, (area.height / SQUARE).ceil() as usize);
        let mut counts = vec![0f64; rows * columns];
        let mut sums = vec![Sum::default(); if colours.is_some() { rows * columns } else { 0 }];
        for &Placed { at: [x, y], colour } in points {
            let column = (((x - area.x) / area.width * columns as f64) as usize).min(columns - 1);
            let row = (((y - area.y) / area.height * rows as f64) as usize).min(rows - 1);
            counts[row * columns + column] += 1.0;
            if let Some(colours) = colours.filter(|_| colour.is_finite()) {
                let sum = &mut sums[row * columns + column];
                let (value, weight) = if colours.is_cyclic() { colour.sin_cos() } else { (colour, 1.0) };
                sum.values += value;
                sum.weights += weight;
            }
        }
        Self { rows, columns, counts, sums }
    }

    /// The count in the fullest square.
    fn fullest(&self) -> f64 {
        self.counts.iter().copied().fold(1.0, f64::max)
    }

    fn raster(&self, colours: Option<Colours>) -> Raster {
        let fullest = self.fullest();
        let palette = Palette::new(colours.map_or(ColourMap::Viridis, |colours| colours.map));
        Raster::from_fn(self.rows, self.columns, |row, column| {
            let index = row * self.columns + column;
            let n = self.counts[index];
            if n == 0.0 {
                return None;
            }
            let Some(colours) = colours else {
                return palette.at(n.ln() / fullest.max(2.0).ln(), [0.0, 1.0]);
            };
            let Sum { values, weights } = self.sums[index];
            let mean = if colours.is_cyclic() { values.atan2(weights) } else { values / weights };
            palette.at(mean, colours.span.limits).or(Some([0x99; 3]))
        })
    }
}

impl Colours {
    fn is_cyclic(&self) -> bool {
        self.map == ColourMap::Cyclic
    }
}

/// From 1 to the fullest square, with ticks at 1, 10, 100 (or 1, 2, 5 where there are few decades).
fn density_bar(fullest: f64) -> ColourBar<'static> {
    let top = fullest.max(2.0).ln();
    let factors: &[f64] = if fullest < 200.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let candidates = (0..12).flat_map(|decade| factors.iter().map(move |factor| factor * 10f64.powi(decade)));
    let values: Vec<f64> = candidates.take_while(|&n| n <= fullest.max(2.0)).collect();
    let ticks = Ticks {
        labels: values.iter().map(|&n| count(n as usize)).collect(),
        values: values.iter().map(|n| n.ln()).collect(),
    };
    ColourBar::new(ColourMap::Viridis, Span::within([0.0, top]), "points per square").ticks(ticks)
}

/// The side of a square plotting area, in pixels.
pub const SIDE: f64 = 360.0;

/// A finished plot with its title above and notes below.
pub fn with_notes(content: Drawing, title: &str, notes: Vec<String>) -> Drawing {
    layout::titled(content, title, &notes).with_margin(layout::MARGIN)
}
