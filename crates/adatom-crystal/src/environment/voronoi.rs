//! The Voronoi cell of a site: all positions that are closer to it than to any neighbour.
//!
//! The bisecting plane of a neighbour at displacement D holds the positions p with D · p = D² / 2. A face is
//! the part of its plane that no other plane cuts off: every face is clipped by itself, in two coordinates,
//! from the nearest plane to the one that is farther than all corners left. Where many planes meet in one
//! position, as in high symmetry, faces of no area appear or do not; no bookkeeping of shared corners can go
//! wrong.

use crate::lattice::{cross, dot};
use crate::{Crystal, Error, Neighbour, Result};

/// A face starts as a square whose half side is so many times the distance of the farthest neighbour.
const OPEN: f64 = 1e4;

/// A corner may lie so far (Å) behind a plane before it is cut off.
const TOUCH: f64 = 1e-10;

/// Faces below this area (Å²) are rounding.
const NO_AREA: f64 = 1e-14;

/// Nearer neighbours (Å) share the position of the site.
const SAME_PLACE: f64 = 1e-6;

/// One face of a [`VoronoiCell`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VoronoiFace {
    /// The neighbour beyond the face.
    pub neighbour: Neighbour,
    /// The area, Å².
    pub area: f64,
    /// The solid angle seen from the site; the sum over all faces is 4π.
    pub solid_angle: f64,
}

/// All positions that are closer to a site than to any other.
///
/// ```
/// use adatom_crystal::{Crystal, Lattice, Site, Species, VoronoiCell};
/// let cell = Lattice::from_parameters([3.0; 3], [90.0; 3])?;
/// let polonium = Crystal::new(cell, vec![Site::new(Species::new("Po".parse()?), [0.0; 3])?])?;
/// let cube = VoronoiCell::new(&polonium, 0, 7.0)?;
/// assert_eq!(cube.faces().len(), 6);
/// assert!((cube.volume() - 27.0).abs() < 1e-9);
/// // No neighbour lies within 2 Å: the cell does not close.
/// assert!(VoronoiCell::new(&polonium, 0, 2.0).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VoronoiCell {
    faces: Vec<VoronoiFace>,
}

impl VoronoiCell {
    /// The cell among all neighbours within a distance (Å).
    ///
    /// # Errors
    /// No such site, another site at the same position, or neighbours that do not surround the site.
    pub fn new(crystal: &Crystal, site: usize, cutoff: f64) -> Result<Self> {
        Self::among(&crystal.neighbours(site, cutoff)?)?.ok_or_else(|| Error::Structure {
            what: "Voronoi cell",
            expected: "closed",
            found: format!("open among the neighbours of site {site} within {cutoff} Å"),
        })
    }

    /// The faces, by distance of their neighbours.
    pub fn faces(&self) -> &[VoronoiFace] {
        &self.faces
    }

    /// The volume, Å³.
    pub fn volume(&self) -> f64 {
        self.faces.iter().map(|face| face.area * face.neighbour.distance / 6.0).sum()
    }

    /// The cell among neighbours that are sorted by distance; none if it does not close.
    pub(super) fn among(neighbours: &[Neighbour]) -> Result<Option<Self>> {
        let (Some(nearest), Some(farthest)) = (neighbours.first(), neighbours.last()) else {
            return Ok(None);
        };
        if nearest.distance < SAME_PLACE {
            let found = format!("{:e} Å to site {}", nearest.distance, nearest.site);
            return Err(Error::Structure { what: "distance between sites", expected: "positive", found });
        }
        let half_side = OPEN * farthest.distance;
        let mut clip = Clip::default();
        let mut faces = Vec::new();
        for at in 0..neighbours.len() {
            clip.face(neighbours, at, half_side);
            if clip.corners.iter().any(|[x, y]| x.abs().max(y.abs()) > 0.5 * half_side) {
                return Ok(None);
            }
            faces.extend(clip.measured(neighbours[at]));
        }
        Ok(Some(Self { faces }))
    }
}

/// The clipping of one face after the other.
#[derive(Default)]
struct Clip {
    /// Corners in the plane of the face, in order around it.
    corners: Vec<[f64; 2]>,
    spare: Vec<[f64; 2]>,
    /// Unit vectors: along the displacement, and two in the plane.
    axes: [[f64; 3]; 3],
}

impl Clip {
    /// Leaves the corners of the face of one neighbour, none where it has no face.
    fn face(&mut self, neighbours: &[Neighbour], at: usize, half_side: f64) {
        self.axes = axes(neighbours[at].displacement);
        let [normal, u, v] = self.axes;
        let height = 0.5 * neighbours[at].distance;
        let h = half_side;
        self.corners.clear();
        self.corners.extend([[-h, -h], [h, -h], [h, h], [-h, h]]);
        let mut reach = f64::INFINITY;
        for (_, other) in neighbours.iter().enumerate().filter(|(index, _)| *index != at) {
            let d = other.displacement;
            if 0.25 * other.distance * other.distance > reach {
                break;
            }
            // Divided by the distance: what is left of `line` is a distance from the plane.
            let scale = 1.0 / other.distance;
            let limit = 0.5 * other.distance - height * dot(d, normal) * scale;
            let line = [dot(d, u) * scale, dot(d, v) * scale, limit];
            if self.cut(line) {
                if self.corners.len() < 3 {
                    self.corners.clear();
                    return;
                }
                let squared = |[x, y]: &[f64; 2]| x * x + y * y;
                let largest = self.corners.iter().map(squared).fold(0.0, f64::max);
                reach = height * height + largest;
            }
        }
    }

    /// Keeps a x + b y ≤ c; whether that changed anything.
    fn cut(&mut self, [a, b, c]: [f64; 3]) -> bool {
        let behind = |[x, y]: [f64; 2]| a * x + b * y - c;
        if self.corners.iter().all(|corner| behind(*corner) <= TOUCH) {
            return false;
        }
        self.spare.clear();
        let count = self.corners.len();
        for at in 0..count {
            let (here, next) = (self.corners[at], self.corners[(at + 1) % count]);
            let (left, right) = (behind(here), behind(next));
            if left <= TOUCH {
                self.spare.push(here);
            }
            if (left <= TOUCH) != (right <= TOUCH) {
                let part = left / (left - right);
                self.spare.push([here[0] + part * (next[0] - here[0]), here[1] + part * (next[1] - here[1])]);
            }
        }
        std::mem::swap(&mut self.corners, &mut self.spare);
        true
    }

    /// Area and solid angle of the face that is left, if any.
    fn measured(&self, neighbour: Neighbour) -> Option<VoronoiFace> {
        let [first, rest @ ..] = self.corners.as_slice() else {
            return None;
        };
        let height = 0.5 * neighbour.distance;
        let (mut twice, mut solid_angle) = (0.0, 0.0);
        for pair in rest.windows(2) {
            let corners = [*first, pair[0], pair[1]];
            let [[x0, y0], [x1, y1], [x2, y2]] = corners;
            let double_area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
            twice += double_area;
            solid_angle += triangle_angle(corners.map(|[x, y]| [x, y, height]), double_area * height);
        }
        (0.5 * twice > NO_AREA).then_some(VoronoiFace { neighbour, area: 0.5 * twice, solid_angle })
    }
}

/// The solid angle of a triangle seen from the origin, given the triple product of its corners: tan(Ω / 2) =
/// a · (b × c) / (abc + (a · b) c + (a · c) b + (b · c) a) (van Oosterom and Strackee, IEEE Trans. Biomed.
/// Eng. 1983).
fn triangle_angle([a, b, c]: [[f64; 3]; 3], triple: f64) -> f64 {
    let [la, lb, lc] = [a, b, c].map(|corner| dot(corner, corner).sqrt());
    2.0 * triple.atan2(la * lb * lc + dot(a, b) * lc + dot(a, c) * lb + dot(b, c) * la)
}

/// Right-handed unit vectors, the first along a displacement.
fn axes(displacement: [f64; 3]) -> [[f64; 3]; 3] {
    let unit = |vector: [f64; 3]| {
        let length = dot(vector, vector).sqrt();
        vector.map(|component| component / length)
    };
    let normal = unit(displacement);
    let smallest = (0..3).min_by(|&i, &j| normal[i].abs().total_cmp(&normal[j].abs())).unwrap_or(0);
    let mut helper = [0.0; 3];
    helper[smallest] = 1.0;
    let u = unit(cross(helper, normal));
    [normal, u, cross(normal, u)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lattice, Site, Species};
    use std::f64::consts::PI;

    fn lattice_of(vectors: [[f64; 3]; 3]) -> Crystal {
        let site = Site::new(Species::new("Cu".parse().unwrap()), [0.0; 3]).unwrap();
        Crystal::new(Lattice::new(vectors).unwrap(), vec![site]).unwrap()
    }

    /// For any lattice, the cells fill space and the solid angles sum to 4π.
    fn assert_fills(crystal: &Crystal) -> VoronoiCell {
        let cell = VoronoiCell::new(crystal, 0, 12.0).unwrap();
        assert!((cell.volume() / crystal.lattice().volume() - 1.0).abs() < 1e-9);
        let sky: f64 = cell.faces().iter().map(|face| face.solid_angle).sum();
        assert!((sky - 4.0 * PI).abs() < 1e-9, "{sky}");
        cell
    }

    /// The rhombic dodecahedron: 12 equal faces; at 6 of its corners four faces meet, where the second
    /// neighbours touch.
    #[test]
    fn face_centred_cubic() {
        let a = 3.6;
        let cell = assert_fills(&lattice_of([
            [0.0, a / 2.0, a / 2.0],
            [a / 2.0, 0.0, a / 2.0],
            [a / 2.0, a / 2.0, 0.0],
        ]));
        assert_eq!(cell.faces().len(), 12);
        for face in cell.faces() {
            assert!((face.solid_angle - PI / 3.0).abs() < 1e-9);
            assert!((face.area - a * a * 2f64.sqrt() / 8.0).abs() < 1e-9);
        }
    }

    /// The truncated octahedron with edge a √2 / 4: 8 hexagons of area 3 √3 a² / 16 and 6 squares of area a²
    /// / 8.
    #[test]
    fn body_centred_cubic() {
        let a = 3.0;
        let h = a / 2.0;
        let cell = assert_fills(&lattice_of([[-h, h, h], [h, -h, h], [h, h, -h]]));
        assert_eq!(cell.faces().len(), 14);
        for (at, face) in cell.faces().iter().enumerate() {
            let area = if at < 8 { 3.0 * 3f64.sqrt() * a * a / 16.0 } else { a * a / 8.0 };
            assert!((face.area - area).abs() < 1e-9);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_lattice(
        lengths in proptest::array::uniform3(2.0..5.0f64),
        angles in proptest::array::uniform3(75.0..105.0f64),
    ) {
            let vectors = Lattice::from_parameters(lengths, angles).unwrap().vectors();
            assert_fills(&lattice_of(vectors));
        }
    }
}
