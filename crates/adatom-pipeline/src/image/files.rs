//! The files `latents.npz` and `history.csv`.

use std::path::Path;

use adatom_patch::PatchGrid;
use adatom_vae::{History, Posterior};

use crate::error::Result;
use crate::npz::Npz;

/// Writes `centres [n, 2]` (row, column; pixels), `image [n]` for several images, the latents, and, with
/// clusters, `cluster [n]`.
pub(super) fn write_latents(
    path: &Path,
    grid: &PatchGrid,
    posterior: &Posterior,
    clusters: Option<&[usize]>,
) -> Result<()> {
    let mut npz = Npz::new(path);
    npz.append("centres", Some(2), grid.centres())?;
    if grid.frames().len() > 1 {
        let image = |patch| u32::try_from(grid.centre(patch).image).unwrap_or(u32::MAX);
        npz.append("image", None, (0..grid.len()).map(image))?;
    }
    append_latents(&mut npz, posterior)?;
    if let Some(labels) = clusters {
        // From 1, as in the report.
        let label = |&label: &usize| u32::try_from(label + 1).unwrap_or(u32::MAX);
        npz.append("cluster", None, labels.iter().map(label))?;
    }
    npz.finish()
}

/// Appends mean and, as `*_sd`, standard deviation of each group of latents of the model.
///
/// `shift` is the displacement of the object from the centre of its window, in pixels of the image; with
/// rotation or scale it differs from the translation of the decoder's coordinates.
pub(super) fn append_latents(npz: &mut Npz, posterior: &Posterior) -> Result<()> {
    if let (Some(shift), Some(sd)) = (posterior.position_pixels(), posterior.position_pixels_sd()) {
        npz.append("shift", Some(shift.ncols()), shift.iter().copied())?;
        npz.append("shift_sd", Some(shift.ncols()), sd.iter().copied())?;
    }
    if let (Some(angle), Some(sd)) = (posterior.rotation(), posterior.rotation_sd()) {
        npz.append("rotation", None, angle.iter().copied())?;
        npz.append("rotation_sd", None, sd.iter().copied())?;
    }
    if let (Some(scale), Some(sd)) = (posterior.scale(), posterior.scale_sd()) {
        npz.append("scale", None, scale)?;
        npz.append("scale_sd", None, sd)?;
    }
    let (content, sd) = (posterior.content(), posterior.content_sd());
    if content.ncols() > 0 {
        npz.append("content", Some(content.ncols()), content.iter().copied())?;
        npz.append("content_sd", Some(content.ncols()), sd.iter().copied())?;
    }
    Ok(())
}

/// `epoch,elbo,reconstruction,kl,seconds`, per sample, in nat; and `held_out_elbo` with held-out samples.
pub(super) fn history_csv(history: &History) -> String {
    let held_out = history.epochs().iter().any(|record| record.held_out.is_some());
    let mut text = String::from(if held_out {
        "epoch,elbo,reconstruction,kl,seconds,held_out_elbo\n"
    } else {
        "epoch,elbo,reconstruction,kl,seconds\n"
    });
    for record in history.epochs() {
        let (elbo, kl) = (record.elbo.total(), record.elbo.kl);
        let reconstruction = record.elbo.log_likelihood;
        text += &format!("{},{elbo:.6},{reconstruction:.6},{kl:.6},{:.3}", record.epoch, record.seconds);
        if let Some(held_out) = record.held_out {
            text += &format!(",{:.6}", held_out.total());
        }
        text.push('\n');
    }
    text
}
