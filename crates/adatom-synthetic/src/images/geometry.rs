//! The positions of the columns of a generated lattice, and the lattice coordinates of a position.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use super::LatticeImage;
use crate::random::Random;

/// The lattice without its intensities.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Geometry {
    extent: [f64; 2],
    origin: [f64; 2],
    cell: [f64; 2],
    cos: f64,
    sin: f64,
    amplitude: f64,
    period: f64,
    wall: Option<f64>,
    strain: f64,
}

/// A column's intensity is neglected beyond this distance, in standard deviations.
pub(super) const REACH: f64 = 5.0;

/// A column B.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnB {
    pub(super) at: [f64; 2],
    /// From the centre of its cell.
    pub(super) shift: [f64; 2],
    pub(super) composition: f64,
}

/// The columns of a lattice that reach the image.
pub(super) struct Columns {
    pub(super) a: Vec<[f64; 2]>,
    pub(super) b: Vec<ColumnB>,
}

impl Geometry {
    pub(super) fn new(lattice: &LatticeImage) -> Self {
        let mut random = Random::new(lattice.seed, 0);
        let extent = [lattice.height as f64, lattice.width as f64];
        Self {
            extent,
            origin: lattice.cell.map(|side| side * random.uniform()),
            cell: lattice.cell,
            cos: lattice.angle.cos(),
            sin: lattice.angle.sin(),
            amplitude: lattice.displacement,
            period: lattice.period.unwrap_or(extent[0].max(extent[1])),
            wall: lattice.wall,
            strain: lattice.strain,
        }
    }

    /// The displacement of B where its cell's centre is `at`.
    pub(super) fn displacement(&self, at: [f64; 2]) -> [f64; 2] {
        let scale = self.amplitude * FRAC_1_SQRT_2;
        match self.wall {
            Some(width) => {
                let across = ((at[1] - (self.extent[1] - 1.0) / 2.0) / width).tanh();
                [scale * across; 2]
            }
            None => [scale * (TAU * at[1] / self.period).sin(), scale * (TAU * at[0] / self.period).sin()],
        }
    }

    /// The composition, from -1 to 1, where a cell's centre is `at`. Its waves run along the diagonals with
    /// 1.3 times the period of the displacement, so that the two are independent.
    pub(super) fn composition(&self, at: [f64; 2]) -> f64 {
        let wave = TAU / (1.3 * self.period);
        ((wave * (at[0] + at[1])).cos() + (wave * (at[0] - at[1]) + 1.0).sin()) / 2.0
    }

    /// The displacement by the strain of the point `at` of the perfect lattice: L/2π · e · sin(2π r/L) along
    /// each axis, whose gradient is at most e.
    fn strained(&self, at: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|axis| {
            let wave = TAU / self.extent[axis];
            self.strain / wave * (wave * at[axis]).sin()
        })
    }

    /// The position of a point given in lattice coordinates; whole ones are columns A.
    pub(super) fn position(&self, coordinates: [f64; 2]) -> [f64; 2] {
        let [down, right] = [0, 1].map(|axis| coordinates[axis] * self.cell[axis]);
        let perfect = [
            self.origin[0] + self.cos * down - self.sin * right,
            self.origin[1] + self.sin * down + self.cos * right,
        ];
        let moved = self.strained(perfect);
        [perfect[0] + moved[0], perfect[1] + moved[1]]
    }

    /// The lattice coordinates of a position.
    pub(super) fn lattice_coordinates(&self, at: [f64; 2]) -> [f64; 2] {
        // p + s(p) = r by p ← r - s(p), which contracts by the strain, at most 0.2: 30 steps leave 0.2³⁰ ≈
        // 10⁻²¹.
        let mut perfect = at;
        for _step in 0..30 {
            let moved = self.strained(perfect);
            perfect = [at[0] - moved[0], at[1] - moved[1]];
        }
        let [row, column] = [perfect[0] - self.origin[0], perfect[1] - self.origin[1]];
        [
            (self.cos * row + self.sin * column) / self.cell[0],
            (-self.sin * row + self.cos * column) / self.cell[1],
        ]
    }

    /// All columns whose intensity reaches the image.
    pub(super) fn columns(&self) -> Columns {
        let margin = self.cell[0].max(self.cell[1]) + self.amplitude;
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for row in [-margin, self.extent[0] + margin] {
            for column in [-margin, self.extent[1] + margin] {
                let corner = self.lattice_coordinates([row, column]);
                for axis in 0..2 {
                    low[axis] = low[axis].min(corner[axis].floor() - 1.0);
                    high[axis] = high[axis].max(corner[axis].ceil() + 1.0);
                }
            }
        }
        let near =
            |at: [f64; 2]| (0..2).all(|axis| at[axis] > -margin && at[axis] < self.extent[axis] + margin);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let mut i = low[0];
        while i <= high[0] {
            let mut j = low[1];
            while j <= high[1] {
                let corner = self.position([i, j]);
                if near(corner) {
                    a.push(corner);
                }
                let centre = self.position([i + 0.5, j + 0.5]);
                if near(centre) {
                    let shift = self.displacement(centre);
                    let at = [centre[0] + shift[0], centre[1] + shift[1]];
                    b.push(ColumnB { at, shift, composition: self.composition(centre) });
                }
                j += 1.0;
            }
            i += 1.0;
        }
        Columns { a, b }
    }
}
