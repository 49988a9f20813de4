//! Notices for the user: facts about the data, and warnings. A stage returns them with its results.

use std::fmt;

/// A fact about the data or the settings.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// Pixels that are not finite were replaced.
    FilledPixels {
        /// The source of the image.
        image: String,
        /// How many pixels.
        count: usize,
    },
    /// Given centres were left out because their windows extend beyond the image.
    CentresLeftOut {
        /// How many were left out.
        left_out: usize,
        /// How many were given.
        given: usize,
    },
    /// Sites of the lattice were found in the images.
    LatticeSites {
        /// How many were found.
        found: usize,
        /// How many of them have windows inside the image.
        placed: usize,
    },
    /// The unit cell that was found in the first image.
    UnitCell {
        /// Its two vectors (rows, columns), pixels.
        vectors: [[f64; 2]; 2],
    },
    /// The unit cell is more than twice as large as the window, as that of a slowly varying background is.
    LargeUnitCell,
    /// The length scale of smoothness that was found in the first image.
    SmoothnessLength {
        /// Pixels.
        pixels: f64,
        /// The kind of length.
        of: LatticeLength,
    },
    /// Most epochs of the training evaluate pose hypotheses.
    FewEpochs {
        /// Epochs with hypotheses.
        hypotheses: usize,
        /// Epochs of the training.
        epochs: usize,
    },
    /// The state of a training could not be saved.
    StateNotSaved {
        /// The reason.
        reason: String,
    },
    /// The training ended early because the loss no longer improved.
    EarlyStop {
        /// Epochs that were trained.
        epochs: usize,
        /// Epochs that were planned.
        planned: usize,
    },
    /// A content latent that is the same for every patch was left out of the interpretation.
    ConstantLatent {
        /// Its number, from 1.
        number: usize,
    },
    /// No content latent varies, so that there are no clusters and no correlations.
    NoVaryingLatent,
    /// A field could not be compared with the latents.
    FieldLeftOut {
        /// Its name.
        field: String,
        /// The reason.
        reason: String,
    },
    /// Pixels lie outside the range of intensities that is mapped to [0, 1].
    ClippedPixels {
        /// The source of the image.
        image: String,
        /// The fraction of its pixels.
        fraction: f64,
    },
    /// Pixels of an image lie outside the intensities of the image that a model was trained on.
    OtherIntensities {
        /// The fraction of the pixels.
        fraction: f64,
    },
}

/// A length of a lattice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatticeLength {
    /// The spacing of its strongest wave.
    Spacing,
    /// The longer vector of its unit cell.
    UnitCell,
}

impl Notice {
    /// Whether it is a warning: the results may be wrong or not meaningful.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::FilledPixels { .. }
            | Self::CentresLeftOut { .. }
            | Self::LatticeSites { .. }
            | Self::UnitCell { .. }
            | Self::SmoothnessLength { .. }
            | Self::EarlyStop { .. } => false,
            Self::LargeUnitCell
            | Self::FewEpochs { .. }
            | Self::StateNotSaved { .. }
            | Self::ConstantLatent { .. }
            | Self::NoVaryingLatent
            | Self::FieldLeftOut { .. }
            | Self::ClippedPixels { .. }
            | Self::OtherIntensities { .. } => true,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FilledPixels { image, count } => {
                write!(f, "{image}: {count} NaN or infinite pixels were filled")
            }
            Self::CentresLeftOut { left_out, given } => {
                write!(f, "{left_out} of {given} centres are left out: their windows extend beyond the image")
            }
            Self::LatticeSites { found, placed } => {
                write!(f, "{found} lattice sites found, {placed} with windows inside the image")
            }
            Self::UnitCell { vectors } => {
                write!(f, "unit cell of the lattice: {}", vectors_in_words(*vectors))
            }
            Self::LargeUnitCell => {
                write!(
                    f,
                    "the unit cell is much larger than the window and may be an artefact of the background"
                )
            }
            Self::SmoothnessLength { pixels, of: LatticeLength::Spacing } => {
                write!(f, "spacing of the lattice: {pixels:.2} pixels")
            }
            Self::SmoothnessLength { pixels, of: LatticeLength::UnitCell } => {
                write!(f, "longer vector of the unit cell: {pixels:.2} pixels")
            }
            Self::FewEpochs { hypotheses, epochs } => write!(
                f,
                "{hypotheses} of the {epochs} epochs search the shift among hypotheses; few epochs are left \
                 for the final training"
            ),
            Self::StateNotSaved { reason } => {
                write!(f, "the state of the training could not be saved: {reason}")
            }
            Self::EarlyStop { epochs, planned } => write!(
                f,
                "the training stopped after {epochs} of {planned} epochs, because the loss no longer improved"
            ),
            Self::ConstantLatent { number } => {
                write!(
                    f,
                    "content {number} is the same for every patch and was left out of the interpretation"
                )
            }
            Self::NoVaryingLatent => {
                write!(f, "no content latent varies: no clusters and correlations were calculated")
            }
            Self::FieldLeftOut { field, reason } => write!(f, "field {field} was left out: {reason}"),
            Self::ClippedPixels { image, fraction } => {
                write!(f, "{:.1} % of the pixels of {image} are clipped", 100.0 * fraction)
            }
            Self::OtherIntensities { fraction } => write!(
                f,
                "{:.0} % of the pixels are outside the intensity range of the training image",
                100.0 * fraction
            ),
        }
    }
}

/// Two vectors with two decimals.
pub(super) fn vectors_in_words([a, b]: [[f64; 2]; 2]) -> String {
    format!("({:.2}, {:.2}) and ({:.2}, {:.2}) pixels (rows, columns)", a[0], a[1], b[0], b[1])
}
