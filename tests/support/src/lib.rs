//! Real data for tests: where it lies, and tests that are *ignored*, visibly, where it is absent.
//!
//! Measured files are not part of the repository. They lie in a folder `shared` beside it, or where the
//! environment variable `ADATOM_SHARED` says. A test file that needs them has `harness = false` in its
//! manifest and names its tests, with what each needs, in [`data_tests!`]. With `ADATOM_REQUIRE_DATA=1`,
//! which `.ci/run` sets when the data are there, missing files make a test fail instead of being ignored.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test and the files or folders below `shared` that it needs.
#[derive(Debug, Clone, Copy)]
pub struct DataTest {
    /// Its name, as the test runner shows and filters it.
    pub name: &'static str,
    /// Paths below `shared`; none for a test that always runs.
    pub needs: &'static [&'static str],
    /// The test: it fails by a panic.
    pub run: fn(),
}

impl DataTest {
    fn missing(&self) -> Option<&'static str> {
        self.needs.iter().copied().find(|path| find(path).is_none())
    }

    fn trial(self) -> Trial {
        let missing = self.missing();
        let run = move || {
            if let Some(path) = missing {
                return Err(Failed::from(format!("../shared/{path} does not exist")));
            }
            (self.run)();
            Ok(())
        };
        let trial = Trial::test(self.name, run);
        match missing {
            Some(path) if !required() => {
                trial.with_kind(format!("no ../shared/{path}")).with_ignored_flag(true)
            }
            _ => trial,
        }
    }
}

/// Whether tests without their data fail.
fn required() -> bool {
    std::env::var_os("ADATOM_REQUIRE_DATA").is_some_and(|value| !value.is_empty() && value != "0")
}

fn root() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("ADATOM_SHARED").map_or_else(beside, PathBuf::from)
}

/// A file or folder below `shared`, where it exists.
pub fn find(path: &str) -> Option<PathBuf> {
    Some(root().join(path)).filter(|path| path.exists())
}

/// A file or folder below `shared` that a test has named among its needs.
///
/// # Panics
/// When it does not exist.
#[track_caller]
pub fn shared(path: &str) -> PathBuf {
    find(path).unwrap_or_else(|| panic!("../shared/{path} does not exist"))
}

/// Runs tests as the test runner of Rust does, with its arguments.
pub fn run(tests: &[DataTest]) -> ExitCode {
    let trials = tests.iter().copied().map(DataTest::trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The `main` of a test file: which tests need which paths below `shared`.
///
/// ```
/// fn reads_all_structures() {
///     assert!(adatom_test_support::shared("data/pdf").is_dir());
/// }
/// fn needs_nothing() {}
///
/// adatom_test_support::data_tests! {
///     ["data/pdf"] => [reads_all_structures],
///     [] => [needs_nothing],
/// }
/// ```
#[macro_export]
macro_rules! data_tests {
    ($($needs:tt => [$($test:ident),+ $(,)?]),+ $(,)?) => {
        fn main() -> std::process::ExitCode {
            $crate::run(&[$($($crate::DataTest {
                name: stringify!($test),
                needs: &$needs,
                run: $test,
            },)+)+])
        }
    };
}
