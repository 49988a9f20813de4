//! The files of results: `latents.npz`, `history.csv`, `metrics.json`.

use std::path::Path;

use adatom::patch::PatchGrid;
use adatom::vae::{History, Posterior};
use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::error::CliError;
use crate::npz;

/// Writes `centres [n, 2]` (row, column; pixels), `image [n]` where there are several, and for each part of the latents
/// that the model has its mean and, as `*_sd`, its standard deviation.
pub(crate) fn write_latents(path: &Path, grid: &PatchGrid, posterior: &Posterior) -> Result<(), CliError> {
    npz::write(path, |npz| {
        npz.array("centres", &grid.centres())?;
        if grid.frames().len() > 1 {
            let images: Array1<u32> = (0..grid.len()).map(|patch| grid.centre(patch).image as u32).collect();
            npz.array("image", &images)?;
        }
        if let (Some(shift), Some(sd)) = (posterior.shift_pixels(), posterior.shift_pixels_sd()) {
            npz.array("shift", &shift)?;
            npz.array("shift_sd", &sd)?;
        }
        let views: [(&str, Option<ArrayView1<'_, f32>>); 2] =
            [("rotation", posterior.rotation()), ("rotation_sd", posterior.rotation_sd())];
        for (name, values) in views {
            if let Some(values) = values {
                npz.array(name, &values)?;
            }
        }
        for (name, values) in [("scale", posterior.scale()), ("scale_sd", posterior.scale_sd())] {
            if let Some(values) = values {
                npz.array(name, &values)?;
            }
        }
        let content: [(&str, ArrayView2<'_, f32>); 2] =
            [("content", posterior.content()), ("content_sd", posterior.content_sd())];
        for (name, values) in content {
            if values.ncols() > 0 {
                npz.array(name, &values)?;
            }
        }
        Ok(())
    })
}

/// `epoch,elbo,reconstruction,kl,held_out_elbo,seconds`: per sample, in nat; `held_out_elbo` only where samples are
/// held out.
pub(crate) fn history_csv(history: &History) -> String {
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
