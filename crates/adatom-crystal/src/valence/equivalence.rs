//! Which sites of a crystal are equivalent by symmetry, within a tolerance.
//!
//! A rotation of the reduced lattice onto itself, with a translation that carries every site onto one of the
//! same species, is an operation. Of every rotation one translation is enough: the others differ by
//! translations of the crystal, which are found first. Sites that operations carry onto each other are
//! equivalent. Where the rotations found make no group, the tolerance was too wide for the crystal and is
//! narrowed by a twentieth, as spglib does (Togo et al., *Sci. Technol. Adv. Mater. Methods* 4 (2024)
//! 2384822).

use crate::lattice::dot;
use crate::neighbours::ReducedCell;
use crate::{Crystal, Species};

/// Angles between rotated cell vectors may change by so much, degrees.
const ANGLE_TOLERANCE: f64 = 5.0;

/// After so many narrowings a tolerance of 0.1 Å is 0.6 mÅ.
const MAX_NARROWINGS: usize = 100;

type Rotation = [[i64; 3]; 3];

/// For every site the first one that is equivalent to it.
pub(super) fn equivalent_sites(crystal: &Crystal, tolerance: f64) -> Vec<usize> {
    let cell = Cell::of(crystal);
    let mut tolerance = tolerance;
    for _ in 0..MAX_NARROWINGS {
        if let Some(orbits) = cell.orbits(tolerance) {
            return orbits;
        }
        tolerance *= 0.95;
    }
    (0..crystal.len()).collect()
}

/// The crystal along its reduced cell vectors.
struct Cell {
    vectors: [[f64; 3]; 3],
    planes: [f64; 3],
    fractions: Vec<[f64; 3]>,
    /// For every site, which kind of species it holds.
    kinds: Vec<usize>,
    /// The sites of every kind, by their first fraction.
    members: Vec<Vec<usize>>,
}

impl Cell {
    fn of(crystal: &Crystal) -> Self {
        let reduced = ReducedCell::of(crystal.lattice());
        let fractions: Vec<[f64; 3]> = crystal
            .sites()
            .iter()
            .map(|site| {
                let position = crystal.lattice().cartesian(site.fractional());
                reduced.coefficients(position).map(|coefficient| coefficient.rem_euclid(1.0))
            })
            .collect();
        let mut species: Vec<&[(Species, f64)]> = Vec::new();
        let mut kinds = Vec::with_capacity(crystal.len());
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (index, site) in crystal.sites().iter().enumerate() {
            let known = species.iter().position(|known| *known == site.species());
            let kind = known.unwrap_or_else(|| {
                species.push(site.species());
                members.push(Vec::new());
                species.len() - 1
            });
            kinds.push(kind);
            members[kind].push(index);
        }
        for group in &mut members {
            group.sort_by(|&left, &right| fractions[left][0].total_cmp(&fractions[right][0]));
        }
        let planes = crate::Lattice::new(reduced.vectors).map_or([1e-9; 3], |cell| cell.plane_distances());
        Self { vectors: reduced.vectors, planes, fractions, kinds, members }
    }

    /// Orbits under all operations; none if their rotations make no group.
    fn orbits(&self, tolerance: f64) -> Option<Vec<usize>> {
        let mut orbits = Orbits::new(self.fractions.len());
        let rarest = self.members.iter().min_by_key(|group| group.len())?;
        let anchor = rarest[0];
        let mut found = Vec::new();
        for rotation in self.lattice_rotations(tolerance) {
            let identity = rotation == [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
            let image = turned(&rotation, self.fractions[anchor]);
            let mut any = false;
            for &target in rarest {
                // Within an orbit of translations every translation is a product of those that made it.
                if identity && orbits.root(target) == orbits.root(anchor) {
                    any = true;
                    continue;
                }
                let shift = std::array::from_fn(|k| self.fractions[target][k] - image[k]);
                if let Some(images) = self.images(&rotation, shift, tolerance) {
                    images.into_iter().enumerate().for_each(|(site, image)| orbits.join(site, image));
                    any = true;
                    if !identity {
                        break;
                    }
                }
            }
            if any {
                found.push(rotation);
            }
        }
        closed(&found).then(|| orbits.roots())
    }

    /// Where an operation carries every site; none if it carries one to where no like site is.
    fn images(&self, rotation: &Rotation, shift: [f64; 3], tolerance: f64) -> Option<Vec<usize>> {
        let image = |site: usize| {
            let turned = turned(rotation, self.fractions[site]);
            let position = std::array::from_fn(|k| (turned[k] + shift[k]).rem_euclid(1.0));
            self.site_at(self.kinds[site], position, tolerance)
        };
        (0..self.fractions.len()).map(image).collect()
    }

    /// The site of a kind nearest to a position, within the tolerance.
    fn site_at(&self, kind: usize, position: [f64; 3], tolerance: f64) -> Option<usize> {
        let group = &self.members[kind];
        let window = (tolerance / self.planes[0]).min(0.5);
        let mut best: Option<(f64, usize)> = None;
        for turn in [-1.0, 0.0, 1.0] {
            let (from, to) = (position[0] + turn - window, position[0] + turn + window);
            let start = group.partition_point(|&site| self.fractions[site][0] < from);
            for &site in group[start..].iter().take_while(|&&site| self.fractions[site][0] <= to) {
                let squared = self.squared_distance(self.fractions[site], position);
                if squared <= tolerance * tolerance && best.is_none_or(|(least, _)| squared < least) {
                    best = Some((squared, site));
                }
            }
        }
        best.map(|(_, site)| site)
    }

    /// Between nearest images; right for distances that are small against the cell.
    fn squared_distance(&self, left: [f64; 3], right: [f64; 3]) -> f64 {
        let difference = std::array::from_fn::<f64, 3, _>(|k| {
            let difference = left[k] - right[k];
            difference - difference.round()
        });
        let v = &self.vectors;
        let position = std::array::from_fn(|k| (0..3).map(|axis| difference[axis] * v[axis][k]).sum());
        dot(position, position)
    }

    /// Whole matrices that carry fractions onto fractions and the lattice onto itself; entries of a reduced
    /// cell are at most 1.
    fn lattice_rotations(&self, tolerance: f64) -> Vec<Rotation> {
        let length = |vector: [f64; 3]| dot(vector, vector).sqrt();
        let angle = |left: [f64; 3], right: [f64; 3]| {
            let cosine = dot(left, right) / (length(left) * length(right));
            cosine.clamp(-1.0, 1.0).acos().to_degrees()
        };
        let sum = |whole: [i64; 3]| {
            let v = &self.vectors;
            std::array::from_fn(|k| (0..3).map(|axis| whole[axis] as f64 * v[axis][k]).sum())
        };
        let step = || -1..=1i64;
        let short = step().flat_map(|i| step().flat_map(move |j| step().map(move |k| [i, j, k])));
        let short: Vec<([i64; 3], [f64; 3])> = short.map(|whole| (whole, sum(whole))).collect();
        let [a, b, c] = self.vectors.map(|vector| {
            let fits = |(_, other): &&(_, [f64; 3])| (length(*other) - length(vector)).abs() < tolerance;
            short.iter().filter(fits).copied().collect::<Vec<_>>()
        });
        let same = |left: [f64; 3], right: [f64; 3], i: usize, j: usize| {
            (angle(left, right) - angle(self.vectors[i], self.vectors[j])).abs() < ANGLE_TOLERANCE
        };
        let mut rotations = Vec::new();
        for &(wa, va) in &a {
            for &(wb, vb) in b.iter().filter(|(_, vb)| same(va, *vb, 0, 1)) {
                for &(wc, _) in c.iter().filter(|(_, vc)| same(va, *vc, 0, 2) && same(vb, *vc, 1, 2)) {
                    // Images of the cell vectors are the columns.
                    let rotation = std::array::from_fn(|row| [wa[row], wb[row], wc[row]]);
                    if determinant(&rotation).abs() == 1 {
                        rotations.push(rotation);
                    }
                }
            }
        }
        // Translations of the crystal come first.
        rotations.sort_by_key(|rotation| *rotation != [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
        rotations
    }
}

fn turned(rotation: &Rotation, fraction: [f64; 3]) -> [f64; 3] {
    rotation.map(|row| (0..3).map(|k| row[k] as f64 * fraction[k]).sum())
}

fn determinant([a, b, c]: &Rotation) -> i64 {
    a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
}

/// Whether products stay within the set.
fn closed(rotations: &[Rotation]) -> bool {
    let product = |left: &Rotation, right: &Rotation| -> Rotation {
        std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| left[i][k] * right[k][j]).sum()))
    };
    rotations.iter().all(|left| rotations.iter().all(|right| rotations.contains(&product(left, right))))
}

/// Sets of sites that were found equivalent.
struct Orbits(Vec<usize>);

impl Orbits {
    fn new(sites: usize) -> Self {
        Self((0..sites).collect())
    }

    fn root(&mut self, mut site: usize) -> usize {
        while self.0[site] != site {
            self.0[site] = self.0[self.0[site]];
            site = self.0[site];
        }
        site
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.0[left.max(right)] = left.min(right);
    }

    fn roots(mut self) -> Vec<usize> {
        (0..self.0.len()).map(|site| self.root(site)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lattice, Site};

    fn crystal(lengths: [f64; 3], positions: &[(&str, [f64; 3])]) -> Crystal {
        let site = |(symbol, position): &(&str, [f64; 3])| {
            Site::new(Species::new(symbol.parse().unwrap()), *position).unwrap()
        };
        let cell = Lattice::from_parameters(lengths, [90.0; 3]).unwrap();
        Crystal::new(cell, positions.iter().map(site).collect()).unwrap()
    }

    const RUTILE: [(&str, [f64; 3]); 6] = [
        ("Ti", [0.0; 3]),
        ("Ti", [0.5; 3]),
        ("O", [0.305, 0.305, 0.0]),
        ("O", [0.695, 0.695, 0.0]),
        ("O", [0.805, 0.195, 0.5]),
        ("O", [0.195, 0.805, 0.5]),
    ];

    /// P4₂/mnm: one orbit of each element.
    #[test]
    fn rutile() {
        let orbits = equivalent_sites(&crystal([4.594, 4.594, 2.959], &RUTILE), 0.1);
        assert_eq!(orbits, [0, 0, 2, 2, 2, 2]);
    }

    /// An atom that is moved along z by more than the tolerance leaves the mirror and the axis through the
    /// first metal; its partner across the metal keeps no partner.
    #[test]
    fn tolerance_decides() {
        let mut positions = RUTILE;
        positions[2].1[2] = 0.01;
        let near = crystal([4.594, 4.594, 2.959], &positions);
        assert_eq!(equivalent_sites(&near, 0.1), [0, 0, 2, 2, 2, 2]);
        positions[2].1[2] = 0.2;
        let far = equivalent_sites(&crystal([4.594, 4.594, 2.959], &positions), 0.1);
        assert!(far[3] == 3 && far[2] == 2, "{far:?}");
    }

    /// Two cells in one: pure translations join what the rotations of the longer cell alone could not.
    #[test]
    fn supercell() {
        let mut positions = Vec::new();
        for (symbol, [x, y, z]) in RUTILE {
            positions.push((symbol, [x, y, z / 2.0]));
            positions.push((symbol, [x, y, z / 2.0 + 0.5]));
        }
        let orbits = equivalent_sites(&crystal([4.594, 4.594, 5.918], &positions), 0.1);
        assert_eq!(orbits[..4], [0; 4]);
        assert_eq!(orbits[4..], [4; 8]);
    }
}
