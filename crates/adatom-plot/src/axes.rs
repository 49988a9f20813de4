//! A plotting area with two axes: grid, ticks, labels, and the map from values to positions on the page.

use crate::drawing::{Anchor, BLACK, Drawing, FRAME, GRID, Ink, Pen, Rect, TextStyle};
use crate::font;
use crate::layout::{LABEL, TICK};
use crate::scale::{Ticks, ticks};

/// An axis: its label and its limits.
#[derive(Debug, Clone)]
pub struct Axis {
    label: String,
    limits: [f64; 2],
    /// Ticks at integers only, as for epochs.
    integer: bool,
    /// No numbers at the ticks, because another plot with the same axis has them.
    unlabelled: bool,
}

impl Axis {
    /// An axis from `limits[0]` to `limits[1]`, which must differ.
    pub fn new(label: &str, limits: [f64; 2]) -> Self {
        Self { label: label.to_owned(), limits, integer: false, unlabelled: false }
    }

    /// The same axis with ticks at integers only, as for epochs.
    pub fn integers(self) -> Self {
        Self { integer: true, ..self }
    }

    /// The same axis without label and numbers, for a plot above another one with the same axis.
    pub fn unlabelled(self) -> Self {
        Self { unlabelled: true, label: String::new(), ..self }
    }

    fn ticks(&self, most: usize) -> Ticks {
        let mut found = ticks(self.limits, most);
        if self.integer {
            let keep: Vec<bool> =
                found.values.iter().map(|value| (value - value.round()).abs() < 1e-9).collect();
            let mut kept = keep.iter();
            found.values.retain(|_| *kept.next().unwrap_or(&true));
            let mut kept = keep.iter();
            found.labels.retain(|_| *kept.next().unwrap_or(&true));
            for label in &mut found.labels {
                // The ticks at 0.5, 1.5 are gone, and 1.0 becomes 1.
                if let Some((whole, _)) = label.split_once('.').filter(|_| !label.contains('×')) {
                    *label = whole.to_owned();
                }
            }
        }
        found
    }
}

/// A plotting area with axes, into which data are drawn.
#[derive(Debug, Clone)]
pub struct Plot {
    /// Everything that has been drawn.
    pub drawing: Drawing,
    /// The rectangle between the axes.
    pub area: Rect,
    x: [f64; 2],
    y: [f64; 2],
}

impl Plot {
    /// Axes around an area of `size` pixels (width, height); [`finish`](Self::finish) ends the drawing.
    pub fn new(x: &Axis, y: &Axis, size: [f64; 2]) -> Self {
        Self::with_left(x, y, size, Self::left(y, size))
    }

    /// The width in pixels that the labels of the y axis need.
    pub fn left(y: &Axis, size: [f64; 2]) -> f64 {
        let widest = y_ticks(y, size).labels.iter().map(|label| font::width(label, TICK)).fold(0.0, f64::max);
        (y_lines(y, size).len() as f64 * LABEL * 1.35 + 6.0 + widest + 8.0).ceil()
    }

    /// As [`new`](Self::new), with `left` pixels for the labels of the y axis, which aligns the x axes of
    /// plots above each other.
    pub fn with_left(x: &Axis, y: &Axis, size: [f64; 2], left: f64) -> Self {
        let (y_ticks, y_lines) = (y_ticks(y, size), y_lines(y, size));
        let area = Rect::new([left, 8.0], size);
        let mut plot = Self { drawing: Drawing::empty(0.0, 0.0), area, x: x.limits, y: y.limits };

        let x_ticks = fitting_ticks(x, size[0]);
        for &value in &x_ticks.values {
            let x = plot.at([value, y.limits[0]])[0];
            plot.drawing.line([x, area.y], [x, area.bottom()], Pen::new(GRID, 1.0));
        }
        for &value in &y_ticks.values {
            let y = plot.at([x.limits[0], value])[1];
            plot.drawing.line([area.x, y], [area.right(), y], Pen::new(GRID, 1.0));
        }
        let mut right = area.right() + 4.0;
        let unlabelled = x.unlabelled;
        for (&value, label) in x_ticks.values.iter().zip(&x_ticks.labels) {
            let x = plot.at([value, y.limits[0]])[0];
            plot.drawing.line([x, area.bottom()], [x, area.bottom() + 4.0], Pen::new(FRAME, 1.0));
            if unlabelled {
                continue;
            }
            let style = TextStyle::new(TICK, BLACK).anchored(Anchor::Middle);
            plot.drawing.text([x, area.bottom() + 6.0 + TICK], label, style);
            right = right.max(x + font::width(label, TICK) / 2.0 + 2.0);
        }
        for (&value, label) in y_ticks.values.iter().zip(&y_ticks.labels) {
            let y = plot.at([x.limits[0], value])[1];
            plot.drawing.line([area.x - 4.0, y], [area.x, y], Pen::new(FRAME, 1.0));
            let style = TextStyle::new(TICK, BLACK).anchored(Anchor::End);
            plot.drawing.text([area.x - 7.0, y + font::CAPITALS * TICK / 2.0], label, style);
        }
        for (index, line) in y_lines.iter().enumerate() {
            let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle).upwards();
            let at = [(index as f64 * 1.35 + 1.0) * LABEL, area.y + size[1] / 2.0];
            plot.drawing.text(at, line, style);
        }
        let mut below = if unlabelled { area.bottom() + 5.0 } else { area.bottom() + 6.0 + TICK + 5.0 };
        for line in font::wrap(&x.label, LABEL, size[0].max(120.0)) {
            below += LABEL * 1.3;
            let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
            plot.drawing.text([area.x + size[0] / 2.0, below - 3.0], &line, style);
        }
        plot.drawing.reach(right, below + 1.0);
        plot
    }

    /// The position of the values (x, y) on the page.
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let part = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        [
            self.area.x + part(x, self.x) * self.area.width,
            self.area.bottom() - part(y, self.y) * self.area.height,
        ]
    }

    /// Adds a line through values (x, y), clipped to the area and interrupted where a value is not finite.
    pub fn curve(&mut self, points: impl Iterator<Item = [f64; 2]>, pen: Pen) {
        let mut piece: Vec<[f64; 2]> = Vec::new();
        let mut previous: Option<[f64; 2]> = None;
        let draw = |drawing: &mut Drawing, piece: &mut Vec<[f64; 2]>| {
            if piece.len() > 1 {
                drawing.path(crate::outline::polyline(piece), None, Some(pen));
            }
            piece.clear();
        };
        for point in points {
            let here = point.iter().all(|value| value.is_finite()).then(|| self.at(point));
            if let (Some(from), Some(to)) = (previous, here) {
                match clip(from, to, self.area) {
                    Some([start, end]) => {
                        if piece.last() != Some(&start) {
                            draw(&mut self.drawing, &mut piece);
                            piece.push(start);
                        }
                        piece.push(end);
                    }
                    None => draw(&mut self.drawing, &mut piece),
                }
            } else {
                draw(&mut self.drawing, &mut piece);
            }
            previous = here;
        }
        draw(&mut self.drawing, &mut piece);
    }

    /// Fills the area between two lines, given as (x, lower, upper); interrupted where a value is not finite.
    pub fn band(&mut self, points: impl Iterator<Item = [f64; 3]>, ink: Ink) {
        let mut piece: Vec<[[f64; 2]; 2]> = Vec::new();
        let area = self.area;
        let fill = |drawing: &mut Drawing, piece: &mut Vec<[[f64; 2]; 2]>| {
            if piece.len() > 1 {
                let above = piece.iter().map(|ends| ends[1]);
                let outline: Vec<_> = piece.iter().map(|ends| ends[0]).chain(above.rev()).collect();
                drawing.polygon(&outline, ink);
            }
            piece.clear();
        };
        for [x, low, high] in points {
            let ends = [[x, low], [x, high]].map(|end| self.at(end));
            if ends.iter().flatten().all(|position| position.is_finite()) {
                piece
                    .push(ends.map(|[x, y]| [x.clamp(area.x, area.right()), y.clamp(area.y, area.bottom())]));
            } else {
                fill(&mut self.drawing, &mut piece);
            }
        }
        fill(&mut self.drawing, &mut piece);
    }

    /// Whether a position on the page lies inside the area.
    pub fn holds(&self, [x, y]: [f64; 2]) -> bool {
        (self.area.x..=self.area.right()).contains(&x) && (self.area.y..=self.area.bottom()).contains(&y)
    }

    /// The drawing with a frame around the area.
    pub fn finish(mut self) -> Drawing {
        self.drawing.rect(self.area, None, Some(Pen::new(FRAME, 1.0)));
        self.drawing
    }
}

fn y_ticks(y: &Axis, size: [f64; 2]) -> Ticks {
    y.ticks(((size[1] / 38.0) as usize).clamp(2, 8))
}

fn y_lines(y: &Axis, size: [f64; 2]) -> Vec<String> {
    font::wrap(&y.label, LABEL, size[1].max(80.0))
}

/// As many ticks as fit with their labels at least one character apart.
fn fitting_ticks(axis: &Axis, width: f64) -> Ticks {
    let [low, high] = axis.limits;
    let mut most = 9;
    loop {
        let ticks = axis.ticks(most);
        let position = |value: f64| (value - low) / (high - low) * width;
        let mut pairs = ticks.values.windows(2).zip(ticks.labels.windows(2));
        let free = pairs.all(|(values, labels)| {
            let taken = labels.iter().map(|label| font::width(label, TICK)).sum::<f64>() / 2.0;
            position(values[1]) - position(values[0]) >= taken + TICK
        });
        if free || most <= 2 {
            return ticks;
        }
        most -= 1;
    }
}

/// The part of a line inside a rectangle (Liang and Barsky 1984).
fn clip(from: [f64; 2], to: [f64; 2], rect: Rect) -> Option<[[f64; 2]; 2]> {
    let delta = [to[0] - from[0], to[1] - from[1]];
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    let edges = [
        (-delta[0], from[0] - rect.x),
        (delta[0], rect.right() - from[0]),
        (-delta[1], from[1] - rect.y),
        (delta[1], rect.bottom() - from[1]),
    ];
    for (speed, distance) in edges {
        if speed == 0.0 {
            if distance < 0.0 {
                return None;
            }
        } else if speed < 0.0 {
            enter = enter.max(distance / speed);
        } else {
            leave = leave.min(distance / speed);
        }
    }
    let at = |t: f64| {
        // Exactly the given end, so that adjacent pieces of a line are recognised as joined.
        if t == 0.0 {
            from
        } else if t == 1.0 {
            to
        } else {
            [from[0] + t * delta[0], from[1] + t * delta[1]]
        }
    };
    (enter <= leave).then(|| [at(enter), at(leave)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_clipped_at_the_edge() {
        let rect = Rect::new([0.0, 0.0], [10.0, 10.0]);
        // From (-5, 0) to (5, 10) the line is y = x + 5: it enters at x = 0, y = 5.
        assert_eq!(clip([-5.0, 0.0], [5.0, 10.0], rect), Some([[0.0, 5.0], [5.0, 10.0]]));
        assert_eq!(clip([-5.0, 1.0], [-1.0, 9.0], rect), None);
        assert_eq!(clip([3.0, 3.0], [3.0, 3.0], rect), Some([[3.0, 3.0], [3.0, 3.0]]));
    }

    #[test]
    fn epochs_have_integer_ticks() {
        let axis = Axis::new("", [1.0, 3.0]).integers();
        assert_eq!(axis.ticks(9).labels, ["1", "2", "3"]);
    }
}
