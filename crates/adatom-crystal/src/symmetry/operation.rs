//! Symmetry operations: x' = W x + w in fractional coordinates, written as `-y, x-y, z+1/3`.

use std::str::FromStr;

use crate::lattice::{cross, dot};
use crate::number::number;
use crate::{Error, Result};

/// A symmetry operation x' = W x + w of fractional coordinates x.
///
/// ```
/// use adatom_crystal::SymmetryOperation;
/// let screw: SymmetryOperation = "-y, x-y, z+1/3".parse()?;
/// assert_eq!(screw.apply([0.0, 0.0, 0.5]), [0.0, 0.0, 0.5 + 1.0 / 3.0]);
///
/// let error = "x, y".parse::<SymmetryOperation>().unwrap_err();
/// let message = "symmetry operation must be three parts such as -y, x-y, z+1/3, found \"x, y\"";
/// assert_eq!(error.to_string(), message);
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SymmetryOperation {
    pub(crate) rotation: [[f64; 3]; 3],
    pub(crate) translation: [f64; 3],
}

impl FromStr for SymmetryOperation {
    type Err = Error;

    /// Reads `x, y, z` and the like; a fourth part (the time reversal of magnetic groups) is ignored.
    fn from_str(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| Error::Argument {
            what: "symmetry operation",
            expected: "three parts such as -y, x-y, z+1/3".into(),
            found: format!("{:?}", text.chars().take(60).collect::<String>()),
        })
    }
}

impl SymmetryOperation {
    /// W, one row for each coordinate of the result.
    pub fn rotation(&self) -> [[f64; 3]; 3] {
        self.rotation
    }

    /// w, in parts of the cell edges.
    pub fn translation(&self) -> [f64; 3] {
        self.translation
    }

    pub(crate) fn identity() -> Self {
        let rotation = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
        Self { rotation, translation: [0.0; 3] }
    }

    /// The operation followed by a translation.
    pub(super) fn shifted(&self, by: [f64; 3]) -> Self {
        Self { translation: std::array::from_fn(|axis| self.translation[axis] + by[axis]), ..self.clone() }
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let rows = [parts.next()?, parts.next()?, parts.next()?].map(row);
        let [Some(a), Some(b), Some(c)] = rows else { return None };
        let operation = Self {
            rotation: [a.coefficients, b.coefficients, c.coefficients],
            translation: [a.constant, b.constant, c.constant],
        };
        let reversal = parts.next().map(str::trim);
        let complete = matches!(reversal, None | Some("+1" | "-1" | "1")) && parts.next().is_none();
        ((operation.determinant().abs() - 1.0).abs() < 1e-6 && complete).then_some(operation)
    }

    fn determinant(&self) -> f64 {
        let [a, b, c] = self.rotation;
        dot(a, cross(b, c))
    }

    /// Its rotation as text, for messages.
    pub(crate) fn rotation_text(&self) -> String {
        let part = |row: [f64; 3]| {
            let terms = row.iter().zip(["x", "y", "z"]).filter(|(factor, _)| **factor != 0.0);
            let signed = terms.map(|(factor, axis)| match *factor {
                1.0 => format!("+{axis}"),
                -1.0 => format!("-{axis}"),
                other => format!("{other:+}{axis}"),
            });
            signed.collect::<String>().trim_start_matches('+').to_owned()
        };
        self.rotation.map(part).join(", ")
    }

    /// The image of a position, fractional.
    pub fn apply(&self, position: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| dot(self.rotation[i], position) + self.translation[i])
    }

    /// W T Wᵀ: a tensor in fractional coordinates after the operation.
    pub(crate) fn rotate(&self, tensor: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
        let w = &self.rotation;
        let element = |i: usize, j: usize| {
            (0..3)
                .flat_map(|k| (0..3).map(move |l| (k, l)))
                .map(|(k, l)| w[i][k] * tensor[k][l] * w[j][l])
                .sum()
        };
        std::array::from_fn(|i| std::array::from_fn(|j| element(i, j)))
    }

    /// This operation after another one.
    pub(crate) fn after(&self, first: &Self) -> Self {
        let column = |j: usize| [first.rotation[0][j], first.rotation[1][j], first.rotation[2][j]];
        let element = |i: usize, j: usize| dot(self.rotation[i], column(j));
        Self {
            rotation: std::array::from_fn(|i| std::array::from_fn(|j| element(i, j))),
            translation: self.apply(first.translation),
        }
    }
}

/// One part such as `1/2-x+y`.
struct Row {
    coefficients: [f64; 3],
    constant: f64,
}

fn row(text: &str) -> Option<Row> {
    let compact: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let (mut coefficients, mut constant) = ([0.0; 3], 0.0);
    let mut rest = compact.as_str();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let sign = if rest.starts_with('-') { -1.0 } else { 1.0 };
        let body = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        let end = body.find(['+', '-']).unwrap_or(body.len());
        match term(&body[..end])? {
            Term::Coordinate { axis, factor } => coefficients[axis] += sign * factor,
            Term::Constant(value) => constant += sign * value,
        }
        rest = &body[end..];
    }
    Some(Row { coefficients, constant })
}

/// A term without its sign.
enum Term {
    /// `x`, `2x` or `2*x`.
    Coordinate { axis: usize, factor: f64 },
    /// `1/2` or `0.5`.
    Constant(f64),
}

fn term(text: &str) -> Option<Term> {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(['x', 'y', 'z']) else { return Some(Term::Constant(fraction(&lower)?)) };
    if at + 1 != lower.len() {
        return None;
    }
    let axis = usize::from(lower.as_bytes()[at] - b'x');
    let factor = lower[..at].trim_end_matches('*');
    Some(Term::Coordinate { axis, factor: if factor.is_empty() { 1.0 } else { fraction(factor)? } })
}

fn fraction(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((over, under)) => {
            let under = number(under).filter(|under| *under != 0.0)?;
            Some(number(over)? / under)
        }
        None => number(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_read_in_every_spelling() {
        let expected = SymmetryOperation {
            rotation: [[0.0, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
            translation: [0.0, 0.0, 0.5],
        };
        for text in ["-y,x-y,z+1/2", " - Y , +X - Y , 1/2 + Z ", "-y,-y+x,.5+z", "-1*y,1x-y,z+2/4,+1"] {
            assert_eq!(text.parse::<SymmetryOperation>().unwrap(), expected, "{text}");
        }
        assert_eq!(expected.apply([0.1, 0.3, 0.2]).map(|x| (x * 10.0f64).round()), [-3.0, -2.0, 7.0]);
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        for text in
            ["", "x,y", "x,y,w", "x,x,z", "x,y,z,2", "x,y,2z", "x,y,z+1/0", "x+,y,z", "xy,y,z", "x,y,"]
        {
            assert!(text.parse::<SymmetryOperation>().is_err(), "{text}");
        }
    }

    #[test]
    fn composition_applies_the_first_one_first() {
        let parsed = |text: &str| text.parse::<SymmetryOperation>().unwrap();
        let (a, b) = (parsed("-y,x-y,z+1/3"), parsed("y,x,1/2-z"));
        let position = [0.11, 0.23, 0.37];
        let twice = a.apply(b.apply(position));
        let once = a.after(&b).apply(position);
        assert!(once.iter().zip(twice).all(|(left, right)| (left - right).abs() < 1e-15));
    }
}
