//! The lattice on whose cell a shift lives.

/// Where its vectors come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    /// That of the first image.
    Auto,
    /// Two vectors (rows, columns), pixels.
    Vectors([[f64; 2]; 2]),
}

pub(crate) fn parse_cell(text: &str) -> Result<Cell, String> {
    if text == "auto" {
        return Ok(Cell::Auto);
    }
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[a, b, c, d]) => Ok(Cell::Vectors([[a, b], [c, d]])),
        _ => Err(format!("`{text}` is neither `auto` nor like `16,0,0,16`: rows, columns of two vectors")),
    }
}
