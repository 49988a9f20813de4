//! Pixels of the window and units of the decoder's grid, in which the window spans [-1, 1].

use adatom_core::SampleShape;

/// Pixels by which a shift of one grid unit moves the object, along each axis: -(H-1)/2 for rows, +(W-1)/2
/// for columns, +(L-1)/2 for signals.
pub(crate) fn pixels_per_unit(shape: SampleShape) -> Vec<f64> {
    match shape.without_channels() {
        SampleShape::Image { height, width } => {
            vec![-(height as f64 - 1.0) / 2.0, (width as f64 - 1.0) / 2.0]
        }
        _ => vec![(shape.points() as f64 - 1.0) / 2.0],
    }
}
