//! Symmetry operations: x' = W x + w in fractional coordinates, written as `-y, x-y, z+1/3`.

use crate::read::source::number;

/// W and w.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) rotation: [[f64; 3]; 3],
    pub(super) translation: [f64; 3],
}

impl Operation {
    pub(super) fn identity() -> Self {
        let rotation = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
        Self { rotation, translation: [0.0; 3] }
    }

    /// Reads `x, y, z` and the like; a fourth part (the time reversal of magnetic groups) is not regarded.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let rows = [parts.next()?, parts.next()?, parts.next()?].map(row);
        let [Some(a), Some(b), Some(c)] = rows else { return None };
        let operation = Self { rotation: [a.0, b.0, c.0], translation: [a.1, b.1, c.1] };
        let reversal = parts.next().map(str::trim);
        let complete = matches!(reversal, None | Some("+1" | "-1" | "1")) && parts.next().is_none();
        ((operation.determinant().abs() - 1.0).abs() < 1e-6 && complete).then_some(operation)
    }

    fn determinant(&self) -> f64 {
        let [a, b, c] = self.rotation;
        crate::lattice::dot(a, crate::lattice::cross(b, c))
    }

    /// Its rotation in the way in which it is read, for messages.
    pub(super) fn rotation_text(&self) -> String {
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

    pub(super) fn apply(&self, place: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| crate::lattice::dot(self.rotation[i], place) + self.translation[i])
    }

    /// W T Wᵀ: a tensor in fractional coordinates after the operation.
    pub(super) fn rotate(&self, tensor: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
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
    pub(super) fn after(&self, first: &Self) -> Self {
        let column = |j: usize| [first.rotation[0][j], first.rotation[1][j], first.rotation[2][j]];
        let element = |i: usize, j: usize| crate::lattice::dot(self.rotation[i], column(j));
        Self {
            rotation: std::array::from_fn(|i| std::array::from_fn(|j| element(i, j))),
            translation: self.apply(first.translation),
        }
    }
}

/// One part such as `1/2-x+y`: its coefficients and its constant.
fn row(text: &str) -> Option<([f64; 3], f64)> {
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
        let (axis, factor) = term(&body[..end])?;
        match axis {
            Some(axis) => coefficients[axis] += sign * factor,
            None => constant += sign * factor,
        }
        rest = &body[end..];
    }
    Some((coefficients, constant))
}

/// A term without its sign: `x`, `2x`, `2*x`, `1/2` or `0.5`.
fn term(text: &str) -> Option<(Option<usize>, f64)> {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(['x', 'y', 'z']) else { return Some((None, fraction(&lower)?)) };
    if at + 1 != lower.len() {
        return None;
    }
    let axis = lower.as_bytes()[at] - b'x';
    let factor = lower[..at].trim_end_matches('*');
    Some((Some(usize::from(axis)), if factor.is_empty() { 1.0 } else { fraction(factor)? }))
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
        let expected = Operation {
            rotation: [[0.0, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
            translation: [0.0, 0.0, 0.5],
        };
        for text in ["-y,x-y,z+1/2", " - Y , +X - Y , 1/2 + Z ", "-y,-y+x,.5+z", "-1*y,1x-y,z+2/4,+1"] {
            assert_eq!(Operation::parse(text).as_ref(), Some(&expected), "{text}");
        }
        assert_eq!(expected.apply([0.1, 0.3, 0.2]).map(|x| (x * 10.0f64).round()), [-3.0, -2.0, 7.0]);
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        for text in
            ["", "x,y", "x,y,w", "x,x,z", "x,y,z,2", "x,y,2z", "x,y,z+1/0", "x+,y,z", "xy,y,z", "x,y,"]
        {
            assert_eq!(Operation::parse(text), None, "{text}");
        }
    }

    #[test]
    fn composition_applies_the_first_one_first() {
        let (a, b) = (Operation::parse("-y,x-y,z+1/3").unwrap(), Operation::parse("y,x,1/2-z").unwrap());
        let place = [0.11, 0.23, 0.37];
        let twice = a.apply(b.apply(place));
        let once = a.after(&b).apply(place);
        assert!(once.iter().zip(twice).all(|(left, right)| (left - right).abs() < 1e-15));
    }
}
