//! Files of every dialect, written for these tests, with what they mean.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::PathBuf;

use adatom_crystal::{Crystal, Displacement, Site, StructureFile};

fn sample(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples")).join(name)
}

fn text(crystal: &Crystal) -> Vec<String> {
    let species = |site: &Site| {
        let all = site.species().iter().map(|(species, occupancy)| format!("{species}*{occupancy}"));
        all.collect::<Vec<_>>().join(" ")
    };
    let site = |site: &Site| {
        let [x, y, z] = site.fractional();
        format!("{} {x:.4} {y:.4} {z:.4}", species(site))
    };
    crystal.sites().iter().map(site).collect()
}

fn isotropic(site: &Site) -> f64 {
    match site.displacement() {
        Some(Displacement::Isotropic(u)) => u,
        other => panic!("{other:?}"),
    }
}

fn tensor(site: &Site) -> [[f64; 3]; 3] {
    match site.displacement() {
        Some(Displacement::Anisotropic(tensor)) => tensor,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cif_fills_its_cell() {
    let crystal = Crystal::open(sample("hexagonal.cif")).unwrap();
    assert_eq!(crystal.name(), Some("first"));
    let expected = [
        // Cu and Zn share the place on the axis, which three operations leave where it is.
        "Cu2+*0.75 Zn*0.25 0.0000 0.0000 0.0000",
        // 0.3333, 0.6667 means the other axis: its images lie within a thousandth of an ångström.
        "O2-*1 0.3333 0.6667 0.5000",
        // (x, y), (-y, x-y), (-x+y, -x)
        "D*1 0.1000 0.4000 0.7500",
        "D*1 0.6000 0.7000 0.7500",
        "D*1 0.3000 0.9000 0.7500",
        "Cu1+*1 0.2100 0.3300 0.7500",
        "Cu1+*1 0.6700 0.8800 0.7500",
        "Cu1+*1 0.1200 0.7900 0.7500",
    ];
    assert_eq!(text(&crystal), expected);
    let angles = crystal.lattice().angles();
    assert!((angles[0] - 90.0).abs() < 1e-12 && (angles[2] - 120.0).abs() < 1e-12);
    // B / 8π²: the file has B = 0.01 · 8π².
    assert!((isotropic(&crystal.sites()[0]) - 0.01).abs() < 1e-12);
    assert_eq!(crystal.sites()[1].displacement(), None);
    assert!(crystal.sites()[2].main_species().is_deuterium());
    assert_eq!(crystal.sites()[3].label(), Some("D1"));
}

#[test]
fn tensors_turn_with_their_atoms() {
    let crystal = Crystal::open(sample("hexagonal.cif")).unwrap();
    let [first, second, third] = [5, 6, 7].map(|at| tensor(&crystal.sites()[at]));
    // Along c nothing but U_33, as a* and b* stand upright on c.
    assert!((first[2][2] - 0.030).abs() < 1e-12);
    // U_eq in the hexagonal cell (Fischer & Tillmanns 1988): (4 (U11 + U22 - U12) / 3 + U33) / 3.
    let trace = first[0][0] + first[1][1] + first[2][2];
    assert!((trace - (4.0 * (0.010 + 0.020 - 0.005) / 3.0 + 0.030)).abs() < 1e-12);
    // -y, x-y, z turns by 120 degrees about z.
    let (sin, cos) = 120f64.to_radians().sin_cos();
    let turn = [[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]];
    let turned = |t: [[f64; 3]; 3]| -> [[f64; 3]; 3] {
        let element =
            |i: usize, j: usize| (0..9).map(|at| turn[i][at / 3] * t[at / 3][at % 3] * turn[j][at % 3]).sum();
        std::array::from_fn(|i| std::array::from_fn(|j| element(i, j)))
    };
    for (expected, found) in [(turned(first), second), (turned(second), third)] {
        for at in 0..9 {
            assert!(
                (expected[at / 3][at % 3] - found[at / 3][at % 3]).abs() < 1e-12,
                "{expected:?} {found:?}"
            );
        }
    }
}

#[test]
fn one_of_several_crystals_is_not_chosen_silently() {
    let path = sample("several.cif");
    let message = Crystal::open(&path).unwrap_err().to_string();
    assert!(message.ends_with("several.cif: expected one crystal, found 2: copper, tenorite"), "{message}");
    let crystals = Crystal::open_all(&path).unwrap();
    let found: Vec<_> =
        crystals.iter().map(|crystal| (crystal.name().unwrap(), crystal.formula(), crystal.len())).collect();
    assert_eq!(found, [("copper", "Cu".into(), 4), ("tenorite", "CuO".into(), 8)]);
}

/// Multiplicities of the general position: *International Tables* A.
#[test]
fn named_space_groups_have_their_operations() {
    let cubic = "_cell_length_a 9\n_cell_length_b 9\n_cell_length_c 9\n";
    let hexagonal = "_cell_length_a 9\n_cell_length_b 9\n_cell_length_c 20\n_cell_angle_gamma 120\n";
    let cases = [
        ("_symmetry_space_group_name_H-M 'P 1'", cubic, 1),
        ("_symmetry_space_group_name_H-M P-1", cubic, 2),
        ("_symmetry_space_group_name_H-M 'P 21/c'", cubic, 4),
        ("_symmetry_space_group_name_H-M 'P 1 21/n 1'", cubic, 4),
        ("_symmetry_space_group_name_H-M 'P 21/n'", cubic, 4),
        ("_symmetry_space_group_name_H-M 'C m c a'", cubic, 16),
        ("_space_group_name_H-M_alt 'P b n m'", cubic, 8),
        ("_symmetry_space_group_name_H-M 'F m 3 m'", cubic, 192),
        ("_symmetry_space_group_name_H-M 'F d -3 m :2'", cubic, 192),
        ("_symmetry_space_group_name_H-M 'F d -3 m S'", cubic, 192),
        ("_symmetry_space_group_name_Hall '-F 4 2 3'", cubic, 192),
        ("_space_group_IT_number 225", cubic, 192),
        ("_symmetry_space_group_name_H-M 'R -3 m'", hexagonal, 36),
        ("_symmetry_space_group_name_H-M 'R -3 m'", cubic, 12),
        ("_symmetry_space_group_name_H-M 'R -3 m H'", hexagonal, 36),
        ("_symmetry_Int_Tables_number 167", hexagonal, 36),
    ];
    let atoms = "loop_\n_atom_site_label\n\
        _atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nCu 0.09 0.30 0.43\n";
    for (group, cell, multiplicity) in cases {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("data_x\n{cell}{group}\n{atoms}")).unwrap();
        assert_eq!(Crystal::open(file.path()).unwrap().len(), multiplicity, "{group}");
    }
}

#[test]
fn poscars_of_vasp_4_take_their_species_from_the_comment() {
    let crystal = Crystal::open(sample("vasp4.poscar")).unwrap();
    assert!((crystal.lattice().volume() - 100.0).abs() < 1e-9);
    // Cartesian coordinates are scaled like the vectors of length 2.
    let expected = [
        "Cu*1 0.2500 0.2500 0.2500",
        "O*1 0.0000 0.0000 0.0000",
        "O*1 0.5000 0.0000 0.0000",
        "H*1 0.0000 0.5000 0.0000",
    ];
    assert_eq!(text(&crystal), expected);
    assert_eq!(crystal.sites()[1].label(), Some("O_up"));
}

#[test]
fn poscars_of_vasp_5_have_suffixes_repeats_and_three_scales() {
    let crystal = Crystal::open(sample("vasp5.poscar")).unwrap();
    assert_eq!(crystal.lattice().lengths(), [4.0, 4.0, 4.0]);
    let expected = [
        "Fe*1 0.5000 0.5000 0.5000",
        "O*1 0.0000 0.0000 0.0000",
        "O*1 0.2500 0.0000 0.0000",
        "Fe*1 0.0000 0.2500 0.0000",
    ];
    assert_eq!(text(&crystal), expected);
    assert_eq!(crystal.sites()[2].label(), Some("O2"));
    assert_eq!(crystal.name(), Some("Strange but right"));
}

#[test]
fn poscars_without_symbols_take_them_from_the_coordinates() {
    let crystal = Crystal::open(sample("labels.poscar")).unwrap();
    assert_eq!(
        (crystal.formula().as_str(), crystal.sites()[0].label(), crystal.name()),
        ("CsCl", Some("Cs1"), None)
    );
}

#[test]
fn frames_of_extended_xyz_are_wrapped_into_their_cells() {
    let file = StructureFile::open(sample("frames.xyz")).unwrap();
    assert_eq!((file.format, file.crystals.len()), ("extended XYZ", 2));
    // (-2, 0, 2) = -a / 2 + c / 2
    assert_eq!(text(&file.crystals[0]), ["Cu*1 0.0000 0.0000 0.0000", "O*1 0.5000 0.0000 0.5000"]);
    assert_eq!(text(&file.crystals[1]), ["Cu*1 0.5000 0.0000 0.0000"]);
    let message = Crystal::open(sample("frames.xyz")).unwrap_err().to_string();
    assert!(message.ends_with("frames.xyz: expected one crystal, found 2: #1, #2"), "{message}");
}
