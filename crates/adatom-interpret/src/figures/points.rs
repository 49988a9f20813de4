//! Points in a plot: circles while they are few, counts in small squares when they are many.

use crate::axes::Plot;
use crate::colour::Palette;
use crate::colour_bar::ColourBar;
use crate::drawing::{Drawing, Ink, Raster};
use crate::scale::{Limits, Span, Ticks};
use crate::text::count;
use crate::{ColourMap, layout};

/// More circles than this would hide each other and make SVG files large.
const MOST_CIRCLES: usize = 4000;

/// Side of the squares in which points are counted, in pixels of the page.
const SQUARE: f64 = 3.0;

/// One point: x, y, and the value that colours it (NaN without one).
pub(crate) type Point = [f64; 3];

/// Draws points, and returns the plot with a colour bar beside it where there is one, and a note.
pub(crate) fn draw(
    mut plot: Plot,
    points: &[Point],
    colour: Option<(&str, ColourMap)>,
) -> (Drawing, Option<String>) {
    let inside: Vec<([f64; 2], f64)> = points
        .iter()
        .filter(|point| point[0].is_finite() && point[1].is_finite())
        .map(|point| (plot.at([point[0], point[1]]), point[2]))
        .filter(|(at, _)| plot.holds(*at))
        .collect();
    let limits = |map| if map == ColourMap::Cyclic { Limits::TURN } else { Limits::Percentiles };
    let span = colour.and_then(|(_, map)| limits(map).of(inside.iter().map(|(_, value)| *value)));
    if inside.len() <= MOST_CIRCLES {
        circles(&mut plot, &inside, colour.and_then(|(_, map)| Some((map, span?))));
        let bar = colour.and_then(|(label, map)| Some(ColourBar::new(map, span?, label)));
        return (beside(plot, bar), None);
    }
    let (raster, fullest) = squares(&plot, &inside, colour.and_then(|(_, map)| Some((map, span?))));
    plot.drawing.picture(plot.area, raster);
    let n = count(inside.len());
    match colour.and_then(|(label, map)| Some((label, map, span?))) {
        Some((label, map, span)) => {
            let note = format!("colour: mean over the points in each square of {SQUARE} pixels, {n} points");
            (beside(plot, Some(ColourBar::new(map, span, label))), Some(note))
        }
        None => {
            let bar = density_bar(fullest);
            (beside(plot, Some(bar)), Some(format!("density of {n} points, on a logarithmic scale")))
        }
    }
}

fn beside(plot: Plot, bar: Option<ColourBar<'_>>) -> Drawing {
    let area = plot.area;
    let mut drawing = plot.finish();
    if let Some(bar) = bar {
        let right = drawing.width().max(area.right()) + 10.0;
        drawing.place(bar.upright(area.height), [right, area.y]);
    }
    drawing
}

fn circles(plot: &mut Plot, points: &[([f64; 2], f64)], colour: Option<(ColourMap, Span)>) {
    let palette = Palette::new(colour.map_or(ColourMap::Viridis, |(map, _)| map));
    // Fewer points can be larger and darker without hiding each other.
    let (radius, opacity) = match points.len() {
        0..=100 => (3.6, 0.85),
        101..=800 => (2.7, 0.7),
        _ => (2.0, 0.5),
    };
    for &(at, value) in points {
        let rgb = match colour {
            Some((_, span)) => palette.at(value, span.limits).unwrap_or([0x99; 3]),
            None => [0x00, 0x5A, 0x9C],
        };
        plot.drawing.circle(at, radius, Some(Ink { rgb, opacity }), None);
    }
}

/// Colours of squares with points, and the count in the fullest.
fn squares(plot: &Plot, points: &[([f64; 2], f64)], colour: Option<(ColourMap, Span)>) -> (Raster, f64) {
    let area = plot.area;
    let (columns, rows) = ((area.width / SQUARE).ceil() as usize, (area.height / SQUARE).ceil() as usize);
    let mut counts = vec![0f64; rows * columns];
    let cyclic = colour.is_some_and(|(map, _)| map == ColourMap::Cyclic);
    // Sum and number of values; of angles the sums of sines and cosines, whose direction is the mean.
    let mut sums = vec![(0f64, 0f64); if colour.is_some() { rows * columns } else { 0 }];
    for &([x, y], value) in points {
        let column = (((x - area.x) / area.width * columns as f64) as usize).min(columns - 1);
        let row = (((y - area.y) / area.height * rows as f64) as usize).min(rows - 1);
        counts[row * columns + column] += 1.0;
        if value.is_finite() && colour.is_some() {
            let sum = &mut sums[row * columns + column];
            let more = if cyclic { value.sin_cos() } else { (value, 1.0) };
            *sum = (sum.0 + more.0, sum.1 + more.1);
        }
    }
    let fullest = counts.iter().copied().fold(1.0, f64::max);
    let palette = Palette::new(colour.map_or(ColourMap::Viridis, |(map, _)| map));
    let raster = Raster::from_fn(rows, columns, |row, column| {
        let index = row * columns + column;
        let n = counts[index];
        if n == 0.0 {
            return None;
        }
        match colour {
            Some((_, span)) => {
                let (sum, weight) = sums[index];
                let mean = if cyclic { sum.atan2(weight) } else { sum / weight };
                palette.at(mean, span.limits).or(Some([0x99; 3]))
            }
            None => palette.at(n.ln() / fullest.max(2.0).ln(), [0.0, 1.0]),
        }
    });
    (raster, fullest)
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
    let span = Span { limits: [0.0, top], below: false, above: false, constant: false };
    ColourBar { ticks: Some(ticks), ..ColourBar::new(ColourMap::Viridis, span, "points in a square") }
}

/// A side of a square plotting area.
pub(crate) const SIDE: f64 = 360.0;

/// Notes below a plot, with room for the words about left-out points.
pub(crate) fn with_notes(content: Drawing, title: &str, notes: Vec<String>) -> Drawing {
    layout::titled(content, title, &notes).with_margin(layout::MARGIN)
}
