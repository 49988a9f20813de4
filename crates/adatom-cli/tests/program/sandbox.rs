//! A folder for one test, in which the program is run.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use adatom::patch::Image;
use adatom::synthetic::LatticeImage;
use ndarray::{Array2, ArrayD};
use ndarray_npy::ReadNpyExt;
use tempfile::TempDir;

/// Settings with which a training takes a fraction of a second; `lattice.npy` has 36 patches of them.
pub(crate) const TINY: &str = "--window 12 --stride 6 --hidden 8,8 --epochs 2 --batch 20 --seed 3";

/// A folder that goes away with the test.
pub(crate) struct Sandbox(TempDir);

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With a generated lattice of 42 × 42 pixels as `lattice.npy`.
    pub(crate) fn with_lattice() -> Self {
        let sandbox = Self::new();
        lattice([42, 42], 1).save_npy(sandbox.path("lattice.npy")).unwrap();
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// The program, to be run in the folder; arguments are separated by blanks.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_adatom"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs the program, which never panics.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str) -> Ended {
        Ended::of(&self.command(arguments).output().unwrap())
    }

    #[track_caller]
    pub(crate) fn succeeds(&self, arguments: &str) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.status, Some(0), "adatom {arguments}\n{}", ended.stderr);
        ended
    }

    /// Exit status 1, nothing on standard output, and one line that begins with `error: ` and holds all of
    /// `says`.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &str, says: &[&str]) {
        let ended = self.run(arguments);
        assert_eq!(
            (ended.status, ended.stdout.as_str()),
            (Some(1), ""),
            "adatom {arguments}\n{}",
            ended.stderr
        );
        let line = ended.stderr.lines().last().unwrap_or_default();
        assert!(line.starts_with("error: "), "{}", ended.stderr);
        for text in says {
            assert!(line.contains(text), "`{text}` is missing in: {line}");
        }
    }

    /// All files below a folder, sorted, with `/` between names; none where there is no folder.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        collect(&self.path(folder), "", &mut names);
        names.sort();
        names
    }

    /// The arrays of an NPZ file.
    pub(crate) fn npz(&self, name: &str) -> BTreeMap<String, Values> {
        let file = std::fs::File::open(self.path(name)).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        let array = |name: String| {
            let mut bytes = Vec::new();
            archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
            (name.strip_suffix(".npy").unwrap().to_owned(), Values::read(&bytes))
        };
        names.into_iter().map(array).collect()
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended =
            Self { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => collect(&entry.path(), &format!("{name}/"), names),
            false => names.push(name),
        }
    }
}

/// An array of a file: type, shape, and the numbers.
#[derive(Debug, PartialEq)]
pub(crate) struct Values {
    pub(crate) kind: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

impl Values {
    fn read(bytes: &[u8]) -> Self {
        if let Ok(array) = ArrayD::<f64>::read_npy(bytes) {
            Self { kind: "f64", shape: array.shape().to_vec(), values: array.iter().copied().collect() }
        } else if let Ok(array) = ArrayD::<f32>::read_npy(bytes) {
            Self {
                kind: "f32",
                shape: array.shape().to_vec(),
                values: array.iter().map(|&x| x.into()).collect(),
            }
        } else {
            let array = ArrayD::<u32>::read_npy(bytes).unwrap();
            Self {
                kind: "u32",
                shape: array.shape().to_vec(),
                values: array.iter().map(|&x| x.into()).collect(),
            }
        }
    }
}

/// A generated lattice of so many pixels.
pub(crate) fn lattice([height, width]: [usize; 2], seed: u64) -> Image {
    LatticeImage::new(height, width).cell([12.0, 12.0]).seed(seed).generate().unwrap().image
}

/// The pixels of a lattice of 42 × 42 pixels, with some replaced.
pub(crate) fn lattice_with(value: f32, count: usize) -> Image {
    let mut pixels: Array2<f32> = lattice([42, 42], 1).pixels().to_owned();
    pixels.iter_mut().skip(100).take(count).for_each(|pixel| *pixel = value);
    Image::from_array(pixels)
}
