//! The rules of `docs/architecture.md`, held over the manifests and sources of the project.
//!
//! A rule is a function from a project to its violations; each is shown to fail on an example that violates it.

#[path = "architecture/project.rs"]
mod project;
#[path = "architecture/violations.rs"]
mod violations;

use std::path::Path;

use project::{Package, Project};
use toml::Value;

/// Dependencies by the beginning of their names, and the only folders that may name them.
const HOMES: [(&str, &[&str]); 5] = [
    ("candle", &["crates/adatom-vae"]),
    ("smartcore", &["crates/adatom-forest", "crates/adatom-interpret"]),
    ("criterion", &["benches"]),
    ("clap", &["crates/adatom-cli"]),
    ("indicatif", &["crates/adatom-cli"]),
];

/// The crate in which `unsafe` may stand, and the folder in it.
const UNSAFE_HOME: (&str, &str) = ("crates/adatom-kernel", "src");

fn is_ours(name: &str) -> bool {
    name == "adatom" || name.starts_with("adatom-")
}

/// Rules 1 and 2: core and kernel use none of ours; siblings use core, `adatom-vae` also `adatom-kernel`,
/// `adatom-interpret` also `adatom-plot`, and `adatom-crystal` also `adatom-spectra`.
fn who_may_use_whom(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages() {
        let allowed: &[&str] = match package.name() {
            // The layers above may use all below them; cargo itself refuses circles.
            "adatom" | "adatom-cli" | "adatom-pipeline" => continue,
            _ if !package.folder.starts_with("crates/") => continue,
            "adatom-core" | "adatom-kernel" => &[],
            "adatom-vae" => &["adatom-core", "adatom-kernel"],
            "adatom-crystal" => &["adatom-core", "adatom-spectra"],
            "adatom-interpret" => &["adatom-core", "adatom-plot"],
            "adatom-synthetic" => &["adatom-core", "adatom-patch", "adatom-spectra", "adatom-crystal"],
            _ => &["adatom-core"],
        };
        for name in project.dependencies(&package) {
            if is_ours(&name) && !allowed.contains(&name.as_str()) {
                violations.push(format!("{} depends on {name}", package.name()));
            }
        }
    }
    violations
}

/// Rule 3: a heavy dependency stays where it belongs.
fn heavy_dependencies_stay_at_home(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages() {
        for name in project.dependencies(&package) {
            let homes = HOMES.iter().find(|(start, _)| name.starts_with(start));
            if let Some((_, homes)) = homes.filter(|(_, homes)| !homes.contains(&package.folder)) {
                let homes = homes.join(" and ");
                violations.push(format!("{} depends on {name}, which only {homes} may", package.folder));
            }
        }
    }
    violations
}

/// Rule 4: the word `unsafe` stands in the kernel alone, and every other crate forbids it.
fn unsafe_code_has_one_home(project: &Project) -> Vec<String> {
    let mut violations = Vec::new();
    for package in project.packages() {
        let (home, folder) = UNSAFE_HOME;
        for (path, code) in &package.sources {
            let compact: String = code.split_whitespace().collect();
            let root =
                matches!(*path, "src/lib.rs" | "src/main.rs" | "lib.rs") || path.starts_with("src/bin/");
            if root && package.folder != home && !compact.contains("#![forbid(unsafe_code)]") {
                violations.push(format!("{}/{path} does not forbid unsafe code", package.folder));
            }
            if package.folder == home && Path::new(path).starts_with(folder) {
                continue;
            }
            let word = |letter: char| !(letter.is_alphanumeric() || letter == '_');
            if code.split(word).any(|word| word == "unsafe") {
                violations.push(format!("{}/{path} says `unsafe`", package.folder));
            }
            let attributes = compact.split('#').filter_map(|text| text.split(']').next());
            let mut lints = attributes.filter(|text| text.contains("unsafe_code"));
            if lints.any(|text| ["allow(", "expect(", "warn("].iter().any(|level| text.contains(level))) {
                violations.push(format!("{}/{path} permits unsafe code", package.folder));
            }
        }
    }
    violations
}

/// A crate's folder has its name, and crates lie flat under `crates/`.
fn folders_have_the_names_of_crates(project: &Project) -> Vec<String> {
    let wrong = |package: &Package<'_>| match package.folder {
        "benches" | "tests" => package.entry("package", "publish") != Some(&Value::Boolean(false)),
        folder => folder.strip_prefix("crates/") != Some(package.name()),
    };
    let packages = project.packages().into_iter().filter(wrong);
    packages.map(|package| format!("{} holds the package {}", package.folder, package.name())).collect()
}

/// What all crates have in common is said once, in the root.
fn crates_inherit_from_the_root(project: &Project) -> Vec<String> {
    const INHERITED: [&str; 4] = ["version", "edition", "rust-version", "license"];
    let inherits =
        |value: Option<&Value>| value.and_then(|value| value.get("workspace")) == Some(&Value::Boolean(true));
    let mut violations = Vec::new();
    for package in project.packages() {
        for key in INHERITED {
            if !inherits(package.entry("package", key)) {
                violations.push(format!("{} states its own {key}", package.folder));
            }
        }
        if package.entry("lints", "workspace") != Some(&Value::Boolean(true)) {
            violations.push(format!("{} does not inherit the lints", package.folder));
        }
    }
    violations
}

/// The root manifest describes the workspace and no package.
fn the_root_is_virtual(project: &Project) -> Vec<String> {
    let root = project.manifest("Cargo.toml");
    let workspace = root.get("workspace");
    let mut violations = Vec::new();
    for key in ["package", "lib", "bin", "dependencies", "dev-dependencies"] {
        if root.contains_key(key) {
            violations.push(format!("the root manifest has [{key}]"));
        }
    }
    for key in ["resolver", "members", "package", "dependencies", "lints"] {
        if workspace.and_then(|workspace| workspace.get(key)).is_none() {
            violations.push(format!("the root manifest has no {key} under [workspace]"));
        }
    }
    violations
}

/// Arrays can be passed between crates only when all mean the same `ndarray`; and every package comes from where
/// everybody gets it.
fn the_lock_file_is_sound(project: &Project) -> Vec<String> {
    let lock = project.manifest("Cargo.lock");
    let packages = lock.get("package").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = |package: &Value, key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut violations = Vec::new();
    let versions: Vec<String> = packages
        .iter()
        .filter(|package| text(package, "name").as_deref() == Some("ndarray"))
        .filter_map(|package| text(package, "version"))
        .collect();
    if versions.len() != 1 {
        violations.push(format!("Cargo.lock has the versions {versions:?} of ndarray"));
    }
    let index = ["registry+https://github.com/rust-lang/crates", "io-index"].join(".");
    for package in packages {
        if let Some(source) = text(package, "source").filter(|source| *source != index) {
            violations.push(format!(
                "Cargo.lock takes {} from {source}",
                text(package, "name").unwrap_or_default()
            ));
        }
    }
    violations
}

/// Nobody else has the folders of the machine on which the project was made, nor its registry.
fn no_file_names_a_machine(project: &Project) -> Vec<String> {
    // Folders at the top of a file system in which people and machines work; written so that this file passes.
    const TOPS: [&str; 8] = ["root", "work", "tmp", "home", "Users", "mnt", "workspace", "build"];
    let registries = [["crates", "io"], ["pypi", "org"], ["pythonhosted", "org"], ["npmjs", "org"]]
        .map(|host| host.join("."));
    const LABELS: [&str; 6] = ["registry", "registries", "artifactory", "nexus", "mirror", "mirrors"];
    let mut violations = Vec::new();
    for (path, text) in project.files.iter().filter(|(path, _)| *path != "Cargo.lock") {
        for top in TOPS {
            if names_folder(text, top) {
                violations.push(format!("{path} names a folder under /{top}"));
            }
        }
        for host in registries.iter().filter(|host| text.contains(host.as_str())) {
            violations.push(format!("{path} names {host}"));
        }
        let hosts = text
            .split("://")
            .skip(1)
            .map(|rest| rest.split(['/', ' ', '"', ')', '>']).next().unwrap_or_default());
        for host in hosts.filter(|host| host.split(['.', ':', '-', '@']).any(|label| LABELS.contains(&label)))
        {
            violations.push(format!("{path} names {host}"));
        }
    }
    violations
}

/// Whether `/top` begins an absolute path somewhere in `text`.
fn names_folder(text: &str, top: &str) -> bool {
    let path = format!("/{top}");
    text.match_indices(&path).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + path.len()..]);
        let begins = before.is_empty()
            || before.ends_with("://")
            || before.ends_with(|letter: char| !(letter.is_alphanumeric() || "_./}-*~<>".contains(letter)));
        begins && !after.starts_with(|letter: char| letter.is_alphanumeric() || "_-.<>".contains(letter))
    })
}

type Rule = fn(&Project) -> Vec<String>;

const RULES: [(&str, Rule); 8] = [
    ("who may use whom", who_may_use_whom),
    ("heavy dependencies stay at home", heavy_dependencies_stay_at_home),
    ("unsafe code has one home", unsafe_code_has_one_home),
    ("folders have the names of crates", folders_have_the_names_of_crates),
    ("crates inherit from the root", crates_inherit_from_the_root),
    ("the root is virtual", the_root_is_virtual),
    ("the lock file is sound", the_lock_file_is_sound),
    ("no file names a machine", no_file_names_a_machine),
];

#[test]
fn the_project_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = Project::read(&root).unwrap();
    let names: Vec<_> = project.packages().iter().map(|package| package.name().to_owned()).collect();
    for name in ["adatom", "adatom-core", "adatom-vae", "adatom-cli", "adatom-tests"] {
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
