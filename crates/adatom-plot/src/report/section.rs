//! Sections of a report: text, figures, tables, settings and code.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Figure;
use crate::text::escape;

/// SVG larger than this is embedded as PNG.
const LARGEST_SVG: usize = 250_000;

#[derive(Debug, Clone)]
enum Block {
    Paragraph(String),
    Figure { source: String, width: f64, caption: String, alt: String },
    Table(Table),
    Settings(Vec<(String, String)>),
    Code { caption: String, text: String },
}

/// A section of a [`Report`](crate::Report).
#[derive(Debug, Clone)]
pub struct Section {
    heading: String,
    blocks: Vec<Block>,
}

impl Section {
    /// A section without content.
    pub fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), blocks: Vec::new() }
    }

    /// Adds a paragraph.
    pub fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Paragraph(text.into()));
        self
    }

    /// Adds a figure with its caption and its text alternative `alt`.
    ///
    /// Consecutive figures are shown side by side where there is space.
    pub fn figure(
        mut self,
        figure: &impl Figure,
        caption: impl Into<String>,
        alt: impl Into<String>,
    ) -> Self {
        let drawing = figure.drawing();
        let svg = Some(()).filter(|()| !drawing.has_picture()).map(|()| drawing.svg());
        let source = match svg.filter(|svg| svg.len() <= LARGEST_SVG) {
            Some(svg) => format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)),
            None => format!("data:image/png;base64,{}", STANDARD.encode(drawing.png())),
        };
        self.blocks.push(Block::Figure {
            source,
            width: drawing.width(),
            caption: caption.into(),
            alt: alt.into(),
        });
        self
    }

    /// Adds a table.
    pub fn table(mut self, table: Table) -> Self {
        self.blocks.push(Block::Table(table));
        self
    }

    /// Adds a list of names and values.
    pub fn settings(mut self, settings: impl IntoIterator<Item = (String, String)>) -> Self {
        self.blocks.push(Block::Settings(settings.into_iter().collect()));
        self
    }

    /// Adds commands or source code, with a caption.
    pub fn code(mut self, caption: impl Into<String>, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Code { caption: caption.into(), text: text.into() });
        self
    }

    pub(super) fn heading(&self) -> &str {
        &self.heading
    }

    pub(super) fn write(&self, html: &mut String, number: usize) {
        html.push_str(&format!("<section id=\"section-{number}\">\n<h2>{}</h2>\n", escape(&self.heading)));
        let mut in_figures = false;
        for block in &self.blocks {
            let figure = matches!(block, Block::Figure { .. });
            if figure != in_figures {
                html.push_str(if figure { "<div class=\"figures\">\n" } else { "</div>\n" });
                in_figures = figure;
            }
            block.write(html);
        }
        if in_figures {
            html.push_str("</div>\n");
        }
        html.push_str("</section>\n");
    }
}

impl Block {
    fn write(&self, html: &mut String) {
        match self {
            Self::Paragraph(text) => html.push_str(&format!("<p>{}</p>\n", escape(text))),
            Self::Figure { source, width, caption, alt } => {
                let (caption, alt) = (escape(caption), escape(alt));
                // On a small screen a broad figure is scrolled, because its text would become too small.
                let broad = if *width > 640.0 { " broad" } else { "" };
                html.push_str(&format!(
                    "<figure><div class=\"plate{broad}\">\
                     <img src=\"{source}\" width=\"{width:.0}\" alt=\"{alt}\"></div>"
                ));
                if !caption.is_empty() {
                    html.push_str(&format!("<figcaption>{caption}</figcaption>"));
                }
                html.push_str("</figure>\n");
            }
            Self::Table(table) => table.write(html),
            Self::Settings(settings) => {
                html.push_str("<div class=\"wide\"><table class=\"settings\">\n");
                for (name, value) in settings {
                    let (name, value) = (escape(name), escape(value));
                    html.push_str(&format!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>\n"));
                }
                html.push_str("</table></div>\n");
            }
            Self::Code { caption, text } => {
                if !caption.is_empty() {
                    html.push_str(&format!("<p class=\"code\">{}</p>\n", escape(caption)));
                }
                html.push_str(&format!("<pre><code>{}</code></pre>\n", escape(text)));
            }
        }
    }
}

/// A table with a header; columns of numbers are right-aligned.
///
/// ```
/// use adatom_plot::{Section, Table};
/// let table =
///     Table::new(["latent", "KL (nat)"]).row(["content 1", "2.31"]).row(["content 2", "4×10⁻⁴"]);
/// let section = Section::new("KL").table(table);
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty, cells beyond the header are omitted.
    pub fn row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        let mut cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        cells.resize(self.header.len(), String::new());
        self.rows.push(cells);
        self
    }

    fn write(&self, html: &mut String) {
        let numeric: Vec<bool> = (0..self.header.len())
            .map(|column| {
                let cells = || self.rows.iter().map(|row| row[column].as_str());
                cells().all(is_number) && cells().any(|cell| cell.bytes().any(|byte| byte.is_ascii_digit()))
            })
            .collect();
        let class = |column: usize| if numeric[column] { " class=\"number\"" } else { "" };
        html.push_str("<div class=\"wide\"><table>\n<thead><tr>");
        for (column, cell) in self.header.iter().enumerate() {
            html.push_str(&format!("<th scope=\"col\"{}>{}</th>", class(column), escape(cell)));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for (column, cell) in row.iter().enumerate() {
                html.push_str(&format!("<td{}>{}</td>", class(column), escape(cell)));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table></div>\n");
    }
}

/// Whether a cell is a number in scientific notation, or empty.
fn is_number(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || "+-−–.×%± \u{A0}⁰¹²³⁴⁵⁶⁷⁸⁹⁻∞".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_numbers_are_aligned_to_the_right() {
        let mut html = String::new();
        Table::new(["name", "value"]).row(["a", "−1.5×10⁻³"]).row(["2", "–"]).row(["3"]).write(&mut html);
        assert!(html.contains("<th scope=\"col\">name</th><th scope=\"col\" class=\"number\">value</th>"));
        assert!(html.contains("<td>3</td><td class=\"number\"></td>"));
    }

    #[test]
    fn figures_in_a_row_share_a_box() {
        let bars = crate::BarFigure::new("x").bar("a", 1.0, "");
        let mut html = String::new();
        Section::new("s").figure(&bars, "", "a").figure(&bars, "b", "b").paragraph("p").write(&mut html, 1);
        assert_eq!(
            (html.matches("<div class=\"figures\">").count(), html.matches("<figure>").count()),
            (1, 2)
        );
        assert_eq!(html.matches("<div").count(), html.matches("</div>").count());
    }
}
