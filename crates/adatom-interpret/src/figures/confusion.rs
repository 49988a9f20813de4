//! Confusion matrices.

use crate::Figure;
use adatom_plot::drawing::{Anchor, BLACK, Drawing, FRAME, GRID, Ink, Pen, Rect, TextStyle, WHITE};
use adatom_plot::font;
use adatom_plot::layout::{LABEL, MARGIN, TICK, titled};
use adatom_plot::{Error, Result};
use ndarray::{Array2, ArrayView2};

/// The side of a cell in pixels: the largest, for few classes, and the smallest.
const CELL: [f64; 2] = [68.0, 20.0];

/// The colour of a cell that contains all rows of a class; others are lighter.
const FULL: [u8; 3] = [0x00, 0x4A, 0x86];

/// The largest side of the matrix in pixels, except for many classes.
const WHOLE: f64 = 620.0;

/// The confusion matrix: rows are the true classes, columns the predicted ones. Numbers are counts, colours
/// are fractions of the true class.
///
/// ```
/// use adatom_interpret::{ConfusionFigure, Figure, ndarray::array};
/// let counts = array![[40, 2], [5, 13]];
/// let figure = ConfusionFigure::new(&["4", "6"], counts.view())?;
/// assert!(figure.to_svg().contains("predicted"));
/// let error = ConfusionFigure::new(&["4", "5", "6"], counts.view()).unwrap_err();
/// assert_eq!(error.to_string(), "the confusion matrix: expected shape [3, 3], found [2, 2]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConfusionFigure {
    names: Vec<String>,
    counts: Array2<usize>,
    title: String,
}

impl ConfusionFigure {
    /// A matrix of counts `[classes, classes]` (true, predicted) with the names of the classes.
    ///
    /// # Errors
    /// [`Error::Empty`] without a class; [`Error::Shape`] unless there is a row and a column for each class.
    pub fn new<S: AsRef<str>>(names: &[S], counts: ArrayView2<'_, usize>) -> Result<Self> {
        if names.is_empty() {
            return Err(Error::Empty { what: "the list of classes" });
        }
        if counts.dim() != (names.len(), names.len()) {
            let (expected, found) = (vec![names.len(); 2], counts.shape().to_vec());
            return Err(Error::Shape { what: "the confusion matrix", expected, found });
        }
        let names = names.iter().map(|name| name.as_ref().to_owned()).collect();
        Ok(Self { names, counts: counts.to_owned(), title: String::new() })
    }

    /// The title above the matrix; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// One cell: its colour, the count and, where there is space, the fraction of the true class.
    fn cell(&self, content: &mut Drawing, rect: Rect, at: (usize, usize)) {
        let count = self.counts[at];
        let all: usize = self.counts.row(at.0).sum();
        let fraction = count as f64 / all.max(1) as f64;
        content.rect(rect, Some(Ink { rgb: FULL, opacity: fraction }), Some(Pen::new(GRID, 1.0)));
        let ink = if fraction > 0.55 { WHITE } else { BLACK };
        let middle = [rect.x + rect.width / 2.0, rect.y + rect.height / 2.0];
        let style = |size| TextStyle::new(size, ink).anchored(Anchor::Middle);
        if rect.width < 44.0 {
            let size = TICK.min(0.5 * rect.height);
            if count > 0 {
                let baseline = middle[1] + font::CAPITALS * size / 2.0;
                content.text([middle[0], baseline], &count.to_string(), style(size));
            }
            return;
        }
        content.text([middle[0], middle[1] - 1.0], &count.to_string(), style(LABEL + 1.5));
        content.text(
            [middle[0], middle[1] + TICK + 3.0],
            &format!("{:.0} %", 100.0 * fraction),
            style(TICK - 1.0),
        );
    }
}

impl Figure for ConfusionFigure {
    fn drawing(&self) -> Drawing {
        let classes = self.names.len();
        let side = (WHOLE / classes as f64).clamp(CELL[1], CELL[0]).floor();
        let names: Vec<_> = self.names.iter().map(|name| font::shorten(name, TICK, 150.0)).collect();
        let widest = names.iter().map(|name| font::width(name, TICK)).fold(0.0, f64::max).ceil();
        let rotated = widest > side - 6.0;
        let (left, top) = (LABEL * 1.6 + widest + 8.0, 4.0);
        let extent = side * classes as f64;
        let mut content = Drawing::empty(left + extent + 2.0, top + extent);
        for (index, name) in names.iter().enumerate() {
            let centre = (index as f64 + 0.5) * side;
            let baseline = top + centre + font::CAPITALS * TICK / 2.0;
            content.text([left - 7.0, baseline], name, TextStyle::new(TICK, BLACK).anchored(Anchor::End));
            let style = TextStyle::new(TICK, BLACK);
            let below = top + extent + 6.0;
            if rotated {
                let at = [left + centre + font::CAPITALS * TICK / 2.0, below];
                content.text(at, name, style.anchored(Anchor::End).upwards());
            } else {
                content.text([left + centre, below + TICK], name, style.anchored(Anchor::Middle));
            }
        }
        for row in 0..classes {
            for column in 0..classes {
                let origin = [left + column as f64 * side, top + row as f64 * side];
                self.cell(&mut content, Rect::new(origin, [side, side]), (row, column));
            }
        }
        content.rect(Rect::new([left, top], [extent, extent]), None, Some(Pen::new(FRAME, 1.0)));
        let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
        let below = top + extent + 10.0 + LABEL * 1.3 + if rotated { widest } else { TICK };
        content.text([left + extent / 2.0, below], "predicted", style);
        content.text([LABEL, top + extent / 2.0], "true", style.upwards());
        content.reach(0.0, below + 4.0);
        let notes = ["colour: fraction of the true class".to_owned()];
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}
