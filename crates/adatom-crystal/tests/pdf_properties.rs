//! What must hold for PDFs of any crystal: sums of parts, other choices of the cell, refusals.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_crystal::{
    Baseline, Charges, Crystal, Displacement, Element, Error, Lattice, PdfCalculator, Radiation, Site,
    Species,
};
use proptest::prelude::*;

/// Values are of the order of 1 to 10; transforms and sums in another order round.
const ROUNDING: f64 = 1e-8;

const OXIDE: [&str; 3] = ["Cu", "O", "Sr"];

fn element(symbol: &str) -> Element {
    symbol.parse().unwrap()
}

fn crystal(vectors: [[f64; 3]; 3], atoms: &[(&str, [f64; 3], f64)]) -> Crystal {
    let site = |&(symbol, position, u): &(&str, [f64; 3], f64)| {
        let site = Site::new(Species::new(element(symbol)), position).unwrap();
        site.with_displacement(Displacement::Isotropic(u))
    };
    Crystal::new(Lattice::new(vectors).unwrap(), atoms.iter().map(site).collect()).unwrap()
}

fn rutile() -> Crystal {
    let x = 0.3051;
    let positions =
        [[0.0; 3], [0.5; 3], [x, x, 0.0], [-x, -x, 0.0], [0.5 + x, 0.5 - x, 0.5], [0.5 - x, 0.5 + x, 0.5]];
    let atoms: Vec<_> = positions
        .iter()
        .enumerate()
        .map(|(at, position)| if at < 2 { ("Ti", *position, 0.005) } else { ("O", *position, 0.009) })
        .collect();
    crystal([[4.606, 0.0, 0.0], [0.0, 4.606, 0.0], [0.0, 0.0, 2.954]], &atoms)
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values
        .map(f64::abs)
        .fold(0.0, |largest, value| if value.is_nan() { f64::NAN } else { largest.max(value) })
}

/// Crystals of up to seven atoms of three elements, at least 0.4 Å³ an atom.
fn any_crystal() -> impl Strategy<Value = Crystal> {
    let atom = (0usize..3, prop::array::uniform3(-1.0f64..2.0), 0.002f64..0.02);
    let lengths = prop::array::uniform3(2.5f64..6.0);
    let shear = prop::array::uniform3(-1.0f64..1.0);
    (lengths, shear, prop::collection::vec(atom, 1..8)).prop_map(|([a, b, c], shear, atoms)| {
        let atoms: Vec<_> = atoms.iter().map(|&(at, position, u)| (OXIDE[at], position, u)).collect();
        crystal([[a, 0.0, 0.0], [shear[0] * a, b, 0.0], [shear[1] * a, shear[2] * b, c]], &atoms)
    })
}

fn any_calculator() -> impl Strategy<Value = PdfCalculator> {
    let q = (prop::sample::select(vec![0.0, 18.0, 30.0]), prop::sample::select(vec![0.0, 0.8]));
    let width = (0.0f64..0.05, 0.0f64..0.05, -0.5f64..1.0, -1.0f64..3.0);
    let baseline = prop::sample::select(vec![Baseline::ByNumber, Baseline::ByScattering, Baseline::Zero]);
    let radiation = prop::sample::select(vec![Radiation::XRay, Radiation::Neutron]);
    (q, width, baseline, radiation, 0.0f64..3.0).prop_map(
        |((qmax, qmin), width, baseline, radiation, rmin)| {
            let (qdamp, qbroad, delta1, delta2) = width;
            let calculator = PdfCalculator::default().rmin(rmin).rmax(7.0).rstep(0.02).qmax(qmax).qmin(qmin);
            let calculator = calculator.qdamp(qdamp).qbroad(qbroad).delta1(delta1).delta2(delta2);
            calculator.baseline(baseline).radiation(radiation).spherical_diameter(12.0).scale(0.7)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_sum_to_the_total(crystal in any_crystal(), calculator in any_calculator()) {
        let total = calculator.total(&crystal).unwrap();
        let one = crystal.sites()[0].main_species().element();
        let without = calculator.without(&crystal, one).unwrap();
        let differential = calculator.differential(&crystal, one).unwrap();
        let apart = |k: usize| total.g()[k] - without.g()[k] - differential.pdf().g()[k];
        prop_assert!(largest((0..total.len()).map(apart)) < ROUNDING);
        let both = calculator.total_and_differential(&crystal, one).unwrap();
        prop_assert!(largest((0..total.len()).map(|k| both.total.g()[k] - total.g()[k])) < ROUNDING);
        let difference = |k: usize| both.differential.pdf().g()[k] - differential.pdf().g()[k];
        prop_assert!(largest((0..total.len()).map(difference)) < ROUNDING);

        let sites: Vec<usize> =
            (0..crystal.len()).filter(|&at| crystal.sites()[at].main_species().element() == one).collect();
        let single = calculator.site_differentials(&crystal, one, &sites).unwrap();
        let mean = |k: usize| single.iter().map(|site| site.pdf().g()[k]).sum::<f64>() / sites.len() as f64;
        prop_assert!(largest((0..total.len()).map(|k| mean(k) - differential.pdf().g()[k])) < ROUNDING);

        let partials = calculator.partials(&crystal).unwrap();
        let weights: f64 = partials.iter().map(|partial| partial.weight()).sum();
        prop_assert!((weights - 1.0).abs() < ROUNDING);
        let sum = |k: usize| -> f64 {
            partials.iter().map(|partial| partial.weight() * partial.pdf().g()[k]).sum()
        };
        prop_assert!(largest((0..total.len()).map(|k| sum(k) - total.g()[k])) < ROUNDING);
    }

    #[test]
    fn the_choice_of_the_cell_does_not_matter(
        crystal in any_crystal(),
        calculator in any_calculator(),
        origin in prop::array::uniform3(-2.0f64..2.0),
        times in 2usize..4,
        shear in -2i32..3,
    ) {
        let [a, b, c] = crystal.lattice().vectors();
        let vectors = [
            a.map(|x| x * times as f64),
            std::array::from_fn(|k| b[k] + f64::from(shear) * a[k]),
            std::array::from_fn(|k| c[k] - b[k]),
        ];
        let lattice = Lattice::new(vectors).unwrap();
        let mut sites = Vec::new();
        for site in crystal.sites() {
            for copy in 0..times {
                let [x, y, z] = site.fractional();
                let position =
                    crystal.lattice().cartesian([x + copy as f64 + origin[0], y + origin[1], z + origin[2]]);
                let moved = Site::new(site.main_species(), lattice.fractional(position)).unwrap();
                sites.push(moved.with_displacement(site.displacement().unwrap()));
            }
        }
        let other = Crystal::new(lattice, sites).unwrap();
        let (left, right) = (calculator.total(&crystal).unwrap(), calculator.total(&other).unwrap());
        prop_assert!(largest((0..left.len()).map(|k| left.g()[k] - right.g()[k])) < ROUNDING);
    }
}

/// Turned about any axis, with U turned alike, the crystal is the same.
#[test]
fn anisotropic_displacements_turn_with_the_crystal() {
    let u = [[0.012, 0.002, -0.001], [0.002, 0.007, 0.003], [-0.001, 0.003, 0.009]];
    let (s, c) = 0.7f64.sin_cos();
    let (t, d) = 1.1f64.sin_cos();
    // About z, then about x; rows of cell vectors and tensors turn as v R and Rᵀ U R.
    let turn = [[c, s * d, s * t], [-s, c * d, c * t], [0.0, -t, d]];
    let turned = |v: [f64; 3]| std::array::from_fn(|k| (0..3).map(|i| v[i] * turn[i][k]).sum());
    let u_turned: [[f64; 3]; 3] = std::array::from_fn(|k| {
        std::array::from_fn(|l| (0..9).map(|at| turn[at / 3][k] * u[at / 3][at % 3] * turn[at % 3][l]).sum())
    });
    let with = |crystal: Crystal, u| {
        let sites =
            crystal.sites().iter().map(|site| site.clone().with_displacement(Displacement::Anisotropic(u)));
        Crystal::new(crystal.lattice().clone(), sites.collect()).unwrap()
    };
    let vectors = [[3.1, 0.2, 0.0], [0.4, 4.0, 0.3], [0.0, -0.5, 5.0]];
    let atoms = [("Cu", [0.0; 3], 0.0), ("O", [0.4, 0.3, 0.6], 0.0)];
    let straight = with(crystal(vectors, &atoms), u);
    let other = with(crystal(vectors.map(turned), &atoms), u_turned);
    // Without a limit, the range that is summed does not depend on the axes along which U is largest.
    let calculator = PdfCalculator::default().rmax(8.0);
    let (left, right) = (calculator.total(&straight).unwrap(), calculator.total(&other).unwrap());
    assert!(largest((0..left.len()).map(|k| left.g()[k] - right.g()[k])) < 1e-6);
    let isotropic = calculator.clone().uniform_uiso(0.009).total(&straight).unwrap();
    assert!(largest((0..left.len()).map(|k| left.g()[k] - isotropic.g()[k])) > 0.1);
}

/// A site half copper, half zinc scatters as the two on average; with neutrons of opposite sign nothing is
/// left.
#[test]
fn shared_sites() {
    let shared = |species: Vec<(&str, f64)>| {
        let species =
            species.into_iter().map(|(symbol, part)| (Species::new(element(symbol)), part)).collect();
        let lattice = Lattice::from_parameters([2.9; 3], [90.0; 3]).unwrap();
        Crystal::new(lattice, vec![Site::mixed(species, [0.0; 3]).unwrap()]).unwrap()
    };
    let calculator = PdfCalculator::published();
    let (alloy, pure) = (shared(vec![("Cu", 0.5), ("Zn", 0.5)]), shared(vec![("Cu", 1.0)]));
    let (left, right) = (calculator.total(&alloy).unwrap(), calculator.total(&pure).unwrap());
    assert!(largest((0..left.len()).map(|k| left.g()[k] - right.g()[k])) < ROUNDING);
    let partial = calculator.partial(&alloy, element("Zn"), element("Cu")).unwrap();
    assert_eq!(partial.elements(), [element("Cu"), element("Zn")]);
    assert!(largest((0..left.len()).map(|k| left.g()[k] - partial.pdf().g()[k])) < ROUNDING);

    // Ti -3.37 fm, Zr 7.16 fm: at 0.68 Ti they cancel.
    let ti = 7.16 / (7.16 + 3.37);
    let null = shared(vec![("Ti", ti), ("Zr", 1.0 - ti)]);
    let error = calculator.radiation(Radiation::Neutron).total(&null).unwrap_err();
    assert!(error.to_string().starts_with("the mean scattering factor must be different from 0"), "{error}");
}

/// With the baseline by scattering, the differential PDF of a heavy element has no drift; by number it rises.
#[test]
fn baselines_of_differential_pdfs() {
    let titanium = element("Ti");
    let calculator = PdfCalculator::published().rmax(30.0);
    let mean = |calculator: &PdfCalculator| {
        let dpdf = calculator.differential(&rutile(), titanium).unwrap();
        let far: Vec<f64> = dpdf.pdf().g().iter().skip(2000).copied().collect();
        far.iter().sum::<f64>() / far.len() as f64
    };
    assert!(mean(&calculator.clone().baseline(Baseline::ByScattering)).abs() < 0.05);
    // 4π ρ0 r ((1 - x)² - (1 - w)²) with x = 1/3, w = 2 · 21.998 / (6 · 12.666), at 25 Å on average.
    let (x, w) = (1.0 / 3.0, 2.0 * 21.998073 / (6.0 * 12.665828333));
    let density = 6.0 / rutile().lattice().volume();
    let expected =
        4.0 * std::f64::consts::PI * density * 25.0 * ((1.0f64 - x).powi(2) - (1.0f64 - w).powi(2));
    assert!((mean(&calculator) - expected).abs() < 0.05, "{} {expected}", mean(&calculator));
    // Far away every partial PDF oscillates about 0.
    for partial in calculator.partials(&rutile()).unwrap() {
        let far = partial.pdf().g().iter().skip(2000).sum::<f64>() / 1000.0;
        // Over 10 Å, oscillations of several 1/Å² do not cancel quite.
        assert!(far.abs() < 0.15, "{:?} {far}", partial.elements());
    }
}

#[test]
fn elements_that_do_not_scatter_have_partials() {
    let samarium = crystal(
        [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]],
        &[("Sm", [0.0; 3], 0.007), ("O", [0.5; 3], 0.007)],
    );
    let calculator = PdfCalculator::published().radiation(Radiation::Neutron);
    let partial = calculator.partial(&samarium, element("Sm"), element("Sm")).unwrap();
    assert_eq!(partial.weight(), 0.0);
    assert!(partial.pdf().g().iter().any(|g| *g > 1.0));
}

#[test]
fn metadata_says_how() {
    let calculator = PdfCalculator::published().qdamp(0.03);
    let crystal = rutile().with_name("rutile");
    let both = calculator.total_and_differential(&crystal, element("Ti")).unwrap();
    let (total, differential) = (both.total, both.differential);
    let metadata = total.metadata();
    assert_eq!(metadata.number("qmax"), Some(30.0));
    assert_eq!((metadata.get("mode"), metadata.get("composition")), (Some("xray"), Some("O4 Ti2")));
    assert_eq!((metadata.number("qdamp"), metadata.source()), (Some(0.03), Some("rutile")));
    assert_eq!(differential.element(), element("Ti"));
    assert_eq!(differential.pdf().metadata().get("element"), Some("Ti"));
}

#[test]
fn many_crystals_keep_their_order_and_their_errors() {
    let unknown = crystal([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]], &[("Og", [0.0; 3], 0.01)]);
    let crystals = [rutile(), unknown, rutile()];
    let results = PdfCalculator::published().totals(&crystals);
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let error = results[1].as_ref().unwrap_err();
    assert_eq!(error.to_string(), "no X-ray scattering factor is tabulated for Og");
    assert_eq!(results[0].as_ref().unwrap(), results[2].as_ref().unwrap());
    let both = PdfCalculator::published().totals_and_differentials(&crystals, element("O"));
    assert_eq!(both[2].as_ref().unwrap().total.len(), 1000);
}

#[test]
fn correlated_motion_removes_peaks_rather_than_failing() {
    let calculator = PdfCalculator::default().delta2(1e6);
    let pdf = calculator.total(&rutile()).unwrap();
    let slope = -4.0 * std::f64::consts::PI * 6.0 / rutile().lattice().volume();
    let apart = |k: usize| pdf.g()[k] - slope * pdf.distance().values()[k];
    assert!(largest((0..pdf.len()).map(apart)) < ROUNDING);
}

#[test]
fn a_limit_beyond_the_grid_is_none() {
    let total = |qmax: f64| PdfCalculator::default().qmax(qmax).total(&rutile()).unwrap();
    assert_eq!(total(1e6).g(), total(0.0).g());
    assert_ne!(total(30.0).g(), total(0.0).g());
}

fn refused(calculator: PdfCalculator) -> String {
    match calculator.total(&rutile()) {
        Err(error @ (Error::Argument { .. } | Error::TooLarge { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn parameters_outside_of_their_range() {
    let new = PdfCalculator::default;
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        for calculator in [
            new().rmin(bad),
            new().rmax(bad),
            new().rstep(bad),
            new().qmin(bad),
            new().qmax(bad),
            new().qdamp(bad),
            new().qbroad(bad),
            new().spherical_diameter(bad),
            new().uniform_uiso(bad),
            new().default_uiso(bad),
        ] {
            refused(calculator);
        }
    }
    for bad in [f64::NAN, f64::INFINITY] {
        for calculator in [new().delta1(bad), new().delta2(bad), new().scale(bad)] {
            refused(calculator);
        }
    }
    assert_eq!(refused(new().rmin(5.0).rmax(5.0)), "rmax must be larger than rmin, found 5");
    assert_eq!(refused(new().qmin(20.0).qmax(10.0)), "qmax must be larger than qmin, found 10");
    assert!(refused(new().rmax(1e9)).starts_with("too many points of a PDF: "));
    assert!(refused(new().rstep(1e-7)).starts_with("too many points of a PDF: "));
    assert!(refused(new().rmin(9.0).rmax(9.005).rstep(10.0)).starts_with("rmax must be a step beyond rmin"));
    assert!(refused(new().rmax(4e4)).contains("are supported"));
}

#[test]
fn structures_that_cannot_be_calculated() {
    let lattice = || Lattice::from_parameters([3.0; 3], [90.0; 3]).unwrap();
    let site = || Site::new(Species::new(element("Cu")), [0.0; 3]).unwrap();
    let total = |site: Site| {
        let crystal = Crystal::new(lattice(), vec![site]).unwrap();
        PdfCalculator::default().total(&crystal).map_err(|error| error.to_string())
    };
    let error = total(site()).unwrap_err();
    assert_eq!(
        error,
        "the displacement parameter must be known or given by default_uiso, found none at site 0 (Cu)"
    );
    for bad in [-0.01, f64::NAN] {
        assert!(total(site().with_displacement(Displacement::Isotropic(bad))).is_err(), "{bad}");
    }
    for bad in [
        [[0.01, 0.02, 0.0], [0.02, 0.01, 0.0], [0.0, 0.0, 0.01]],
        [[-0.01, 0.0, 0.0], [0.0, 0.01, 0.0], [0.0, 0.0, 0.01]],
        [[0.01, 0.005, 0.0], [0.0, 0.01, 0.0], [0.0, 0.0, 0.01]],
        [[0.01, 0.0, 0.0], [0.0, f64::NAN, 0.0], [0.0, 0.0, 0.01]],
        [[0.01, 0.009, -0.009], [0.009, 0.01, 0.009], [-0.009, 0.009, 0.01]],
    ] {
        assert!(total(site().with_displacement(Displacement::Anisotropic(bad))).is_err(), "{bad:?}");
    }
    let ion = Site::new(Species::new(element("Cu")).with_charge(3.0), [0.0; 3]).unwrap();
    let crystal = Crystal::new(lattice(), vec![ion]).unwrap();
    assert!(matches!(PdfCalculator::published().total(&crystal), Err(Error::NoParameter { .. })));
    assert!(PdfCalculator::published().charges(Charges::Ignored).total(&crystal).is_ok());
    let tiny = Lattice::new([[1e-4, 0.0, 0.0], [0.0, 1e-4, 0.0], [0.0, 0.0, 1e-4]]).unwrap();
    let tiny = Crystal::new(tiny, vec![site()]).unwrap();
    assert!(matches!(PdfCalculator::published().total(&tiny), Err(Error::TooLarge { .. })));
}
