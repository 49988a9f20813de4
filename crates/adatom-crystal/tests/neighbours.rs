//! Neighbours of periodic crystals, compared with a plain search over more cells than the sphere needs.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_crystal::{Crystal, Error, Lattice, Neighbour, NeighbourFinder, Site, Species};
use proptest::prelude::*;

/// Distances come from differently rounded sums of the same products.
const ROUNDING: f64 = 1e-9;

fn crystal(vectors: [[f64; 3]; 3], positions: &[[f64; 3]]) -> Crystal {
    let copper = Species::new("Cu".parse().unwrap());
    let sites = positions.iter().map(|position| Site::new(copper, *position).unwrap()).collect();
    Crystal::new(Lattice::new(vectors).unwrap(), sites).unwrap()
}

/// All cells in the box around the sphere, whose half-widths are the radius over the plane distances.
fn plain_search(crystal: &Crystal, index: usize, cutoff: f64) -> Vec<(usize, [i32; 3], f64)> {
    let lattice = crystal.lattice();
    let planes = lattice.plane_distances();
    let centre = crystal.sites()[index].fractional();
    let mut found = Vec::new();
    for (site, at) in crystal.sites().iter().enumerate() {
        let apart: [f64; 3] = std::array::from_fn(|k| at.fractional()[k] - centre[k]);
        let range = |k: usize| {
            let reach = cutoff / planes[k] + 1.0;
            ((-reach - apart[k]).floor() as i32)..=((reach - apart[k]).ceil() as i32)
        };
        for i in range(0) {
            for j in range(1) {
                for k in range(2) {
                    let image = [i, j, k];
                    let position = lattice.cartesian(std::array::from_fn(|k| apart[k] + f64::from(image[k])));
                    let distance = position.iter().map(|x| x * x).sum::<f64>().sqrt();
                    if distance <= cutoff && (site != index || image != [0; 3]) {
                        found.push((site, image, distance));
                    }
                }
            }
        }
    }
    found
}

fn assert_same(crystal: &Crystal, index: usize, cutoff: f64, found: &[Neighbour]) {
    let mut expected = plain_search(crystal, index, cutoff);
    // A neighbour on the rim may fall on either side.
    let inside = |distance: f64| distance < cutoff - ROUNDING;
    let mut found: Vec<_> = found.iter().map(|n| (n.site, n.image, n.distance)).collect();
    assert!(found.windows(2).all(|pair| pair[0].2 <= pair[1].2), "sorted by distance");
    found.retain(|neighbour| inside(neighbour.2));
    expected.retain(|neighbour| inside(neighbour.2));
    found.sort_by_key(|neighbour| (neighbour.0, neighbour.1));
    expected.sort_by_key(|neighbour| (neighbour.0, neighbour.1));
    assert_eq!(found.len(), expected.len());
    for (left, right) in found.iter().zip(&expected) {
        assert_eq!((left.0, left.1), (right.0, right.1));
        assert!((left.2 - right.2).abs() < ROUNDING, "{left:?} {right:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cell(
        lengths in prop::array::uniform3(0.8f64..9.0),
        shear in prop::array::uniform3(-6.0f64..6.0),
        positions in prop::collection::vec(prop::array::uniform3(-3.0f64..3.0), 1..12),
        cutoff in 0.5f64..6.0,
    ) {
        let [a, b, c] = lengths;
        // Shears by up to six lengths make cells in which the nearest images are many cells away.
        let crystal =
            crystal([[a, 0.0, 0.0], [shear[0] * a, b, 0.0], [shear[1] * a, shear[2] * b, c]], &positions);
        let finder = NeighbourFinder::new(&crystal, cutoff).unwrap();
        for index in 0..crystal.len() {
            assert_same(&crystal, index, cutoff, &finder.of(index).unwrap());
        }
    }

    #[test]
    fn displacements_are_those_of_the_image(
        vectors in prop::array::uniform3(prop::array::uniform3(-4.0f64..4.0)),
        positions in prop::collection::vec(prop::array::uniform3(-2.0f64..2.0), 1..5),
    ) {
        prop_assume!(Lattice::new(vectors).is_ok_and(|lattice| lattice.volume() > 2.0));
        let crystal = crystal(vectors, &positions);
        for index in 0..crystal.len() {
            for near in crystal.neighbours(index, 4.0).unwrap() {
                let (from, to) =
                    (crystal.sites()[index].fractional(), crystal.sites()[near.site].fractional());
                let apart = std::array::from_fn(|k| to[k] + f64::from(near.image[k]) - from[k]);
                let expected = crystal.lattice().cartesian(apart);
                prop_assert!((0..3).all(|k| (near.displacement[k] - expected[k]).abs() < ROUNDING));
            }
        }
    }
}

/// Face-centred copper, a = 3.6 Å: 12 at a/√2, 6 at a, 24 at a √(3/2).
#[test]
fn shells_of_a_primitive_cell() {
    let crystal = crystal([[0.0, 1.8, 1.8], [1.8, 0.0, 1.8], [1.8, 1.8, 0.0]], &[[7.25, -3.5, 0.0]]);
    let found = crystal.neighbours(0, 4.5).unwrap();
    let count =
        |distance: f64| found.iter().filter(|near| (near.distance - distance).abs() < ROUNDING).count();
    let a = 3.6f64;
    assert_eq!([count(a / 2f64.sqrt()), count(a), count(a * 1.5f64.sqrt())], [12, 6, 24]);
    assert_eq!(found.len(), 42);
}

#[test]
fn two_sites_at_one_place_are_neighbours() {
    let crystal = crystal([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]], &[[0.0; 3], [1.0, 0.0, 0.0]]);
    let nearest = crystal.neighbours(0, 1.0).unwrap();
    assert_eq!(nearest.len(), 1);
    assert_eq!((nearest[0].site, nearest[0].image, nearest[0].distance), (1, [-1, 0, 0], 0.0));
}

/// The vectors (1, 0, 0), (99999, 1, 0), (0, 0, 1) span the simple cubic lattice.
#[test]
fn a_cell_of_extreme_skew() {
    let crystal = crystal([[1.0, 0.0, 0.0], [99_999.0, 1.0, 0.0], [0.0, 0.0, 1.0]], &[[0.5; 3]]);
    let found = crystal.neighbours(0, 1.1).unwrap();
    assert_eq!(found.len(), 6);
    assert!(found.iter().any(|near| near.image == [-99_999, 1, 0]));
}

#[test]
fn what_is_refused() {
    let tiny = crystal([[1e-3, 0.0, 0.0], [0.0, 1e-3, 0.0], [0.0, 0.0, 1e-3]], &[[0.0; 3]]);
    assert!(matches!(tiny.neighbours(0, 10.0), Err(Error::TooLarge { .. })));
    let rod = crystal([[1e-9, 0.0, 0.0], [0.0, 1e3, 0.0], [0.0, 0.0, 1e3]], &[[0.0; 3]]);
    assert!(matches!(rod.neighbours(0, 10.0), Err(Error::TooLarge { .. })));
    let cubic = crystal([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]], &[[0.0; 3]]);
    for cutoff in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(cubic.neighbours(0, cutoff), Err(Error::Argument { .. })), "{cutoff}");
    }
    assert!(matches!(cubic.neighbours(0, 1e9), Err(Error::TooLarge { .. })));
    let error = cubic.neighbours(3, 1.0).unwrap_err();
    assert_eq!(error.to_string(), "there is no site 3: the crystal has 1");
    let far = crystal([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]], &[[1e300, 0.0, 0.0]]);
    assert!(matches!(far.neighbours(0, 1.0), Err(Error::Structure { .. })));
}
