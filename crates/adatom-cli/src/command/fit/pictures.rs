//! The figures of a report, which are files as well.

use adatom::interpret::{Figure, Section};

use crate::error::CliError;
use adatom::pipeline::output::OutputFolder;

/// The folder of the figures.
pub(super) const FIGURES: &str = "figures";

/// Figures of which there can be several have a number behind their name, from 1 to this.
pub(super) const MOST: usize = 6;

/// Names of all figures that a fit may draw.
const NAMES: [&str; 9] = [
    "calibration",
    "confusion",
    "effects",
    "importance",
    "learning-curve",
    "modalities",
    "parity",
    "regions",
    "shap-summary",
];

/// Puts figures into sections and into files.
pub(super) struct Pictures<'a> {
    folder: &'a OutputFolder,
}

impl<'a> Pictures<'a> {
    /// Removes those of an earlier run, and nothing else that may lie in their folder.
    pub(super) fn new(folder: &'a OutputFolder) -> Result<Self, CliError> {
        folder.subfolder(FIGURES)?;
        let numbered =
            |name: &str| (1..=MOST).map(move |number| format!("{name}-{number}")).collect::<Vec<_>>();
        for name in NAMES {
            for name in numbered(name).into_iter().chain([name.to_owned()]) {
                for extension in ["svg", "png"] {
                    folder.remove(&format!("{FIGURES}/{name}.{extension}"))?;
                }
            }
        }
        Ok(Self { folder })
    }

    /// Adds a figure to a section, and writes it as `figures/NAME.svg` and `figures/NAME.png`.
    pub(super) fn add(
        &self,
        section: Section,
        name: &str,
        figure: &impl Figure,
        [caption, alt]: [&str; 2],
    ) -> Result<Section, CliError> {
        debug_assert!(NAMES.contains(&name.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit())));
        figure.save_svg(self.folder.file(&format!("{FIGURES}/{name}.svg")))?;
        figure.save_png(self.folder.file(&format!("{FIGURES}/{name}.png")))?;
        Ok(section.figure(figure, caption, alt))
    }
}
