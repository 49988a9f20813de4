//! Correlations of latent variables with given fields, as a table of coloured cells.

use crate::statistics::holm;
use crate::{ColourMap, Correlation, FieldCorrelation, Figure};
use adatom_plot::colour::Palette;
use adatom_plot::colour_bar::ColourBar;
use adatom_plot::drawing::{Anchor, BLACK, Drawing, FRAME, Pen, Rect, TextStyle, WHITE};
use adatom_plot::font;
use adatom_plot::layout::{LABEL, MARGIN, TICK, titled};
use adatom_plot::scale::Span;
use adatom_plot::text::fixed;
use adatom_plot::{Error, Result};

const CELL: [f64; 2] = [118.0, 40.0];

/// The distance of the correlations and the linear fit.
const GAP: f64 = 8.0;

/// Relations with a smaller adjusted p are marked as significant.
const LEVEL: f64 = 0.05;

/// Correlations of latent variables (rows) with given fields (columns): Pearson's r with its 95 % confidence
/// interval, and below them R² of a linear fit of all content latents, cross-validated over parts of the
/// image.
///
/// A star marks significant relations (p < 0.05 after Holm's correction for the number of cells).
///
/// ```
/// use adatom_interpret::ndarray::Array2;
/// use adatom_interpret::{
///     CorrelationFigure, FieldCorrelation, Figure, ImageFrame, Latents, PatchGrid, Window,
/// };
/// let grid = PatchGrid::regular([ImageFrame::new(32, 32)], Window::square(4), [4, 4])?;
/// let content = Array2::from_shape_fn((grid.len(), 2), |(patch, k)| ((patch * (k + 2)) as f32).sin());
/// let field = content.column(0).mapv(f64::from);
/// let found = FieldCorrelation::of(&Latents::new(&grid, content.view())?, "strain", field.view())?;
/// assert!(CorrelationFigure::new(vec![found])?.to_svg().contains("aria-label=\"strain\""));
///
/// let error = CorrelationFigure::new(Vec::new()).unwrap_err();
/// assert_eq!(error.to_string(), "the list of fields must not be empty");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CorrelationFigure {
    fields: Vec<FieldCorrelation>,
    title: String,
}

impl CorrelationFigure {
    /// One column for each field, all of the same latent variables.
    ///
    /// # Errors
    /// [`Error::Empty`] without a field, [`Error::Shape`] when their numbers of latent variables differ.
    pub fn new(fields: Vec<FieldCorrelation>) -> Result<Self> {
        let Some(first) = fields.first() else { return Err(Error::Empty { what: "the list of fields" }) };
        let expected = first.latents().len();
        match fields.iter().map(|field| field.latents().len()).find(|&found| found != expected) {
            Some(found) => {
                let what = "the latent variables of a field";
                Err(Error::Shape { what, expected: vec![expected], found: vec![found] })
            }
            None => Ok(Self { fields, title: String::new() }),
        }
    }

    /// The title above the cells; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Whether the relation is significant, for every field and latent variable and after them for every fit.
    fn significant(&self) -> Vec<bool> {
        let single =
            self.fields.iter().flat_map(|field| field.latents().iter().map(|latent| latent.pearson.p));
        let p: Vec<f64> = single.chain(self.fields.iter().map(|field| field.fit().p)).collect();
        holm(&p).into_iter().map(|p| p < LEVEL).collect()
    }
}

impl Figure for CorrelationFigure {
    fn drawing(&self) -> Drawing {
        let names: Vec<&str> = self.fields[0].latents().iter().map(|latent| latent.latent.as_str()).collect();
        let together = "R² of content";
        let widest = names.iter().chain([&together]).map(|name| font::width(name, LABEL)).fold(0.0, f64::max);
        let left = widest.min(220.0).ceil() + 9.0;
        let heads: Vec<Vec<String>> =
            self.fields.iter().map(|field| font::wrap(field.field(), LABEL, CELL[0] - 6.0)).collect();
        let lines = heads.iter().map(Vec::len).max().unwrap_or(1);
        let top = lines as f64 * LABEL * 1.3 + 4.0;
        let height = names.len() as f64 * CELL[1];
        let width = self.fields.len() as f64 * CELL[0];
        let mut content = Drawing::empty(left + width + 1.0, top + height + GAP + CELL[1] + 1.0);
        for (column, head) in heads.iter().enumerate() {
            for (line, text) in head.iter().enumerate() {
                let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
                let above = (head.len() - line - 1) as f64 * LABEL * 1.3 + 7.0;
                content.text([left + (column as f64 + 0.5) * CELL[0], top - above], text, style);
            }
        }
        let significant = self.significant();
        let palette = Palette::new(ColourMap::Diverging);
        let tops = (0..names.len()).map(|row| top + row as f64 * CELL[1]).chain([top + height + GAP]);
        for (row, y) in tops.enumerate() {
            let name = font::shorten(names.get(row).unwrap_or(&together), LABEL, left - 9.0);
            let baseline = y + CELL[1] / 2.0 + font::CAPITALS * LABEL / 2.0;
            content.text([left - 9.0, baseline], &name, TextStyle::new(LABEL, BLACK).anchored(Anchor::End));
            for (column, field) in self.fields.iter().enumerate() {
                let rect = Rect::new([left + column as f64 * CELL[0], y], CELL);
                let star = |index: usize| if significant[index] { "\u{A0}*" } else { "" };
                let (value, large, small) = match field.latents().get(row) {
                    Some(latent) => {
                        let Correlation { r, interval: [low, high], .. } = latent.pearson;
                        let index = column * names.len() + row;
                        let interval = format!("{} to {}", fixed(low, 2), fixed(high, 2));
                        (r, format!("{}{}", fixed(r, 2), star(index)), interval)
                    }
                    None => {
                        let fit = field.fit();
                        let (value, how) = match fit.held_out {
                            Some(held_out) => (held_out, format!("fitted: {}", fixed(fit.r_squared, 2))),
                            None => (fit.r_squared, "fitted only".to_owned()),
                        };
                        let index = self.fields.len() * names.len() + column;
                        (value, format!("{}{}", fixed(value, 2), star(index)), how)
                    }
                };
                // A fit worse than the mean explains nothing.
                let value = if row == names.len() { value.max(0.0) } else { value };
                let colour = palette.at(value, [-1.0, 1.0]).unwrap_or(WHITE);
                cell(&mut content, rect, colour, [&large, &small]);
            }
        }
        let span = Span::within([-1.0, 1.0]);
        let bar = ColourBar::new(ColourMap::Diverging, span, "correlation, R²");
        content.place(bar.vertical((height + GAP + CELL[1]).max(110.0)), [left + width + 16.0, top]);
        let notes = [
            "cells: Pearson's r with its 95\u{A0}% confidence interval for the effective number of \
             independent patches"
                .to_owned(),
            format!("*: significant (p < {LEVEL} after Holm's correction for the number of cells)"),
            "R²: of the linear fit on held-out parts of the image".to_owned(),
        ];
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

/// A coloured cell with a number and a smaller text below it, in black or white, whichever has more contrast.
fn cell(drawing: &mut Drawing, rect: Rect, colour: [u8; 3], [large, small]: [&str; 2]) {
    drawing.rect(rect, Some(colour.into()), Some(Pen::new(WHITE, 2.0)));
    let [r, g, b] = colour.map(f64::from);
    let ink = if 0.299 * r + 0.587 * g + 0.114 * b < 140.0 { WHITE } else { BLACK };
    let middle = rect.x + rect.width / 2.0;
    let style = |size: f64| TextStyle::new(size, ink).anchored(Anchor::Middle);
    drawing.text([middle, rect.y + 17.5], large, style(LABEL + 1.0));
    drawing.text([middle, rect.y + 32.5], small, style(TICK - 1.0));
    drawing.rect(rect, None, Some(Pen::new(FRAME, 0.5)));
}
