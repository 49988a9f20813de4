//! The search itself: rows of bins that a sphere can touch.

use super::Neighbour;
use super::reduced::ReducedCell;
use crate::{Crystal, Error, Result};

/// A sphere may touch at most so many sites, or bins without one.
const MAX_NEIGHBOURS: usize = 10_000_000;

/// Fractional coordinates beyond this have lost digits that distances need.
const MAX_COORDINATE: f64 = 1e6;

/// Finds the neighbours of every site of a crystal within one distance.
///
/// ```
/// use adatom_crystal::{Crystal, Lattice, NeighbourFinder, Site, Species};
/// let cell = Lattice::from_parameters([3.6, 3.6, 3.6], [90.0; 3])?;
/// let positions = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
/// let copper = Species::new("Cu".parse()?);
/// let sites = positions.into_iter().map(|position| Site::new(copper, position)).collect::<Result<_, _>>()?;
/// let crystal = Crystal::new(cell, sites)?;
/// let finder = NeighbourFinder::new(&crystal, 2.6)?;
/// assert!((0..4).all(|site| finder.of(site).is_ok_and(|shell| shell.len() == 12)));
/// assert!(finder.of(4).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NeighbourFinder {
    cutoff: f64,
    cell: ReducedCell,
    /// Bins along each reduced vector.
    bins: [usize; 3],
    /// Sites in the fullest bin.
    fullest: usize,
    /// Where the sites of a bin begin in `members`; the first axis runs fastest, so that a row of bins is one
    /// range.
    starts: Vec<usize>,
    members: Vec<Member>,
    /// Where a site stands in `members`.
    rank: Vec<usize>,
    /// The cell into which a site was moved, along the cell vectors as given.
    moved: Vec<[i64; 3]>,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    site: usize,
    /// In the reduced cell, from 0 to 1.
    fraction: [f64; 3],
    /// Å.
    position: [f64; 3],
}

/// One neighbour as the search meets it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met {
    pub(crate) site: usize,
    /// Along the reduced vectors, of the sites as moved into the reduced cell.
    pub(crate) image: [i64; 3],
    pub(crate) displacement: [f64; 3],
    pub(crate) squared: f64,
}

impl NeighbourFinder {
    /// Prepares the search within a distance (Å, inclusive).
    ///
    /// # Errors
    /// A distance that is not positive and finite, fractional coordinates beyond a million cells, or spheres
    /// of more sites than are listed at once.
    pub fn new(crystal: &Crystal, cutoff: f64) -> Result<Self> {
        if !(cutoff.is_finite() && cutoff > 0.0) {
            let expected = "positive and finite".into();
            return Err(Error::Argument { what: "cutoff", expected, found: cutoff.to_string() });
        }
        let cell = ReducedCell::of(crystal.lattice());
        let mut moved = Vec::with_capacity(crystal.len());
        let mut members = Vec::with_capacity(crystal.len());
        for (site, at) in crystal.sites().iter().enumerate() {
            let fractional = at.fractional();
            if fractional.iter().any(|coordinate| coordinate.abs() > MAX_COORDINATE) {
                let found = format!("{fractional:?}");
                let expected = "within a million cells";
                return Err(Error::Structure { what: "fractional coordinates", expected, found });
            }
            let (member, cells) = place_in(&cell, crystal, site);
            members.push(member);
            moved.push(cells);
        }
        let bins = bins_of(&cell, members.len());
        let bin = |member: &Member| {
            let [i, j, k] = std::array::from_fn(|axis| {
                ((member.fraction[axis] * bins[axis] as f64) as usize).min(bins[axis] - 1)
            });
            (k * bins[1] + j) * bins[0] + i
        };
        members.sort_by_key(|member| (bin(member), member.site));
        let mut starts = vec![0; bins.iter().product::<usize>() + 1];
        members.iter().for_each(|member| starts[bin(member) + 1] += 1);
        let fullest = starts.iter().copied().max().unwrap_or(0);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut rank = vec![0; members.len()];
        members.iter().enumerate().for_each(|(at, member)| rank[member.site] = at);
        let finder = Self { cutoff, cell, bins, fullest, starts, members, rank, moved };
        let reach = finder.bound();
        if reach > MAX_NEIGHBOURS as f64 {
            return Err(Error::TooLarge {
                what: "neighbours of a site",
                limit: MAX_NEIGHBOURS,
                found: reach as usize,
            });
        }
        Ok(finder)
    }

    /// The distance within which neighbours are found, Å.
    pub fn cutoff(&self) -> f64 {
        self.cutoff
    }

    /// The neighbours of one site, as [`Crystal::neighbours`] lists them.
    ///
    /// # Errors
    /// No such site.
    pub fn of(&self, index: usize) -> Result<Vec<Neighbour>> {
        if index >= self.rank.len() {
            return Err(Error::NoSuchSite { index, sites: self.rank.len() });
        }
        let mut found = Vec::new();
        self.visit(index, |met| found.push(self.neighbour(index, &met)));
        found.sort_unstable_by(|left: &Neighbour, right| {
            left.distance
                .total_cmp(&right.distance)
                .then((left.site, left.image).cmp(&(right.site, right.image)))
        });
        Ok(found)
    }

    fn neighbour(&self, index: usize, met: &Met) -> Neighbour {
        let image = std::array::from_fn(|k| {
            let cells: i64 =
                (0..3).map(|axis| met.image[axis].saturating_mul(self.cell.whole[axis][k])).sum();
            let relative = cells + self.moved[met.site][k] - self.moved[index][k];
            relative.clamp(i32::MIN.into(), i32::MAX.into()) as i32
        });
        Neighbour { site: met.site, image, distance: met.squared.sqrt(), displacement: met.displacement }
    }

    /// An upper bound of the sites that a search looks at.
    pub(crate) fn bound(&self) -> f64 {
        self.reach() * self.fullest as f64
    }

    /// An upper bound of the bins that a sphere touches.
    fn reach(&self) -> f64 {
        let planes = planes(&self.cell);
        (0..3).map(|axis| 2.0 * self.cutoff * self.bins[axis] as f64 / planes[axis] + 2.0).product()
    }

    /// Calls `meet` for every neighbour of a site, in an order that depends on the crystal only.
    pub(crate) fn visit(&self, index: usize, mut meet: impl FnMut(Met)) {
        let centre = self.members[self.rank[index]];
        let counts = self.bins.map(|count| count as i64);
        let limit = self.cutoff * self.cutoff;
        self.rows(&centre, |[second, third], (from, to)| {
            let (image_2, image_3) = (second.div_euclid(counts[1]), third.div_euclid(counts[2]));
            let row = (third.rem_euclid(counts[2]) * counts[1] + second.rem_euclid(counts[1])) * counts[0];
            for image_1 in from.div_euclid(counts[0])..=to.div_euclid(counts[0]) {
                let image = [image_1, image_2, image_3];
                let start = image_1 * counts[0];
                let first = self.starts[(row + from.max(start) - start) as usize];
                let last = self.starts[(row + to.min(start + counts[0] - 1) - start + 1) as usize];
                let v = &self.cell.vectors;
                let shift: [f64; 3] = std::array::from_fn(|k| {
                    (0..3).map(|axis| image[axis] as f64 * v[axis][k]).sum::<f64>() - centre.position[k]
                });
                for member in &self.members[first..last] {
                    let displacement = std::array::from_fn(|k| member.position[k] + shift[k]);
                    let squared = crate::lattice::dot(displacement, displacement);
                    if squared <= limit && (member.site != index || image != [0; 3]) {
                        meet(Met { site: member.site, image, displacement, squared });
                    }
                }
            }
        });
    }

    /// Calls `row` with the second and third index of every row of bins that the sphere can touch, and the
    /// first and last bin in it. Indices count on through neighbouring cells.
    fn rows(&self, centre: &Member, mut row: impl FnMut([i64; 2], (i64, i64))) {
        let [[a1, ..], [b1, b2, _], [c1, c2, c3]] = self.cell.triangle;
        // Rounding must not lose a bin at the rim.
        let radius = self.cutoff * (1.0 + 1e-9) + 1e-9;
        let count = self.bins.map(|bins| bins as f64);
        let u = centre.fraction;
        let slab = |axis: usize, bin: i64| {
            Interval(bin as f64 / count[axis] - u[axis], (bin + 1) as f64 / count[axis] - u[axis])
        };
        let bins = |axis: usize, half: f64, offset: Interval, length: f64| {
            let from = (u[axis] + (-half - offset.1) / length) * count[axis];
            let to = (u[axis] + (half - offset.0) / length) * count[axis];
            (from.floor() as i64, to.floor() as i64)
        };
        let half = |squared: f64| squared.max(0.0).sqrt();
        let (from_3, to_3) = bins(2, radius, Interval(0.0, 0.0), c3);
        for third in from_3..=to_3 {
            let w3 = slab(2, third);
            let left_3 = radius * radius - w3.times(c3).gap().powi(2);
            let offset = w3.times(c2);
            let (from_2, to_2) = bins(1, half(left_3), offset, b2);
            for second in from_2..=to_2 {
                let w2 = slab(1, second);
                let left_2 = left_3 - offset.plus(w2.times(b2)).gap().powi(2);
                if left_2 >= 0.0 {
                    row([second, third], bins(0, half(left_2), w3.times(c1).plus(w2.times(b1)), a1));
                }
            }
        }
    }
}

/// All numbers from the first to the second.
#[derive(Clone, Copy)]
struct Interval(f64, f64);

impl Interval {
    fn times(self, factor: f64) -> Self {
        let (left, right) = (self.0 * factor, self.1 * factor);
        Self(left.min(right), left.max(right))
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    /// How far it is from 0.
    fn gap(self) -> f64 {
        self.0.max(-self.1).max(0.0)
    }
}

/// A site moved into the reduced cell, and by how many of the cell vectors as given.
fn place_in(cell: &ReducedCell, crystal: &Crystal, site: usize) -> (Member, [i64; 3]) {
    let fractional = crystal.sites()[site].fractional();
    // Whole cells first: they would cost the digits of what is left.
    let whole = fractional.map(f64::floor);
    let inside = std::array::from_fn(|k| fractional[k] - whole[k]);
    let coefficients = cell.coefficients(crystal.lattice().cartesian(inside));
    let cells = coefficients.map(f64::floor);
    let fraction: [f64; 3] = std::array::from_fn(|k| coefficients[k] - cells[k]);
    let v = &cell.vectors;
    let position = std::array::from_fn(|k| (0..3).map(|axis| fraction[axis] * v[axis][k]).sum());
    let moved = std::array::from_fn(|k| {
        let along = |axis: usize| (cells[axis] as i64).saturating_mul(cell.whole[axis][k]);
        -(whole[k] as i64) - (0..3).map(along).sum::<i64>()
    });
    (Member { site, fraction, position }, moved)
}

/// Distances between the planes that the other two reduced vectors span.
fn planes(cell: &ReducedCell) -> [f64; 3] {
    let [a, b, c] = cell.vectors;
    let volume = cell.triangle[0][0] * cell.triangle[1][1] * cell.triangle[2][2];
    let area = |left, right| {
        let normal = crate::lattice::cross(left, right);
        crate::lattice::dot(normal, normal).sqrt()
    };
    [volume / area(b, c), volume / area(c, a), volume / area(a, b)]
}

/// About one bin a site, as nearly equal in width as that allows.
fn bins_of(cell: &ReducedCell, sites: usize) -> [usize; 3] {
    let planes = planes(cell);
    let mut bins = [1usize; 3];
    loop {
        let width = |axis: usize| planes[axis] / bins[axis] as f64;
        let widest = (0..3).max_by(|&left, &right| width(left).total_cmp(&width(right))).unwrap_or(0);
        let mut finer = bins;
        finer[widest] += 1;
        if finer.iter().product::<usize>() > sites {
            return bins;
        }
        bins = finer;
    }
}
