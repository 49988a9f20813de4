//! Round trips, and readers that meet any bytes.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::io::Write;
use std::path::Path;

use adatom_crystal::{Crystal, Displacement, Element, Lattice, Site, Species};
use proptest::prelude::*;

/// Lengths and angles that close.
fn lattice() -> impl Strategy<Value = Lattice> {
    let lengths = prop::array::uniform3(2.0..30.0f64);
    let angles = prop::array::uniform3(50.0..115.0f64);
    (lengths, angles).prop_filter_map("angles that close", |(lengths, angles)| {
        Lattice::from_parameters(lengths, angles).ok().filter(|cell| cell.volume() > 1.0)
    })
}

fn species() -> impl Strategy<Value = Species> {
    (1..=118u8, prop::option::of(-4..=7i8)).prop_map(|(number, charge)| {
        let species = Species::new(Element::from_atomic_number(number).unwrap());
        charge.map_or(species, |charge| species.with_charge(f64::from(charge)))
    })
}

fn displacement() -> impl Strategy<Value = Option<Displacement>> {
    let isotropic = (0.0..0.1f64).prop_map(|u| Some(Displacement::Isotropic(u)));
    // M Mᵀ is a tensor of displacements whatever M.
    let anisotropic = prop::array::uniform3(prop::array::uniform3(-0.2..0.2f64)).prop_map(|m| {
        let element = |i: usize, j: usize| (0..3).map(|k| m[i][k] * m[j][k]).sum();
        Some(Displacement::Anisotropic(std::array::from_fn(|i| std::array::from_fn(|j| element(i, j)))))
    });
    prop_oneof![Just(None), isotropic, anisotropic]
}

/// Sites that are at least a tenth of a cell apart, as positions of a lattice of steps of 0.1 with small shifts.
fn positions() -> impl Strategy<Value = Vec<[f64; 3]>> {
    let steps = prop::collection::btree_set(0..1000u32, 1..12);
    (steps, 0.0..0.1f64).prop_map(|(steps, shift)| {
        let position =
            |step: u32| [step / 100, step / 10 % 10, step % 10].map(|n| f64::from(n) / 10.0 + shift);
        steps.into_iter().map(position).collect()
    })
}

fn crystal() -> impl Strategy<Value = Crystal> {
    (lattice(), positions()).prop_flat_map(|(lattice, positions)| {
        let contents =
            prop::collection::vec((species(), species(), 0.1..0.9f64, displacement()), positions.len());
        contents.prop_map(move |contents| {
            let sites = contents.into_iter().zip(&positions).map(
                |((first, second, share, displacement), position)| {
                    let full = first == second || share > 0.5;
                    let species =
                        if full { vec![(first, 1.0)] } else { vec![(first, share), (second, 0.9 - share)] };
                    let site = Site::mixed(species, *position).unwrap();
                    displacement.map_or(site.clone(), |displacement| site.with_displacement(displacement))
                },
            );
            Crystal::new(lattice.clone(), sites.collect()).unwrap()
        })
    })
}

fn read(bytes: &[u8]) -> adatom_crystal::Result<Vec<Crystal>> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Crystal::open_all(file.path())
}

fn close(left: f64, right: f64, tolerance: f64) -> bool {
    (left - right).abs() <= tolerance
}

/// The mean square along a vector of fractional components, which no choice of axes changes.
fn along(lattice: &Lattice, displacement: Displacement, direction: [f64; 3]) -> f64 {
    let n = lattice.cartesian(direction);
    let norm: f64 = n.iter().map(|x| x * x).sum();
    match displacement {
        Displacement::Isotropic(u) => u,
        Displacement::Anisotropic(t) => {
            (0..9).map(|at| n[at / 3] * t[at / 3][at % 3] * n[at % 3]).sum::<f64>() / norm
        }
    }
}

proptest! {
    #[test]
    fn cif_keeps_everything(crystal in crystal()) {
        let again = read(crystal.to_cif().as_bytes()).unwrap().swap_remove(0);
        prop_assert_eq!(again.len(), crystal.len());
        let (old, new) = (crystal.lattice(), again.lattice());
        for axis in 0..3 {
            prop_assert!(close(old.lengths()[axis], new.lengths()[axis], 1e-9));
            prop_assert!(close(old.angles()[axis], new.angles()[axis], 1e-9));
        }
        for (left, right) in crystal.sites().iter().zip(again.sites()) {
            for axis in 0..3 {
                prop_assert!(close(left.fractional()[axis], right.fractional()[axis], 1e-12));
            }
            prop_assert_eq!(left.species(), right.species());
            prop_assert_eq!(left.displacement().is_some(), right.displacement().is_some());
            for direction in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.3, -0.5, 1.0], [1.0, 1.0, 1.0]] {
                if let (Some(before), Some(after)) = (left.displacement(), right.displacement()) {
                    prop_assert!(close(along(old, before, direction), along(new, after, direction), 1e-9));
                }
            }
        }
    }

    #[test]
    fn poscar_keeps_lattice_and_places(
        lattice in lattice(),
        positions in positions(),
        species in prop::collection::vec(species(), 12),
    ) {
        let sites = positions.iter().zip(&species).map(|(position, species)| Site::new(*species, *position).unwrap());
        let crystal = Crystal::new(lattice, sites.collect()).unwrap();
        let again = read(crystal.to_poscar().unwrap().as_bytes()).unwrap().swap_remove(0);
        prop_assert_eq!(crystal.composition(), again.composition());
        let (before, after) = (crystal.lattice().vectors(), again.lattice().vectors());
        for (old, new) in before.iter().flatten().zip(after.iter().flatten()) {
            prop_assert!(close(*old, *new, 1e-12));
        }
        for (old, new) in crystal.sites().iter().zip(again.sites()) {
            prop_assert_eq!(old.main_species().element(), new.main_species().element());
            prop_assert!((0..3).all(|axis| close(old.fractional()[axis], new.fractional()[axis], 1e-12)));
        }
    }

    #[test]
    fn supercells_keep_density_and_formula(
        crystal in crystal(),
        repeats in prop::array::uniform3(1..4usize),
    ) {
        let larger = crystal.supercell(repeats).unwrap();
        prop_assert_eq!(larger.len(), crystal.len() * repeats.iter().product::<usize>());
        prop_assert!(close(larger.number_density() / crystal.number_density(), 1.0, 1e-9));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }
}

/// Samples, and real files as further ones where they are present.
fn originals() -> Vec<Vec<u8>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let real = ["data/pdf", "data/pdf/srreal", "reference/pdf/poscar"];
    let mut files = Vec::new();
    for folder in std::iter::once(own).chain(real.into_iter().filter_map(adatom_test_support::find)) {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let wanted = |path: &std::path::PathBuf| {
            path.extension().is_some_and(|end| ["cif", "poscar", "xyz"].iter().any(|known| end == *known))
        };
        files.extend(paths.filter(wanted).map(|path| fs::read(path).unwrap()));
    }
    files
}

/// What may happen to a file on its way.
fn damage(bytes: &mut Vec<u8>, kind: u8, at: usize, byte: u8) {
    if bytes.is_empty() {
        return;
    }
    let at = at % bytes.len();
    let words: [&[u8]; 12] =
        [b"999999999999", b"nan", b"\n", b"\r", b"'", b";", b" loop_ ", b"-", b"\0", b"\n;", b"(", b"1e308"];
    match kind % 5 {
        0 => bytes[at] = byte,
        1 => bytes.truncate(at),
        2 => drop(bytes.splice(at..at, words[usize::from(byte) % words.len()].iter().copied())),
        3 => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
        _ => {
            let copy = bytes[at..(at + usize::from(byte)).min(bytes.len())].to_vec();
            drop(bytes.splice(at..at, copy));
        }
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    let originals = originals();
    let cases = prop::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 1..4);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let run = runner.run(&(0..originals.len(), cases), |(which, cases)| {
        let mut bytes = originals[which].clone();
        for (kind, at, byte) in cases {
            damage(&mut bytes, kind, at, byte);
        }
        if let Ok(crystals) = read(&bytes) {
            // What is read can be used.
            for crystal in crystals {
                prop_assert!(!crystal.formula().is_empty() && crystal.number_density() > 0.0);
                prop_assert!(!crystal.to_cif().is_empty());
            }
        }
        Ok(())
    });
    run.unwrap();
}
