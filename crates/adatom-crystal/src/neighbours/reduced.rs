//! The most compact cell of a lattice: Minkowski's reduction in three dimensions.
//!
//! A basis a, b, c with |a| ≤ |b| ≤ |c| is reduced when no b + s a, c + s a, c + s b, c + s a + t b with s, t
//! of -1 and 1 is shorter than b or c (Semaev, CaLC 2001). Steps that shorten a vector are repeated until
//! none is left.

use crate::Lattice;
use crate::lattice::dot;

/// A step must shorten a vector by more than rounding does, or it could be undone for ever.
const SHORTER: f64 = 1.0 - 1e-10;

/// A reduced basis of a lattice.
#[derive(Debug, Clone)]
pub(crate) struct ReducedCell {
    /// The reduced vectors, Å, one per row.
    pub(crate) vectors: [[f64; 3]; 3],
    /// The reduced vectors as sums of the cell vectors: `vectors[i]` = Σ `whole[i][k]` · cell vector k.
    pub(crate) whole: [[i64; 3]; 3],
    /// The same vectors in axes in which they are a lower triangle.
    pub(crate) triangle: [[f64; 3]; 3],
}

impl ReducedCell {
    pub(crate) fn of(lattice: &Lattice) -> Self {
        let mut rows = Rows { vectors: lattice.vectors(), whole: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
        // Every step shortens a vector, and a lattice has few vectors that are shorter than given ones.
        for _ in 0..1000 {
            if !rows.step() {
                break;
            }
        }
        let Rows { vectors, whole } = rows;
        Self { vectors, whole, triangle: triangle(vectors) }
    }

    /// The coefficients of a position (Å) along the reduced vectors.
    pub(crate) fn coefficients(&self, place: [f64; 3]) -> [f64; 3] {
        let [a, b, c] = self.vectors;
        let planes = [crate::lattice::cross(b, c), crate::lattice::cross(c, a), crate::lattice::cross(a, b)];
        planes.map(|plane| dot(plane, place) / dot(a, planes[0]))
    }
}

struct Rows {
    vectors: [[f64; 3]; 3],
    whole: [[i64; 3]; 3],
}

impl Rows {
    fn norm(&self, row: usize) -> f64 {
        dot(self.vectors[row], self.vectors[row])
    }

    /// Adds multiples of the other rows to a row if that makes it shorter.
    fn shorten(&mut self, row: usize, others: [(usize, f64); 2]) -> bool {
        let mut vector = self.vectors[row];
        for (other, times) in others {
            vector = std::array::from_fn(|k| vector[k] + times * self.vectors[other][k]);
        }
        let shorter = dot(vector, vector) < SHORTER * self.norm(row);
        if shorter {
            self.vectors[row] = vector;
            for (other, times) in others {
                let add = self.whole[other].map(|entry| entry.saturating_mul(times as i64));
                self.whole[row] = std::array::from_fn(|k| self.whole[row][k].saturating_add(add[k]));
            }
        }
        shorter
    }

    fn step(&mut self) -> bool {
        self.sort();
        let nearest = |rows: &Self, row, other| {
            -(dot(rows.vectors[row], rows.vectors[other]) / rows.norm(other)).round()
        };
        let mut changed = false;
        for (row, other) in [(1, 0), (2, 0), (2, 1)] {
            let times = nearest(self, row, other);
            changed |= times != 0.0 && self.shorten(row, [(other, times), (0, 0.0)]);
        }
        for (s, t) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
            changed |= self.shorten(2, [(0, s), (1, t)]);
        }
        changed
    }

    fn sort(&mut self) {
        for (left, right) in [(0, 1), (1, 2), (0, 1)] {
            if self.norm(right) < self.norm(left) {
                self.vectors.swap(left, right);
                self.whole.swap(left, right);
            }
        }
    }
}

fn triangle([a, b, c]: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let unit = |vector: [f64; 3]| {
        let length = dot(vector, vector).sqrt();
        vector.map(|component| component / length)
    };
    let x = unit(a);
    let z = unit(crate::lattice::cross(a, b));
    let y = crate::lattice::cross(z, x);
    // A left-handed cell is mirrored, which leaves distances as they are.
    [[dot(a, x), 0.0, 0.0], [dot(b, x), dot(b, y), 0.0], [dot(c, x), dot(c, y), dot(c, z).abs()]]
}
