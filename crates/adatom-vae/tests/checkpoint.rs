//! The model's file: everything comes back, and a file that is not one gets a typed error.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;

use adatom_vae::candle_core::{DType, Device, Tensor};
use adatom_vae::{
    Activation, CheckpointProblem, Error, FirstLayer, Invariance, Likelihood, Scaling, ScalingMethod,
    ShiftVae,
};

mod chain;

use chain::chain;

fn model() -> ShiftVae {
    let config = ShiftVae::image_config(5, 6)
        .hidden([7, 8])
        .latent_dim(1)
        .invariances([Invariance::Rotation, Invariance::Shift])
        .shift_prior_per_axis([0.1 + 0.2, 1.0 / 3.0])
        .activation(Activation::Gelu)
        .likelihood(Likelihood::Gaussian { sigma: 0.3 });
    let method = ScalingMethod::Percentile { low: 0.5, high: 99.5 };
    let scaling = Scaling { method, flatten: Some(12.5), offset: 101.25, gain: 1.0 / 3.0, clip: true };
    ShiftVae::init(config, 5, &Device::Cpu).unwrap().with_scaling(Some(scaling))
}

fn problem(path: &Path) -> CheckpointProblem {
    match ShiftVae::load(path, &Device::Cpu).unwrap_err() {
        Error::Checkpoint { path: named, problem } => {
            assert_eq!(named, path);
            problem
        }
        other => panic!("{other}"),
    }
}

#[test]
fn everything_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let vae = model();
    vae.save(&path).unwrap();
    let back = ShiftVae::load(&path, &Device::Cpu).unwrap();
    assert_eq!(back.config(), vae.config());
    assert_eq!(back.scaling(), vae.scaling());
    let x = Tensor::rand(0f32, 1f32, (4, 5, 6), &Device::Cpu).unwrap();
    let mean = |vae: &ShiftVae| vae.encode_tensor(&x).unwrap().mean.to_vec2::<f32>().unwrap();
    assert_eq!(mean(&back), mean(&vae));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing temporary is left");
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model().save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(97) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(problem(&path), CheckpointProblem::NotSafetensors(_)), "{length} bytes");
    }
}

#[test]
fn a_damaged_header_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model().save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for at in 0..header {
        let mut damaged = whole.clone();
        damaged[at] ^= [0x01, 0x10, 0x80][at % 3];
        std::fs::write(&path, damaged).unwrap();
        // Some changes leave a valid file (another digit of a prior); none may panic.
        let _ = ShiftVae::load(&path, &Device::Cpu);
    }
}

#[test]
fn other_files_are_distinguished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert!(matches!(problem(&path), CheckpointProblem::Io(_)));
    std::fs::write(&path, "not a model\n").unwrap();
    assert!(matches!(problem(&path), CheckpointProblem::NotSafetensors(_)));
    let zeros = Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap();
    let tensors = HashMap::from([("weight", zeros)]);
    adatom_vae::candle_core::safetensors::save(&tensors, &path).unwrap();
    assert!(matches!(problem(&path), CheckpointProblem::NotAdatom));
}

/// Rewrites the JSON description of a good file; its length must not change.
fn described(path: &Path, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    model().save(path).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect(from);
    let mut changed = bytes;
    changed[at..at + from.len()].copy_from_slice(to.as_bytes());
    std::fs::write(path, changed).unwrap();
}

#[test]
fn a_file_of_version_1_has_a_first_layer_of_tanh() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    described(&path, r#"\"version\":2"#, r#"\"version\":1"#);
    // An unknown field in place of a missing one.
    let mut bytes = std::fs::read(&path).unwrap();
    let field = br#"\"first_layer\""#;
    let at = bytes.windows(field.len()).position(|window| window == field).unwrap();
    bytes[at + 2] = b'x';
    std::fs::write(&path, bytes).unwrap();
    let vae = ShiftVae::load(&path, &Device::Cpu).unwrap();
    assert_eq!(vae.config().get_first_layer(), FirstLayer::Tanh { frequency: 1.0 });
}

#[test]
fn descriptions_that_do_not_fit_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let text = |from: &str, to: &str| {
        described(&path, from, to);
        let text = chain(&ShiftVae::load(&path, &Device::Cpu).unwrap_err());
        let start = format!("the model file {} cannot be used: ", path.display());
        text.strip_prefix(&start).expect(&text).to_owned()
    };
    assert_eq!(
        text(r#"\"version\":2"#, r#"\"version\":7"#),
        "it has version 7 of the model format; this program reads up to version 2"
    );
    assert_eq!(
        text(r#"\"kind\":\"vae\""#, r#"\"kind\":\"rf \""#),
        "the description of the model is invalid: its kind is \"rf \", not \"vae\""
    );
    assert_eq!(
        text(r#"\"latent_dim\":1"#, r#"\"latent_dim\":2"#),
        "the tensor `decoder.content.weight` must be [7, 2], found [7, 1]"
    );
    assert_eq!(
        text(r#"\"height\":5"#, r#"\"height\":0"#),
        "the description of the model is invalid: the sample shape must be \
         at least one point along each axis, \
         found 0 x 6"
    );
    assert_eq!(text("encoder.mean.bias", "encoder.mean.BIAS"), "the tensor `encoder.mean.bias` is missing");
}

#[test]
fn an_unwritable_path_is_an_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("not there/model.safetensors");
    assert!(model().save(&missing).unwrap_err().to_string().contains("not there"));
    let occupied = folder.path().join("folder");
    std::fs::create_dir(&occupied).unwrap();
    assert!(model().save(&occupied).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
