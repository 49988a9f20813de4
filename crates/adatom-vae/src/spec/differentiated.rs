//! A number with its derivative.

/// The value of a function of one number, and its derivative there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Differentiated {
    pub(crate) value: f64,
    pub(crate) derivative: f64,
}
