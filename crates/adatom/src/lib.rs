//! Local structure in materials data: the crates of adatom under one name.
//!
//! | module | crate | does |
//! |---|---|---|
//! | [`core`] | `adatom-core` | the words the others share: windows, patch grids, samples, latent maps |
//! | [`patch`] | `adatom-patch` | reads images, cuts them into patches, puts values back |
//! | [`vae`] | `adatom-vae` | the shift-, rotation- and scale-invariant autoencoder |
//! | [`interpret`] | `adatom-interpret` | latent maps, figures, reports |
//!
//! From an image to maps of its latent variables:
//!
//! ```
//! use adatom::interpret::{Figure, MapPanels};
//! use adatom::patch::{LatentMap, Patches, Stride, Window, synthetic::Lattice};
//! use adatom::vae::{ShiftVae, Trainer};
//!
//! let image = Lattice::new(64, 64).seed(7).generate()?.image; // or Image::open("sto.ser")?
//! let patches = Patches::grid(&image, Window::new(12, 12), Stride::new(8, 8))?;
//! let vae = Trainer::new(ShiftVae::config(12, 12).hidden([16, 16]).dx_prior(0.25)).epochs(2).seed(7).fit(&patches)?;
//! let posterior = vae.encode(&patches)?;
//! let map = LatentMap::new(patches.patch_grid(), posterior.content())?;
//! let folder = tempfile::tempdir()?;
//! map.save_png(folder.path().join("content.png"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each crate can be used by itself; features of the same names choose which are compiled. There is no logic here.

#![forbid(unsafe_code)]

pub use adatom_core as core;
#[cfg(feature = "interpret")]
pub use adatom_interpret as interpret;
#[cfg(feature = "patch")]
pub use adatom_patch as patch;
#[cfg(feature = "vae")]
pub use adatom_vae as vae;

/// A `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The errors of all crates, for programs that use several.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Of grids, maps and scalings.
    #[error(transparent)]
    Core(#[from] adatom_core::Error),
    /// Of images and patches.
    #[cfg(feature = "patch")]
    #[error(transparent)]
    Patch(#[from] adatom_patch::Error),
    /// Of the autoencoder.
    #[cfg(feature = "vae")]
    #[error(transparent)]
    Vae(#[from] adatom_vae::Error),
    /// Of figures and reports.
    #[cfg(feature = "interpret")]
    #[error(transparent)]
    Interpret(#[from] adatom_interpret::Error),
}
