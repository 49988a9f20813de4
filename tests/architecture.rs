//! The rules of `docs/architecture.md`, checked on the manifests and sources of the workspace.
//!
//! A rule is a function from a project to its violations; each is shown to fail on an example that violates
//! it.

#[path = "architecture/modules.rs"]
mod modules;
#[path = "architecture/project.rs"]
mod project;
#[path = "architecture/violations.rs"]
mod violations;

use std::path::Path;

use project::{Package, Project};
use toml::Value;

/// The crates from the lowest layer to the highest, with those that each may depend on.
const LAYERS: [(&str, &[&str]); 13] = [
    ("adatom-core", &[]),
    ("adatom-kernel", &[]),
    ("adatom-plot", &["adatom-core"]),
    ("adatom-patch", &["adatom-core"]),
    ("adatom-spectra", &["adatom-core"]),
    ("adatom-vae", &["adatom-core", "adatom-kernel"]),
    ("adatom-forest", &["adatom-core"]),
    ("adatom-crystal", &["adatom-core", "adatom-spectra"]),
    ("adatom-interpret", &["adatom-core", "adatom-plot"]),
    ("adatom-synthetic", &["adatom-core", "adatom-patch", "adatom-spectra", "adatom-crystal"]),
    (
        "adatom-pipeline",
        &[
            "adatom-core",
            "adatom-plot",
            "adatom-patch",
            "adatom-spectra",
            "adatom-vae",
            "adatom-forest",
            "adatom-crystal",
            "adatom-interpret",
            "adatom-synthetic",
        ],
    ),
    (
        "adatom",
        &[
            "adatom-core",
            "adatom-kernel",
            "adatom-plot",
            "adatom-patch",
            "adatom-spectra",
            "adatom-vae",
            "adatom-forest",
            "adatom-crystal",
            "adatom-interpret",
            "adatom-synthetic",
            "adatom-pipeline",
        ],
    ),
    ("adatom-cli", &["adatom"]),
];

/// Dependencies by the beginning of their names, and the only folders that may name them.
const HOMES: [(&str, &[&str]); 5] = [
    ("candle", &["crates/adatom-vae"]),
    ("smartcore", &["crates/adatom-forest", "crates/adatom-interpret"]),
    ("criterion", &["benches"]),
    ("clap", &["crates/adatom-cli"]),
    ("indicatif", &["crates/adatom-cli"]),
];

/// The only crate that may use `unsafe`.
const UNSAFE_HOME: &str = "crates/adatom-kernel";

fn is_ours(name: &str) -> bool {
    name == "adatom" || name.starts_with("adatom-")
}

/// A crate depends only on what lies below it. Tests and examples may use more: they see what a user sees.
fn crates_depend_downwards(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages().iter().filter(|package| package.folder.starts_with("crates/")) {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == package.name()) else {
            violations.push(format!("{} has no layer", package.name()));
            continue;
        };
        for name in project.dependencies(package, project::Kinds::Normal) {
            if is_ours(&name) && !allowed.contains(&name.as_str()) {
                violations.push(format!("{} depends on {name}", package.name()));
            }
        }
    }
    violations
}

/// A heavy dependency stays where it belongs.
fn heavy_dependencies_stay_at_home(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages() {
        for name in project.dependencies(&package, project::Kinds::All) {
            let homes = HOMES.iter().find(|(start, _)| name.starts_with(start));
            if let Some((_, homes)) = homes.filter(|(_, homes)| !homes.contains(&package.folder)) {
                let homes = homes.join(" and ");
                violations.push(format!("{} depends on {name}, which only {homes} may", package.folder));
            }
        }
    }
    violations
}

/// smartcore is pinned to one version: whoever does not ask for it by a feature must not depend on the pin.
fn smartcore_is_optional(project: &Project) -> Vec<String> {
    let optional = |package: &Package<'_>| {
        let entry = package.entry("dependencies", "smartcore");
        entry.is_none_or(|entry| entry.get("optional") == Some(&Value::Boolean(true)))
    };
    let packages = project.packages();
    let wrong = packages.iter().filter(|package| !optional(package));
    wrong.map(|package| format!("{} depends on smartcore without a feature", package.name())).collect()
}

/// Every crate but the kernel forbids `unsafe`; the compiler does the rest.
fn unsafe_code_has_one_home(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages().iter().filter(|package| package.folder != UNSAFE_HOME) {
        for (path, text) in &package.sources {
            // `src/bin/NAME.rs` and `src/bin/NAME/main.rs` are programs, other files there are modules.
            let program = path
                .strip_prefix("src/bin/")
                .is_some_and(|name| !name.contains('/') || name.ends_with("/main.rs"));
            let root = program || matches!(*path, "src/lib.rs" | "src/main.rs" | "lib.rs");
            if root && !text.contains("#![forbid(unsafe_code)]") {
                violations.push(format!("{}/{path} does not forbid unsafe code", package.folder));
            }
        }
    }
    violations
}

/// Arrays can be passed between crates only when all mean the same `ndarray`.
fn there_is_one_ndarray(project: &Project) -> Vec<String> {
    let lock = project.manifest("Cargo.lock");
    let packages = lock.get("package").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = |package: &Value, key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    let versions: Vec<String> = packages
        .iter()
        .filter(|package| text(package, "name").as_deref() == Some("ndarray"))
        .filter_map(|package| text(package, "version"))
        .collect();
    match versions.len() {
        1 => Vec::new(),
        _ => vec![format!("Cargo.lock has the versions {versions:?} of ndarray")],
    }
}

/// The top-level modules of a crate use each other in one direction only.
fn modules_have_no_cycles(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages().iter().filter(|package| package.folder.starts_with("crates/")) {
        for cycle in modules::cycles(&package.sources) {
            violations.push(format!("{}: {}", package.name(), cycle.join(" and ")));
        }
    }
    violations
}

type Rule = fn(&Project) -> Vec<String>;

const RULES: [(&str, Rule); 6] = [
    ("crates depend downwards", crates_depend_downwards),
    ("heavy dependencies stay at home", heavy_dependencies_stay_at_home),
    ("smartcore is optional", smartcore_is_optional),
    ("unsafe code has one home", unsafe_code_has_one_home),
    ("there is one ndarray", there_is_one_ndarray),
    ("top-level modules have no cycles", modules_have_no_cycles),
];

#[test]
fn the_project_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = Project::read(&root).unwrap();
    let names: Vec<_> = project.packages().iter().map(|package| package.name().to_owned()).collect();
    for name in LAYERS.iter().map(|(name, _)| *name).chain(["adatom-tests", "adatom-benches"]) {
        assert!(names.iter().any(|found| found == name), "{name} was not found among {names:?}");
    }
    let violations: Vec<String> = RULES
        .iter()
        .flat_map(|(name, rule)| {
            rule(&project).into_iter().map(move |violation| format!("{name}: {violation}"))
        })
        .collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}
