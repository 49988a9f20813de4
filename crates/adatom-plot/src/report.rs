//! Reports: self-contained HTML files.
//!
//! Figures are embedded, line art as SVG and pictures as PNG. There is no script and no external resource, so
//! that a report can be archived with the data or sent by mail.

mod section;

pub use section::{Section, Table};

use std::path::Path;

use crate::Result;
use crate::figure::write_file;
use crate::text::escape;

const STYLE: &str = include_str!("../assets/report.css");

/// A self-contained HTML page of cards, sections, figures and tables.
///
/// All text is shown literally; markup in it is escaped.
///
/// ```
/// use adatom_plot::{BarFigure, Report, Section, Table};
/// let section = Section::new("Latent variables")
///     .paragraph("Two of three are active.")
///     .figure(
///         &BarFigure::new("KL (nat)").bar("content 1", 2.3, "active"),
///         "KL divergence",
///         "bar chart of the KL",
///     )
///     .table(Table::new(["name", "KL (nat)"]).row(["content 1", "2.3"]));
/// let report = Report::new("graphene <1>.tif")
///     .subtitle("shift-invariant")
///     .card("patches", "6789", "")
///     .section(section);
/// let html = report.to_html();
/// assert!(html.contains("graphene &lt;1&gt;.tif") && !html.contains("<script"));
///
/// let folder = tempfile::tempdir()?;
/// report.save(folder.path().join("report.html"))?;
/// assert!(report.save(folder.path().join("missing/report.html")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Report {
    title: String,
    subtitle: String,
    cards: Vec<Card>,
    warnings: Vec<String>,
    sections: Vec<Section>,
}

/// A number of the summary.
#[derive(Debug, Clone)]
struct Card {
    label: String,
    value: String,
    unit: String,
}

impl Report {
    /// An empty report.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            cards: Vec::new(),
            warnings: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// The line below the title; none by default.
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// Adds a number to the summary; `unit` may be empty.
    pub fn card(
        mut self,
        label: impl Into<String>,
        value: impl Into<String>,
        unit: impl Into<String>,
    ) -> Self {
        self.cards.push(Card { label: label.into(), value: value.into(), unit: unit.into() });
        self
    }

    /// Adds a warning above the results.
    pub fn warning(mut self, text: impl Into<String>) -> Self {
        self.warnings.push(text.into());
        self
    }

    /// Adds a section after the others; it appears in the table of contents.
    pub fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// The page.
    pub fn to_html(&self) -> String {
        let title = escape(&self.title);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        );
        if !self.subtitle.is_empty() {
            html.push_str(&format!("<p class=\"subtitle\">{}</p>\n", escape(&self.subtitle)));
        }
        html.push_str("</header>\n<main>\n");
        for warning in &self.warnings {
            html.push_str(&format!(
                "<p class=\"warning\" role=\"note\"><strong>Note</strong> {}</p>\n",
                escape(warning)
            ));
        }
        if !self.cards.is_empty() {
            html.push_str("<dl class=\"cards\">\n");
            for Card { label, value, unit } in &self.cards {
                let unit =
                    if unit.is_empty() { String::new() } else { format!(" <small>{}</small>", escape(unit)) };
                html.push_str(&format!(
                    "<div><dt>{}</dt><dd>{}{unit}</dd></div>\n",
                    escape(label),
                    escape(value)
                ));
            }
            html.push_str("</dl>\n");
        }
        if self.sections.len() > 2 {
            html.push_str("<nav aria-label=\"contents\"><ol>\n");
            for (index, section) in self.sections.iter().enumerate() {
                html.push_str(&format!(
                    "<li><a href=\"#section-{}\">{}</a></li>\n",
                    index + 1,
                    escape(section.heading())
                ));
            }
            html.push_str("</ol></nav>\n");
        }
        for (index, section) in self.sections.iter().enumerate() {
            section.write(&mut html, index + 1);
        }
        html.push_str(&format!(
            "</main>\n<footer>Written by adatom {}.</footer>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION")
        ));
        html
    }

    /// Writes the page.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write) when the file cannot be written; an older file is then as it
    /// was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_file(path.as_ref(), self.to_html().as_bytes())
    }
}
