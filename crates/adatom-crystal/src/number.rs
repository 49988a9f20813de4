//! Decimal numbers as files write them.

use std::borrow::Cow;

/// A finite decimal number; Fortran's exponents (`1.5D-3`) as well.
pub(crate) fn number(text: &str) -> Option<f64> {
    // Words such as `nan` and `infinity` are no numbers of a file.
    let exponent = text.find(|character: char| character.is_ascii_alphabetic());
    let text = match exponent.map(|at| text.as_bytes()[at]) {
        None | Some(b'e' | b'E') => Cow::from(text),
        Some(b'd' | b'D') => Cow::from(text.replacen(['d', 'D'], "e", 1)),
        Some(_) => return None,
    };
    text.parse().ok().filter(|value: &f64| value.is_finite())
}
