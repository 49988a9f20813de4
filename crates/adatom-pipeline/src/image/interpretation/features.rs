//! Latents as variables of patches, and as the columns of a table with fields as targets.

use std::path::Path;

use adatom_core::{FeatureTable, ImageFrame, PatchGrid, TargetColumn};
use adatom_interpret::Latents;
use adatom_vae::Posterior;
use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::Field;
use crate::error::{Error, Result};
use crate::image::Notice;

/// A quantity of the pose other than the shift.
struct PoseColumn {
    quantity: PoseQuantity,
    values: Array1<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PoseQuantity {
    Rotation,
    Scale,
}

fn pose_columns(posterior: &Posterior) -> Vec<PoseColumn> {
    let rotation = posterior.rotation().map(|angle| angle.to_owned());
    let rotation = rotation.map(|values| PoseColumn { quantity: PoseQuantity::Rotation, values });
    let scale = posterior.scale().map(|values| PoseColumn { quantity: PoseQuantity::Scale, values });
    rotation.into_iter().chain(scale).collect()
}

/// Content, rotation and scale of a posterior.
///
/// Constant content latents are left out with a notice; `None` if none is left.
pub(super) fn of_posterior(
    posterior: &Posterior,
    grid: &PatchGrid,
    notices: &mut Vec<Notice>,
) -> Result<Option<Latents>> {
    latents(grid, &posterior.content().to_owned(), &pose_columns(posterior), notices)
}

fn latents(
    grid: &PatchGrid,
    content: &Array2<f32>,
    pose: &[PoseColumn],
    notices: &mut Vec<Notice>,
) -> Result<Option<Latents>> {
    let (varying, constant): (Vec<usize>, Vec<usize>) =
        (0..content.ncols()).partition(|&column| varies(content.column(column)));
    notices.extend(constant.into_iter().map(|column| Notice::ConstantLatent { number: column + 1 }));
    if varying.is_empty() {
        return Ok(None);
    }
    let names = varying.iter().map(|column| format!("content {}", column + 1));
    let mut latents = Latents::named(grid, names, content.select(Axis(1), &varying).view())?;
    for column in pose.iter().filter(|column| varies(column.values.view())) {
        latents = match column.quantity {
            PoseQuantity::Rotation => latents.with_angle("rotation", column.values.view())?,
            PoseQuantity::Scale => latents.with("scale", column.values.view())?,
        };
    }
    Ok(Some(latents))
}

/// Adds the displacement of the object, or the phases of a lattice. These depend on the placement of the
/// windows and are not features for a forest.
pub(super) fn with_shift(latents: &Latents, posterior: &Posterior) -> Result<Latents> {
    let mut latents = latents.clone();
    if let Some(phases) = posterior.lattice_phases() {
        for (number, phase) in phases.columns().into_iter().enumerate() {
            latents = latents.with_angle(&format!("lattice phase {}", number + 1), phase)?;
        }
    } else if let Some(pixels) = posterior.position_pixels() {
        for (name, column) in ["shift rows (px)", "shift columns (px)"].into_iter().zip(pixels.columns()) {
            if varies(column) {
                latents = latents.with(name, column)?;
            }
        }
    }
    Ok(latents)
}

fn varies(values: ArrayView1<'_, f32>) -> bool {
    values.iter().any(|&value| value != values[0])
}

/// Latents as features and fields as targets; blocks of `block` pixels as a group.
pub(in crate::image) fn feature_table(
    latents: &Latents,
    fields: &[Field],
    grid: &PatchGrid,
    block: Option<f64>,
) -> Result<FeatureTable> {
    let window = grid.window();
    let eighth = |frame: &ImageFrame| frame.height.max(frame.width) as f64 / 8.0;
    let largest = grid.frames().iter().map(eighth).fold(0.0, f64::max);
    let side =
        block.unwrap_or_else(|| (2.0 * window.height().max(window.width()) as f64).max(largest).round());
    let mut table = latents.table(side)?;
    for field in fields {
        let known = |&value: &f64| value.is_finite().then_some(value);
        table =
            table.with_target(field.name(), TargetColumn::of_numbers(field.values().iter().map(known)))?;
    }
    Ok(table)
}

/// The features of an image that is encoded block by block.
#[derive(Default)]
pub(in crate::image) struct FeatureBlocks {
    content: Vec<f32>,
    pose: Vec<PoseBlocks>,
}

struct PoseBlocks {
    quantity: PoseQuantity,
    values: Vec<f32>,
}

impl FeatureBlocks {
    pub(in crate::image) fn append(&mut self, block: &Posterior) {
        self.content.extend(block.content());
        for column in pose_columns(block) {
            match self.pose.iter_mut().find(|all| all.quantity == column.quantity) {
                Some(all) => all.values.extend(column.values),
                None => {
                    self.pose.push(PoseBlocks { quantity: column.quantity, values: column.values.to_vec() });
                }
            }
        }
    }

    /// The latents of all patches; `path` is the file they are meant for.
    pub(in crate::image) fn latents(
        self,
        grid: &PatchGrid,
        path: &Path,
        notices: &mut Vec<Notice>,
    ) -> Result<Latents> {
        let k = self.content.len() / grid.len().max(1);
        let content =
            Array2::from_shape_vec((grid.len(), k), self.content).expect("k numbers for each patch");
        let pose: Vec<_> = self
            .pose
            .into_iter()
            .map(|all| PoseColumn { quantity: all.quantity, values: Array1::from(all.values) })
            .collect();
        latents(grid, &content, &pose, notices)?.ok_or_else(|| {
            let problem = "the latents are the same for every patch".into();
            Error::DataSet { path: path.to_owned(), problem }
        })
    }
}
