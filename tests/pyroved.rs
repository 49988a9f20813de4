//! Encoding, decoding and log-likelihoods are those of pyroVED 0.3 for the same weights and inputs.
//!
//! Every `*.json` under `tests/reference/pyroved`, and under `reference/pyroved` of the shared data, is a
//! case; the weights, inputs and outputs are in the safetensors file beside it.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use adatom_test_support::shared;
use adatom_tests::fixture;
use adatom_vae::candle_core::{Device, Tensor, safetensors::load};
use adatom_vae::ndarray::Array2;
use adatom_vae::{
    Activation, Condition, ConditionKind, Invariance, Likelihood, SampleShape, ShiftVae, VaeConfig,
};

/// Outputs were computed in single precision there as here.
const VALUE_TOLERANCE: f32 = 1e-5;
/// A sum of some hundred single-precision terms, relative.
const LIKELIHOOD_TOLERANCE: f32 = 1e-4;

fn cases(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut cases: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    cases.sort();
    cases
}

fn configuration(path: &Path) -> VaeConfig {
    let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let extents: Vec<usize> = settings["data_dim"].as_array().unwrap().iter().map(number).collect();
    let shape = match extents[..] {
        [points] => SampleShape::Signal { points },
        [height, width] => SampleShape::Image { height, width },
        _ => panic!("a case of {} dimensions", extents.len()),
    };
    let letters = settings["invariances"].as_array().cloned().unwrap_or_default();
    let invariances = letters.iter().map(|letter| match letter.as_str().unwrap() {
        "r" => Invariance::Rotation,
        "t" => Invariance::Shift,
        "s" => Invariance::Scale,
        other => panic!("invariance {other}"),
    });
    let activation = match settings.get("activation").and_then(|name| name.as_str()) {
        None | Some("tanh") => Activation::Tanh,
        Some("relu") => Activation::Relu,
        Some("lrelu") => Activation::LeakyRelu,
        Some("softplus") => Activation::Softplus,
        Some("gelu") => Activation::Gelu,
        Some(other) => panic!("activation {other}"),
    };
    let hidden: Vec<usize> = settings["hidden"].as_array().unwrap().iter().map(number).collect();
    let config = VaeConfig::new(shape)
        .latent_dim(number(&settings["latent_dim"]))
        .invariances(invariances)
        .shift_prior(settings["dx_prior"].as_f64().unwrap())
        .scale_prior(settings["sc_prior"].as_f64().unwrap())
        .hidden(hidden)
        .activation(activation);
    match number(&settings["c_dim"]) {
        0 => config,
        width => config.condition(ConditionKind::Values { width }),
    }
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(case: &str, what: &str, found: &Tensor, expected: &Tensor, relative: f32) {
    let (found, expected) = (values(found), values(expected));
    assert_eq!(found.len(), expected.len(), "{case}: {what}");
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let tolerance = if relative > 0.0 { relative * expected.abs() } else { VALUE_TOLERANCE };
        assert!(
            (found - expected).abs() <= tolerance,
            "{case}: {what}[{index}] is {found}, should be {expected}"
        );
    }
}

fn the_cases_of_the_repository_are_reproduced() {
    reproduce(&fixture("reference/pyroved"));
}

fn all_cases_are_reproduced() {
    reproduce(&shared("reference/pyroved"));
}

fn reproduce(folder: &Path) {
    let cases = cases(folder);
    assert!(cases.len() >= 4);
    let mut compared = 0;
    for json in &cases {
        let case = json.file_stem().unwrap().to_string_lossy().into_owned();
        let config = configuration(json);
        let file = json.with_extension("safetensors");
        let tensors: HashMap<String, Tensor> = load(&file, &Device::Cpu).unwrap();
        let vae = ShiftVae::load_pyroved(&file, config.clone(), &Device::Cpu).unwrap();
        let (x, mean) = (&tensors["input.x"], &tensors["output.z_mean"]);

        let condition = tensors.get("input.condition").map(|rows| {
            let rows = Array2::from_shape_vec(rows.dims2().unwrap(), values(rows)).unwrap();
            Condition::values(rows.view())
        });
        assert_eq!(condition.is_some(), config.get_condition().is_some(), "{case}");
        let latent = match &condition {
            Some(condition) => vae.conditioned_on(condition).unwrap().encode_tensor(x).unwrap(),
            None => vae.encode_tensor(x).unwrap(),
        };
        assert_close(&case, "mean", &latent.mean, mean, 0.0);
        assert_close(&case, "sd", &latent.sd, &tensors["output.z_sd"], 0.0);
        let decoded = match &condition {
            Some(condition) => vae.conditioned_on(condition).unwrap().decode_tensor(mean).unwrap(),
            None => vae.decode_tensor(mean).unwrap(),
        };
        assert_eq!(decoded.dims(), tensors["output.decoded"].dims());
        assert_close(&case, "decoded", &decoded, &tensors["output.decoded"], 0.0);

        let score = |vae: &ShiftVae| match &condition {
            Some(condition) => vae.conditioned_on(condition).unwrap().log_likelihood_tensor(x, mean).unwrap(),
            None => vae.log_likelihood_tensor(x, mean).unwrap(),
        };
        let bernoulli = score(&vae);
        let expected = &tensors["output.bernoulli_log_likelihood"];
        assert_close(&case, "Bernoulli", &bernoulli, expected, LIKELIHOOD_TOLERANCE);
        let gaussian = config.likelihood(Likelihood::gaussian());
        let vae = ShiftVae::load_pyroved(&file, gaussian, &Device::Cpu).unwrap();
        let gaussian = score(&vae);
        let expected = &tensors["output.gaussian_log_likelihood_sigma_0.5"];
        assert_close(&case, "Gaussian", &gaussian, expected, LIKELIHOOD_TOLERANCE);
        compared += 1;
    }
    println!("{compared} of {} cases compared", cases.len());
}

adatom_test_support::data_tests! {
    [] => [the_cases_of_the_repository_are_reproduced],
    ["reference/pyroved"] => [all_cases_are_reproduced],
}
