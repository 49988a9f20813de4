//! Scientific figures as PNG and SVG, and self-contained HTML reports.

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
