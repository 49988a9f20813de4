//! Input that cannot be used: a clear sentence, exit status 1, and nothing half-written.

use adatom::patch::{Image, Scaling};
use ndarray::Array2;

use crate::sandbox::{Sandbox, TINY, lattice};

/// An NPY file that promises so many pixels and holds four.
fn npy_of(shape: &str) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &[0; 16]].concat()
}

#[test]
fn files_that_are_no_images() {
    let sandbox = Sandbox::with_lattice();
    lattice([42, 42], 1).save_png16(sandbox.path("whole.png"), &Scaling::identity()).unwrap();
    let (npy, png) = (sandbox.bytes("lattice.npy"), sandbox.bytes("whole.png"));
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        (
            "notes.txt",
            b"row,column\n1,2\n".to_vec(),
            &["notes.txt", "unrecognised file format", "NPY, TIFF, PNG"],
        ),
        ("empty.npy", Vec::new(), &["empty.npy"]),
        ("noise.tif", (0..200u8).map(|byte| byte.wrapping_mul(73)).collect(), &["noise.tif"]),
        (
            "short.npy",
            npy[..npy.len() - 100].to_vec(),
            &["short.npy", "truncated NPY file: expected 7184 bytes", "7084"],
        ),
        ("header.npy", npy[..40].to_vec(), &["header.npy"]),
        ("short.png", png[..png.len() / 2].to_vec(), &["short.png"]),
        ("promise.npy", npy_of("(1000000, 1000000)"), &["promise.npy", "4000000000128 bytes", "found 144"]),
        ("overflow.npy", npy_of("(4294967296, 4294967296)"), &["overflow.npy"]),
        ("none.npy", npy_of("(0, 5)"), &["none.npy"]),
    ];
    for (name, content, says) in cases {
        sandbox.write(name, content);
        sandbox.fails(&format!("image {name} --out out {TINY}"), says);
        assert!(!sandbox.path("out").exists(), "{name}");
    }
    for (name, says) in [("missing.npy", "No such file"), ("folder", "it is a folder")] {
        sandbox.fails(&format!("image {name} --out out {TINY}"), &[name, says]);
        assert!(!sandbox.path("out").exists(), "{name}");
    }
    // One bad file among good ones, after them, stops the run as early.
    sandbox.fails(&format!("image lattice.npy notes.txt --out out {TINY}"), &["notes.txt"]);
    assert!(!sandbox.path("out").exists());
}

#[test]
fn images_that_cannot_be_learnt() {
    let sandbox = Sandbox::with_lattice();
    Image::from_array(Array2::from_elem((40, 40), 7.0)).save_npy(sandbox.path("flat.npy")).unwrap();
    Image::from_array(Array2::from_elem((40, 40), f32::NAN)).save_npy(sandbox.path("nan.npy")).unwrap();
    lattice([10, 60], 1).save_npy(sandbox.path("low.npy")).unwrap();
    for (arguments, says) in [
        ("flat.npy", &["cannot scale a constant image: every pixel is 7", "flat.npy"][..]),
        ("nan.npy", &["1600 of 1600 pixels are NaN or infinite", "nan.npy"]),
        ("nan.npy --fill mean", &["nan.npy"]),
        ("low.npy", &["window of 12 x 12 pixels does not fit", "10 x 60 pixels (low.npy)"]),
        ("lattice.npy low.npy", &["window of 12 x 12 pixels does not fit", "10 x 60 pixels (low.npy)"]),
        ("lattice.npy --scaling standard", &["defined for intensities in [0, 1]", "--likelihood gaussian"]),
        ("lattice.npy --likelihood poisson", &["defined for counts", "--scaling none"]),
        ("lattice.npy --likelihood poisson --scaling none --flatten 3", &["--flatten", "defined for counts"]),
    ] {
        sandbox.fails(&format!("image {arguments} --out out {TINY}"), says);
        assert!(sandbox.files("out").is_empty(), "{arguments}");
    }
}

#[test]
fn settings_that_cannot_be() {
    let sandbox = Sandbox::with_lattice();
    for (setting, says) in [
        ("--epochs 0", "the number of epochs must be at least 1, found 0"),
        ("--batch 0", "the batch size must be at least 1"),
        ("--learning-rate 0", "the learning rate must be finite and positive"),
        ("--learning-rate nan", "the learning rate must be finite and positive"),
        ("--held-out 1", "the fraction of held-out samples must be at least 0 and below 1"),
        ("--hidden 0", "hidden"),
        ("--dx-prior=-1", "the prior of the shift must be"),
        ("--unit-cell 9,0,9,0", "two vectors that are not parallel, found [9.0, 0.0] and [9.0, 0.0]"),
        ("--unit-cell 9,0,0,nan", "two vectors of 1 to 65536 pixels"),
        ("--unit-cell 9,0,0,9 --invariances rotation", "absent in a model without shift, found rotation"),
        ("--latent 0 --invariances none", "latent"),
        ("--flatten 0", "the standard deviation of the background must be positive"),
        ("--scaling percentile:99,1", "percentile"),
        ("--beta=-1", "the weight of the KL divergence must be finite and not negative, found -1"),
        ("--sigma 0 --likelihood gaussian", "must be"),
        ("--random 0", "the number of random patches must be at least 1"),
        ("--steps 0", "the number of steps of an epoch must be at least 1"),
        ("--device cuda", "the feature `cuda`"),
    ] {
        let place = if setting.contains("--random") { "" } else { "--stride 6" };
        sandbox.fails(&format!("image lattice.npy --out out --window 12 {place} {setting}"), &[says]);
        assert!(!sandbox.path("out").exists(), "{setting}");
    }
}

#[test]
fn folders_that_cannot_be_written() {
    let sandbox = Sandbox::with_lattice();
    // Not even root can make a folder below a file.
    sandbox.fails(&format!("image lattice.npy --out lattice.npy/out {TINY}"), &["lattice.npy/out: "]);
    sandbox.fails(&format!("image lattice.npy --out lattice.npy {TINY}"), &["lattice.npy: "]);
    sandbox.fails("demo --quick --out lattice.npy/demo", &["lattice.npy/demo: "]);
    assert_eq!(sandbox.files(""), ["lattice.npy"]);
}

#[test]
fn wrong_arguments_are_exit_status_2() {
    let sandbox = Sandbox::with_lattice();
    for arguments in [
        "",
        "imagine",
        "image",
        "image lattice.npy",
        "image lattice.npy --out out --window 0",
        "image lattice.npy --out out --window 9x",
        "image lattice.npy --out out --window 9 --unit-cell 9,0",
        "image lattice.npy --out out --window 9 --unit-cell auto --dx-prior 0.3",
        "image lattice.npy --out out --stride a",
        "image lattice.npy --out out --stride 4 --random 10",
        "image lattice.npy --out out --invariances mirror",
        "image lattice.npy --out out --likelihood students",
        "image lattice.npy --out out --fill nan",
        "image lattice.npy --out out --epochs -1",
        "image lattice.npy --out out --threads 0",
        "encode model.safetensors lattice.npy",
        "inspect",
    ] {
        let ended = sandbox.run(arguments);
        assert_eq!(ended.status, Some(2), "adatom {arguments}\n{}", ended.stderr);
        assert!(!ended.stderr.is_empty() && ended.stdout.is_empty(), "adatom {arguments}");
    }
    assert_eq!(sandbox.files(""), ["lattice.npy"]);
    for arguments in ["--help", "image --help", "--version", "demo --help"] {
        assert!(sandbox.succeeds(arguments).stdout.contains("adatom"), "{arguments}");
    }
}
