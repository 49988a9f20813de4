//! Scientific figures as PNG and SVG, and self-contained HTML reports.
//!
//! A [`Figure`] is saved as PNG or SVG; both look the same, and need no font or library to be installed. A
//! [`Report`] is one HTML file without scripts or external resources.
//!
//! ```
//! use adatom_plot::{BarFigure, CurveFigure, CurvePanel, Figure, Report, Section};
//!
//! let losses =
//!     CurvePanel::new("ELBO (nat)").x_label("epoch").series("train", &[1.0, 2.0], &[-900.0, -480.0])?;
//! let curves = CurveFigure::new(vec![losses])?;
//! let bars = BarFigure::new("KL (nat)").bar("content 1", 2.3, "").bar("content 2", 0.1, "");
//! assert!(bars.to_svg().starts_with("<svg"));
//! let section = Section::new("Training")
//!     .figure(&curves, "evidence lower bound", "ELBO of two epochs")
//!     .figure(&bars, "KL divergence", "bar chart of the KL divergences");
//! let html = Report::new("graphene").section(section).to_html();
//! assert!(html.contains("graphene") && !html.contains("<script"));
//! # Ok::<(), adatom_plot::Error>(())
//! ```

#![forbid(unsafe_code)]

pub mod axes;
pub mod colour;
pub mod colour_bar;
pub mod drawing;
mod error;
mod figure;
pub mod figures;
pub mod font;
pub mod layout;
pub mod outline;
mod report;
pub mod scale;
pub mod text;

pub use adatom_core::ndarray;
pub use adatom_core::{ImageFrame, LatentMap, PatchGrid, PixelSize, Window};
pub use colour::ColourMap;
pub use drawing::Drawing;
pub use error::{Error, Result};
pub use figure::Figure;
pub use figures::bars::BarFigure;
pub use figures::curve::{CurveFigure, CurvePanel};
pub use figures::image::ImageFigure;
pub use figures::map::{MapFigure, MapPanels};
pub use figures::scatter::ScatterFigure;
pub use figures::vector_field::VectorFieldFigure;
pub use report::{Report, Section, Table};
