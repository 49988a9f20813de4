//! Damaged files of absorption: an error or a spectrum, in bounded time, and never a panic.

#![allow(clippy::unwrap_used)]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use adatom_spectra::{Contents, ReadOptions, SpectrumFile};
use adatom_test_support::find;
use proptest::prelude::*;
use proptest::sample::Index;

/// The slowest of these files takes some hundredths of a second.
const LONGEST: Duration = Duration::from_secs(5);

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Small samples and, where they are there, real files; packed ones both packed and unpacked.
static FILES: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = ["tests/samples", "tests/bad"].map(|name| here.join(name));
    let real = ["xdi/good", "xdi/bad", "athena", "feff", "beamlines"];
    let real: Vec<PathBuf> = real.iter().filter_map(|name| find(&format!("data/{name}"))).collect();
    let mut files = Vec::new();
    for path in own.iter().chain(&real).flat_map(|folder| files_in(folder)) {
        let bytes = std::fs::read(&path).unwrap();
        let mut unpacked = Vec::new();
        if flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).is_ok() {
            files.push((path.clone(), unpacked));
        }
        files.push((path, bytes));
    }
    files
});

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Damage {
    Replace(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let words = [
        "NaN",
        "-",
        "1e999",
        "\n[record]\n",
        "# Column.99999999999: x\n",
        "\n#L a b\n",
        "=",
        "(",
        "'",
        "\\x{",
        "\r",
        "\t",
        ",",
        ";",
        "é",
        "\n@x = (1,2)\n",
        "}",
        "[[[[",
        "8979 8980\n",
        "\n\n\n",
        "#---\n",
        "# ///\n",
        "0 0 0 0 0 0\n",
        "Data:\n",
        "||",
    ];
    let rubbish = prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..20),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), 1usize..200).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<Index>(), 1usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (any::<Index>(), rubbish).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let span = |at: &Index, wanted: usize| {
        let start = at.index(length);
        start..(start + wanted).min(length)
    };
    match damage {
        Damage::Replace(at, byte) => bytes[at.index(length)] = *byte,
        Damage::Cut(at) => bytes.truncate(at.index(length)),
        Damage::Remove(at, wanted) => drop(bytes.drain(span(at, *wanted))),
        Damage::Repeat(at, wanted) => {
            let span = span(at, *wanted);
            let copy = bytes[span.clone()].to_vec();
            bytes.splice(span.end..span.end, copy);
        }
        Damage::Insert(at, rubbish) => {
            let at = at.index(length);
            bytes.splice(at..at, rubbish.iter().copied());
        }
    }
}

/// Reads bytes and checks what every result has in common.
fn survives(path: &Path, bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let start = Instant::now();
    let length = bytes.len();
    let result = SpectrumFile::from_bytes(path, bytes, &ReadOptions::default());
    prop_assert!(start.elapsed() < LONGEST, "{} took {:?}", path.display(), start.elapsed());
    match result {
        Err(error) => prop_assert!(!error.to_string().is_empty()),
        Ok(file) => {
            if let Contents::Xanes(spectra) = file.contents {
                let points: usize = spectra.iter().map(|xanes| xanes.len()).sum();
                // Packed text is at most some ten times as long as its bytes.
                prop_assert!(points > 0 && points < 20 * length);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn damaged_files_are_errors_or_spectra(
        file in any::<Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let (path, bytes) = file.get(&FILES);
        let mut bytes = bytes.clone();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        survives(path, bytes)?;
    }
}

#[test]
fn samples_cut_at_every_length() {
    for (path, bytes) in FILES.iter().filter(|(_, bytes)| bytes.len() < 1500) {
        for length in 0..bytes.len() {
            survives(path, bytes[..length].to_vec()).unwrap();
        }
    }
}

#[test]
fn files_made_to_take_long() {
    let repeated =
        |start: &str, part: &str, times: usize| format!("{start}{}", part.repeat(times)).into_bytes();
    for bytes in [
        repeated("# XDI/1.0\n", "# Column.100000: energy eV\n", 50_000),
        repeated("# Athena project file -- \n", "@x=(1,2);@y=(1,2);[record]\n", 50_000),
        repeated("# Athena project file -- \n@a = ", "(", 2_000_000),
        repeated("[", "{\"x\":[1,2],\"y\":[1,2]},", 50_000),
        repeated("{\"x\":[1,2],", "\"a\":1,", 300_000),
        repeated("", "1 2\n", 500_000),
        repeated("", "1 2 x\n", 300_000),
        repeated("# ", "energy ", 100_000),
        repeated("", "1 ", 1_000_000),
        repeated("1 2\n3 4\n", "\n", 1_000_000),
        repeated("# energy xmu\n", "\r", 1_000_000),
        repeated("#  omega    e    k    mu    mu0     chi\n", "# x\n", 300_000),
    ] {
        survives(Path::new("long.dat"), bytes).unwrap();
    }
}
