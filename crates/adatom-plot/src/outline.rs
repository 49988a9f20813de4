//! Outlines: lines and curves from point to point.

/// One step of an outline; points are (x, y) in pixels of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Starts at a point.
    Move([f64; 2]),
    /// A straight line to a point.
    Line([f64; 2]),
    /// A quadratic Bézier curve: control point, end.
    Quad([f64; 2], [f64; 2]),
    /// A cubic Bézier curve: two control points, end.
    Cubic([f64; 2], [f64; 2], [f64; 2]),
    /// A straight line back to the start.
    Close,
}

impl Segment {
    /// The same step with every point transformed.
    pub fn map(self, point: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        match self {
            Self::Move(p) => Self::Move(point(p)),
            Self::Line(p) => Self::Line(point(p)),
            Self::Quad(a, p) => Self::Quad(point(a), point(p)),
            Self::Cubic(a, b, p) => Self::Cubic(point(a), point(b), point(p)),
            Self::Close => Self::Close,
        }
    }
}

/// Straight lines through `points`; not closed.
pub fn polyline(points: &[[f64; 2]]) -> Vec<Segment> {
    let step = |(index, &point)| if index == 0 { Segment::Move(point) } else { Segment::Line(point) };
    points.iter().enumerate().map(step).collect()
}
