//! Where the patches of `adatom image` lie.

use crate::sandbox::{Sandbox, TINY, lattice};

const SMALL: &str = "--hidden 8,8 --epochs 1 --seed 3";

#[test]
fn windows_are_of_any_height_and_width() {
    let sandbox = Sandbox::new();
    lattice([40, 31], 1).save_npy(sandbox.path("image.npy")).unwrap();
    // Rows and columns of the grid: (extent - window) / stride + 1 of an image of 40 × 31 pixels.
    for (window, stride, first, count) in [
        ("9x12", "5x4", [4.0, 5.5], 7 * 5),
        ("8", "8", [3.5, 3.5], 5 * 3),
        ("7", "7", [3.0, 3.0], 5 * 4),
        ("1x31", "3", [0.0, 15.0], 14),
    ] {
        let place = format!("--window {window} --stride {stride}");
        sandbox.succeeds(&format!("image image.npy --out out --force {SMALL} {place}"));
        let centres = &sandbox.npz("out/latents.npz")["centres"];
        assert_eq!((centres.shape[0], &centres.values[..2]), (count, &first[..]), "{window}");
    }
}

#[test]
fn random_patches_are_inside_and_follow_the_seed() {
    let sandbox = Sandbox::with_lattice();
    let run = |out: &str, seed: u64| {
        let place = "--window 9x12 --random 25 --hidden 8,8 --epochs 1";
        sandbox.succeeds(&format!("image lattice.npy --out {out} --seed {seed} {place}"));
        sandbox.npz(&format!("{out}/latents.npz")).remove("centres").unwrap()
    };
    let centres = run("a", 1);
    assert_eq!(centres.shape, [25, 2]);
    for centre in centres.values.chunks(2) {
        assert!((4.0..=37.0).contains(&centre[0]) && (5.5..=35.5).contains(&centre[1]), "{centre:?}");
    }
    assert_eq!(run("b", 1), centres);
    assert_ne!(run("c", 2), centres);
    let says = ["2000 patches were requested", "961 positions"];
    sandbox.fails("image lattice.npy --out d --window 12 --random 2000", &says);
}

#[test]
fn centres_of_a_file_may_be_fractions() {
    let sandbox = Sandbox::with_lattice();
    sandbox.write("centres.csv", "# by hand\nname,Column,row\na, 20.25, 15.75\nb,12,30\nc,2,2\n");
    let ended =
        sandbox.succeeds(&format!("image lattice.npy --out out --window 12 --centres centres.csv {SMALL}"));
    assert!(ended.stderr.contains("1 of 3 centres are left out"), "{}", ended.stderr);
    let centres = &sandbox.npz("out/latents.npz")["centres"];
    assert_eq!(centres.values, [15.75, 20.25, 30.0, 12.0]);
}

#[test]
fn bad_centres_are_told_with_their_line() {
    let sandbox = Sandbox::with_lattice();
    for (content, says) in [
        ("row,column\n10,12\n11,east\n", &["centres.csv: line 3: expected a number, found `east`"][..]),
        ("row,column\n10,12\n11\n", &["centres.csv", "line: 3"]),
        ("y,x\n1,2\n", &["expected the columns `row` and `column`, `row` is missing"]),
        ("row,column\n", &["the file contains no centres"]),
        ("", &["centres.csv", "`row` is missing"]),
        ("row,column\nnan,3\n", &["centre 0 is not finite"]),
        ("row,column\n500,500\n-3,4\n", &["none of the 2 centres leaves a whole window of 12 x 12 pixels"]),
        ("row,column\n\u{0}\u{1}\u{2}", &["centres.csv"]),
    ] {
        sandbox.write("centres.csv", content);
        sandbox
            .fails(&format!("image lattice.npy --out out --window 12 --centres centres.csv {SMALL}"), says);
        assert!(sandbox.files("out").is_empty());
    }
    let arguments = format!("image lattice.npy --out out --window 12 --centres none.csv {SMALL}");
    sandbox.fails(&arguments, &["none.csv", "No such file"]);
}

#[test]
fn pixels_that_are_not_finite_are_counted_and_filled_on_demand() {
    let sandbox = Sandbox::new();
    for (value, count) in [(f32::NAN, 5), (f32::INFINITY, 3), (f32::NEG_INFINITY, 1)] {
        crate::sandbox::lattice_with(value, count).save_npy(sandbox.path("holes.npy")).unwrap();
        let says = format!("{count} of 1764 pixels are NaN or infinite (holes.npy)");
        sandbox.fails(&format!("image holes.npy --out refused {TINY}"), &[&says, "--fill"]);
        assert!(sandbox.files("refused").is_empty());
        for fill in ["mean", "median", "nearest", "0.5"] {
            let ended = sandbox.succeeds(&format!("image holes.npy --out out --force {TINY} --fill {fill}"));
            assert!(ended.stderr.contains(&format!("holes.npy: {count} NaN or infinite pixels were filled")));
        }
    }
}
