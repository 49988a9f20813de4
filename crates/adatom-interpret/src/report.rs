//! Reports.

mod image;

pub use image::{HistoryRow, ImageReport};
