//! Hall symbols: *International Tables for Crystallography* B (2010), A1.4.2.3.
//!
//! ```text
//! symbol    = [-] centring rotation... [(u v w)]     -: inversion at the origin; u v w: origin shift in 1/12
//! rotation  = [-] order [axis] [translation...]     order: 1 2 3 4 6
//! axis      = x y z, ' or ^ (a-b), " or = (a+b), * (a+b+c); by default from the previous rotation
//! translation = a b c n u v w d, or 1 to 5: a part of the order along the axis
//! ```

use std::str::FromStr;

use super::SymmetryOperation;
use crate::{Error, Result};

/// Translations are multiples of this part of a cell edge.
const TWELFTHS: i32 = 12;

/// No crystallographic point group has more rotations.
const MOST_ROTATIONS: usize = 48;

/// Which points of the conventional cell are lattice points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Centring {
    /// Primitive.
    P,
    /// Centred on the face of b and c.
    A,
    /// Centred on the face of a and c.
    B,
    /// Centred on the face of a and b.
    C,
    /// Body-centred.
    I,
    /// Rhombohedral on hexagonal axes, obverse setting.
    R,
    /// Centred on all faces.
    F,
}

impl Centring {
    fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'P' => Self::P,
            'A' => Self::A,
            'B' => Self::B,
            'C' => Self::C,
            'I' => Self::I,
            'R' => Self::R,
            'F' => Self::F,
            _ => return None,
        })
    }

    /// The lattice points of the cell, fractional; the origin first.
    ///
    /// ```
    /// assert_eq!(adatom_crystal::Centring::I.points(), [[0.0; 3], [0.5; 3]]);
    /// ```
    pub fn points(self) -> &'static [[f64; 3]] {
        const THIRD: f64 = 1.0 / 3.0;
        const TWO_THIRDS: f64 = 2.0 / 3.0;
        match self {
            Self::P => &[[0.0; 3]],
            Self::A => &[[0.0; 3], [0.0, 0.5, 0.5]],
            Self::B => &[[0.0; 3], [0.5, 0.0, 0.5]],
            Self::C => &[[0.0; 3], [0.5, 0.5, 0.0]],
            Self::I => &[[0.0; 3], [0.5; 3]],
            Self::R => &[[0.0; 3], [TWO_THIRDS, THIRD, THIRD], [THIRD, TWO_THIRDS, TWO_THIRDS]],
            Self::F => &[[0.0; 3], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]],
        }
    }
}

/// A space group in one setting, given by its Hall symbol.
///
/// ```
/// use adatom_crystal::{Centring, HallSymbol};
/// let diamond: HallSymbol = "-F 4vw 2vw 3".parse()?;
/// assert_eq!(diamond.centring(), Centring::F);
/// assert_eq!((diamond.representatives().len(), diamond.operations().len()), (48, 192));
///
/// let error = "P 5".parse::<HallSymbol>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "Hall symbol must be a centring and its rotations, such as -P 2yc, found \"P 5\""
/// );
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HallSymbol {
    centring: Centring,
    representatives: Vec<SymmetryOperation>,
}

impl HallSymbol {
    /// The centring of the conventional cell.
    pub fn centring(&self) -> Centring {
        self.centring
    }

    /// One operation for each rotation, the identity first; translations are in [0, 1).
    pub fn representatives(&self) -> &[SymmetryOperation] {
        &self.representatives
    }

    /// All operations of the conventional cell: the representatives followed by each translation of the
    /// centring.
    pub fn operations(&self) -> Vec<SymmetryOperation> {
        let points = self.centring.points().iter();
        points.flat_map(|&point| self.representatives.iter().map(move |one| one.shifted(point))).collect()
    }
}

impl FromStr for HallSymbol {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).ok_or_else(|| Error::Argument {
            what: "Hall symbol",
            expected: "a centring and its rotations, such as -P 2yc".into(),
            found: format!("{:?}", text.chars().take(40).collect::<String>()),
        })
    }
}

type Rotation = [[i32; 3]; 3];

const IDENTITY: Rotation = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/// An operation whose translation is in twelfths of the cell edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Generator {
    rotation: Rotation,
    translation: [i32; 3],
}

impl Generator {
    const UNIT: Self = Self { rotation: IDENTITY, translation: [0; 3] };

    fn after(&self, first: &Self) -> Self {
        let element = |i: usize, j: usize| (0..3).map(|k| self.rotation[i][k] * first.rotation[k][j]).sum();
        let moved = applied(&self.rotation, first.translation);
        Self {
            rotation: std::array::from_fn(|i| std::array::from_fn(|j| element(i, j))),
            translation: std::array::from_fn(|i| (moved[i] + self.translation[i]).rem_euclid(TWELFTHS)),
        }
    }

    /// The same operation about an origin that is shifted by v: w + v - W v.
    fn about(self, v: [i32; 3]) -> Self {
        let turned = applied(&self.rotation, v);
        let translation =
            std::array::from_fn(|i| (self.translation[i] + v[i] - turned[i]).rem_euclid(TWELFTHS));
        Self { translation, ..self }
    }
}

fn applied(rotation: &Rotation, vector: [i32; 3]) -> [i32; 3] {
    rotation.map(|row| row.iter().zip(vector).map(|(factor, part)| factor * part).sum())
}

fn parse(text: &str) -> Option<HallSymbol> {
    let (symbol, shift) = match text.split_once('(') {
        Some((symbol, shift)) => (symbol, origin_shift(shift)?),
        None => (text, [0; 3]),
    };
    let mut words = symbol.split_whitespace();
    let lattice = words.next()?;
    let mut letters = lattice.strip_prefix('-').unwrap_or(lattice).chars();
    let (centring, None) = (Centring::of(letters.next()?)?, letters.next()) else { return None };
    let mut generators = Vec::new();
    if lattice.starts_with('-') {
        generators.push(Generator { rotation: negative(IDENTITY), translation: [0; 3] }.about(shift));
    }
    let mut before = None;
    for (position, word) in words.enumerate() {
        let (generator, seen) = rotation(word, position, before)?;
        generators.push(generator.about(shift));
        before = Some(seen);
    }
    Some(HallSymbol { centring, representatives: group(&generators)? })
}

fn origin_shift(text: &str) -> Option<[i32; 3]> {
    let parts = text.trim().strip_suffix(')')?.split_whitespace().map(|part| part.parse().ok());
    let parts: Vec<i32> = parts.collect::<Option<_>>()?;
    let shift: [i32; 3] = parts.try_into().ok()?;
    shift.iter().all(|part| part.abs() < TWELFTHS).then_some(shift)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    /// A cell edge: 0, 1, 2 for a, b, c.
    Edge(usize),
    /// The difference of the two edges other than this one (written ' or ^).
    Difference(usize),
    /// Their sum (written " or =).
    Sum(usize),
    /// a + b + c.
    Diagonal,
}

/// What the axis of the next rotation can depend on.
#[derive(Debug, Clone, Copy)]
struct Before {
    order: u32,
    axis: Axis,
}

/// The rotation of a word such as `-4vw`, `2"`, `61` or `3*`.
fn rotation(word: &str, position: usize, before: Option<Before>) -> Option<(Generator, Before)> {
    let proper = word.strip_prefix('-').unwrap_or(word);
    let order = proper.chars().next()?.to_digit(10)?;
    let rest = &proper[1..];
    // A diagonal of a face is perpendicular to the edge before it, or to the one named behind it.
    let edge = match before.map(|before| before.axis) {
        Some(Axis::Edge(edge)) => edge,
        _ => 2,
    };
    let named = |text: &str| text.chars().next().and_then(|letter| "xyz".find(letter));
    let (axis, rest) = match rest.chars().next() {
        Some('x' | 'y' | 'z') => (Some(Axis::Edge(named(rest)?)), &rest[1..]),
        Some('*') => (Some(Axis::Diagonal), &rest[1..]),
        Some(mark @ ('\'' | '^' | '"' | '=')) => {
            let rest = &rest[1..];
            let (edge, rest) = named(rest).map_or((edge, rest), |edge| (edge, &rest[1..]));
            let difference = matches!(mark, '\'' | '^');
            (Some(if difference { Axis::Difference(edge) } else { Axis::Sum(edge) }), rest)
        }
        _ => (None, rest),
    };
    let axis = match (axis, position, before) {
        (Some(axis), ..) => axis,
        (None, ..) if order == 1 => Axis::Edge(2),
        (None, 0, _) => Axis::Edge(2),
        (None, 1, Some(Before { order: 2 | 4, .. })) => Axis::Edge(0),
        (None, 1, Some(Before { order: 3 | 6, .. })) => Axis::Difference(2),
        (None, 2, _) if order == 3 => Axis::Diagonal,
        _ => return None,
    };
    let matrix = matrix(order, axis)?;
    let generator = Generator {
        rotation: if word.starts_with('-') { negative(matrix) } else { matrix },
        translation: translation(rest, order, axis)?,
    };
    Some((generator, Before { order, axis }))
}

fn negative(rotation: Rotation) -> Rotation {
    rotation.map(|row| row.map(|element| -element))
}

fn matrix(order: u32, axis: Axis) -> Option<Rotation> {
    let (about_c, edge) = match (order, axis) {
        (1, _) => return Some(IDENTITY),
        (3, Axis::Diagonal) => return Some([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
        (2, Axis::Edge(edge)) => ([[-1, 0, 0], [0, -1, 0], [0, 0, 1]], edge),
        (3, Axis::Edge(edge)) => ([[0, -1, 0], [1, -1, 0], [0, 0, 1]], edge),
        (4, Axis::Edge(edge)) => ([[0, -1, 0], [1, 0, 0], [0, 0, 1]], edge),
        (6, Axis::Edge(edge)) => ([[1, -1, 0], [1, 0, 0], [0, 0, 1]], edge),
        (2, Axis::Difference(edge)) => ([[0, -1, 0], [-1, 0, 0], [0, 0, -1]], edge),
        (2, Axis::Sum(edge)) => ([[0, 1, 0], [1, 0, 0], [0, 0, -1]], edge),
        _ => return None,
    };
    // The axes a, b, c change positions in a circle until c is the edge.
    let mut turned = [[0; 3]; 3];
    for (i, row) in about_c.iter().enumerate() {
        for (j, element) in row.iter().enumerate() {
            turned[(i + edge + 1) % 3][(j + edge + 1) % 3] = *element;
        }
    }
    Some(turned)
}

fn translation(letters: &str, order: u32, axis: Axis) -> Option<[i32; 3]> {
    let mut sum = [0; 3];
    for letter in letters.chars() {
        let part = match letter {
            'a' => [6, 0, 0],
            'b' => [0, 6, 0],
            'c' => [0, 0, 6],
            'n' => [6, 6, 6],
            'u' => [3, 0, 0],
            'v' => [0, 3, 0],
            'w' => [0, 0, 3],
            'd' => [3, 3, 3],
            _ => {
                let steps = letter.to_digit(10).filter(|steps| (1..order).contains(steps))?;
                let Axis::Edge(edge) = axis else { return None };
                let mut screw = [0; 3];
                screw[edge] = (steps * TWELFTHS as u32 / order) as i32;
                screw
            }
        };
        sum = std::array::from_fn(|i| sum[i] + part[i]);
    }
    Some(sum)
}

/// All products of the generators, one of each rotation, in the order in which a search by breadth meets
/// them; `None` if there are more than any space group has.
fn group(generators: &[Generator]) -> Option<Vec<SymmetryOperation>> {
    let mut found = vec![Generator::UNIT];
    let mut next = 0;
    while next < found.len() {
        let left = found[next];
        for product in generators.iter().map(|right| left.after(right)) {
            if found.iter().all(|known| known.rotation != product.rotation) {
                found.push(product);
            }
        }
        if found.len() > MOST_ROTATIONS {
            return None;
        }
        next += 1;
    }
    let float = |one: &Generator| SymmetryOperation {
        rotation: one.rotation.map(|row| row.map(f64::from)),
        translation: one.translation.map(|part| f64::from(part) / f64::from(TWELFTHS)),
    };
    Some(found.iter().map(float).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P2₁/c on its usual axes: x,y,z; -x,-y,-z; -x,y+1/2,-z+1/2 and x,-y+1/2,z+1/2.
    #[test]
    fn operations_are_those_of_the_international_tables() {
        let group: HallSymbol = "-P 2ybc".parse().unwrap();
        let expected = ["x,y,z", "-x,-y,-z", "-x,y+1/2,1/2-z", "x,1/2-y,z+1/2"];
        let mut expected: Vec<SymmetryOperation> = expected.map(|text| text.parse().unwrap()).to_vec();
        for operation in group.operations() {
            let at = expected.iter().position(|other| *other == operation).unwrap();
            expected.remove(at);
        }
        assert_eq!(expected, []);
    }

    #[test]
    fn what_is_no_hall_symbol_is_refused() {
        for text in
            ["", "X 2", "P2", "PP 2", "P 5", "P 2q", "P 24", "P 4*", "P 2 (0 0)", "P 2 (0 0 x)", "P 2 3 3*z"]
        {
            assert!(text.parse::<HallSymbol>().is_err(), "{text}");
        }
    }

    #[test]
    fn rotations_that_make_no_group_are_refused() {
        // A sixfold axis of hexagonal axes beside the threefold diagonal of cubic ones.
        assert!("P 6 3*".parse::<HallSymbol>().is_err());
    }
}
