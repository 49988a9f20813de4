//! The figures of a report, which are also written as files.

use adatom_interpret::{Figure, Section};

use crate::error::Error;
use crate::output::OutputFolder;

/// The folder of the figures.
pub(super) const FOLDER: &str = "figures";

/// Figures of which there can be several have a number after their name, from 1 to this.
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

/// Caption and alternative text of a figure.
#[derive(Clone, Copy)]
pub(super) struct Captions<'a> {
    pub(super) caption: &'a str,
    pub(super) alt: &'a str,
}

/// Adds figures to sections and writes them as files.
pub(super) struct FigureFiles<'a> {
    folder: &'a OutputFolder,
}

impl<'a> FigureFiles<'a> {
    /// Removes the figures of an earlier run, and no other files.
    pub(super) fn new(folder: &'a OutputFolder) -> Result<Self, Error> {
        folder.subfolder(FOLDER)?;
        let numbered =
            |name: &str| (1..=MOST).map(move |number| format!("{name}-{number}")).collect::<Vec<_>>();
        for name in NAMES {
            for name in numbered(name).into_iter().chain([name.to_owned()]) {
                for extension in ["svg", "png"] {
                    folder.remove(&format!("{FOLDER}/{name}.{extension}"))?;
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
        captions: Captions<'_>,
    ) -> Result<Section, Error> {
        debug_assert!(NAMES.contains(&name.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit())));
        figure.save_svg(self.folder.file(&format!("{FOLDER}/{name}.svg")))?;
        figure.save_png(self.folder.file(&format!("{FOLDER}/{name}.png")))?;
        Ok(section.figure(figure, captions.caption, captions.alt))
    }
}
