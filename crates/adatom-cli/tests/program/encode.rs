//! `adatom encode`: a trained model on an image.

use crate::sandbox::{Sandbox, TINY, lattice, lattice_with};

/// Windows that are encoded without being cut out are summed in another order; latents are about 1.
const ROUNDING: f64 = 1e-5;

/// A folder with `lattice.npy` and a model trained on it.
fn trained() -> Sandbox {
    let sandbox = Sandbox::with_lattice();
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY}"));
    sandbox
}

#[test]
fn the_stride_of_the_training_gives_the_latents_of_the_training() {
    let sandbox = trained();
    let ended = sandbox.succeeds("encode out/model.safetensors lattice.npy --out same.npz --stride 6");
    assert!(ended.stdout.contains("36 patches encoded into same.npz"), "{}", ended.stdout);
    let (same, training) = (sandbox.npz("same.npz"), sandbox.npz("out/latents.npz"));
    assert_eq!(same.keys().collect::<Vec<_>>(), training.keys().collect::<Vec<_>>());
    for (name, training) in &training {
        assert_eq!((&same[name].kind, &same[name].shape), (&training.kind, &training.shape), "{name}");
        for (same, training) in same[name].values.iter().zip(&training.values) {
            assert!((same - training).abs() < ROUNDING, "{name}: {same} and {training}");
        }
    }
}

#[test]
fn every_position_of_another_image_is_encoded() {
    let sandbox = trained();
    lattice([20, 17], 5).save_npy(sandbox.path("other.npy")).unwrap();
    let ended = sandbox.succeeds("encode out/model.safetensors other.npy --out other.npz --json");
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&said["patches"], &said["grid"]), (&54.into(), &serde_json::json!([9, 6])));
    assert_eq!(sandbox.npz("other.npz")["content"].shape, [54, 2]);

    sandbox.succeeds("encode out/model.safetensors other.npy --out steps.npz --stride 4x5 --rescale");
    assert_eq!(
        sandbox.npz("steps.npz")["centres"].values,
        [5.5, 5.5, 5.5, 10.5, 9.5, 5.5, 9.5, 10.5, 13.5, 5.5, 13.5, 10.5]
    );
}

#[test]
fn an_image_on_another_scale_is_warned_of() {
    let sandbox = trained();
    let bright = lattice([20, 20], 5).pixels().mapv(|pixel| 1000.0 * pixel);
    adatom::patch::Image::from_array(bright).save_npy(sandbox.path("bright.npy")).unwrap();
    let ended = sandbox.succeeds("encode out/model.safetensors bright.npy --out bright.npz");
    assert!(ended.stderr.contains("warning: ") && ended.stderr.contains("--rescale"), "{}", ended.stderr);
    let ended = sandbox.succeeds("encode out/model.safetensors bright.npy --out scaled.npz --rescale");
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_encoded_is_refused() {
    let sandbox = trained();
    let model = sandbox.bytes("out/model.safetensors");
    sandbox.write("half.safetensors", &model[..model.len() / 2]);
    lattice([8, 40], 5).save_npy(sandbox.path("low.npy")).unwrap();
    lattice_with(f32::NAN, 4).save_npy(sandbox.path("holes.npy")).unwrap();
    sandbox.write("there.npz", "mine");
    for (arguments, says) in [
        (
            "half.safetensors lattice.npy --out x.npz",
            &["half.safetensors", "not a complete safetensors file"][..],
        ),
        ("lattice.npy lattice.npy --out x.npz", &["lattice.npy", "not a complete safetensors file"]),
        ("none.safetensors lattice.npy --out x.npz", &["none.safetensors", "No such file"]),
        ("out/model.safetensors none.npy --out x.npz", &["none.npy", "No such file"]),
        ("out/model.safetensors low.npy --out x.npz", &["window of 12 x 12", "8 x 40 pixels", "low.npy"]),
        ("out/model.safetensors holes.npy --out x.npz", &["4 of 1764 pixels are NaN or infinite", "--fill"]),
        ("out/model.safetensors lattice.npy --out there.npz", &["there.npz already exists", "--force"]),
        ("out/model.safetensors lattice.npy --out lattice.npy/x.npz", &["lattice.npy/x.npz"]),
        ("out/model.safetensors lattice.npy --out missing/x.npz", &["missing/x.npz"]),
        ("out/model.safetensors lattice.npy --out lattice.npy --force", &["lattice.npy", "an input"]),
    ] {
        sandbox.fails(&format!("encode {arguments}"), says);
        assert!(!sandbox.path("x.npz").exists());
    }
    assert_eq!(sandbox.text("there.npz"), "mine");
    sandbox.succeeds("encode out/model.safetensors lattice.npy --out there.npz --force --stride 9");
    assert_eq!(sandbox.npz("there.npz")["content"].shape, [16, 2]);
    sandbox.succeeds("encode out/model.safetensors holes.npy --out x.npz --fill mean --stride 9");
    let left: Vec<String> = sandbox.files("").into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
#[cfg(unix)]
fn a_link_is_not_replaced() {
    let sandbox = trained();
    sandbox.write("target.npz", "mine");
    std::os::unix::fs::symlink("target.npz", sandbox.path("link.npz")).unwrap();
    let command = "encode out/model.safetensors lattice.npy --stride 9 --force --out";
    sandbox.fails(&format!("{command} link.npz"), &["link.npz", "a symbolic link"]);
    sandbox.fails(&format!("{command} x.npz --table link.npz"), &["link.npz", "a symbolic link"]);
    assert_eq!(sandbox.text("target.npz"), "mine");
    assert!(sandbox.path("link.npz").is_symlink() && !sandbox.path("x.npz").exists());
}
