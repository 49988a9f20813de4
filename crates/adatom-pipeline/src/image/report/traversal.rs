//! Latent traversals: patches decoded along one variable of the decoder, with the others at their medians.

use adatom_interpret::TraversalFigure;
use adatom_vae::{CircularMean, Pose, Posterior, ShiftVae, VaeConfig};
use ndarray::{Array1, Array2, Array3, ArrayView1};

use crate::error::Result;

/// Number of patches of a traversal.
const STEPS: usize = 9;

/// Range of a traversal on either side, in standard deviations.
const REACH: f64 = 2.0;

/// A variable of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    /// A content latent, from 0.
    Content(usize),
    /// The translation of the coordinates along rows (0) or columns (1), pixels.
    Translation(usize),
    Rotation,
    Scale,
}

impl Variable {
    fn name(self, posterior: &Posterior) -> String {
        // Without rotation and scale the translation is the displacement of the object, the shift.
        let plain = posterior.rotation().is_none() && posterior.scale().is_none();
        let translation = if plain { "shift" } else { "decoder translation" };
        match self {
            Self::Content(number) => format!("content {}", number + 1),
            Self::Translation(0) => format!("{translation} rows (px)"),
            Self::Translation(_) => format!("{translation} columns (px)"),
            Self::Rotation => "rotation (rad)".into(),
            Self::Scale => "scale".into(),
        }
    }
}

/// A variable with its distribution over the patches.
struct Observed {
    variable: Variable,
    median: f32,
    /// Range of the traversal on either side of the median.
    reach: f64,
}

pub(super) fn traversals(model: &ShiftVae, posterior: &Posterior) -> Result<TraversalFigure> {
    let observed = observe(posterior, model.config());
    let mut figure = TraversalFigure::new();
    for moved in &observed {
        let at = |step: usize| moved.reach * (2.0 * step as f64 / (STEPS - 1) as f64 - 1.0);
        let along: Vec<f64> = (0..STEPS).map(|step| f64::from(moved.median) + at(step)).collect();
        let value = |of: Variable, step: usize| -> f32 {
            if of == moved.variable {
                return along[step] as f32;
            }
            observed.iter().find(|other| other.variable == of).map_or(0.0, |other| other.median)
        };
        let column = |of: Variable| Array1::from_shape_fn(STEPS, |step| value(of, step));
        let k = posterior.content().ncols();
        let content =
            Array2::from_shape_fn((STEPS, k), |(step, number)| value(Variable::Content(number), step));
        let mut pose = Pose::new();
        for other in &observed {
            pose = match other.variable {
                Variable::Rotation => pose.rotation(column(Variable::Rotation).view()),
                Variable::Scale => pose.scale(column(Variable::Scale).view()),
                Variable::Translation(0) => {
                    let both = |(step, axis): (usize, usize)| value(Variable::Translation(axis), step);
                    pose.shift_pixels(Array2::from_shape_fn((STEPS, 2), both).view())
                }
                Variable::Translation(_) | Variable::Content(_) => pose,
            };
        }
        let decoded = model.decode(content.view(), &pose)?;
        let strip: Array3<f32> = decoded.into_dimensionality().expect("patches are decoded to patches");
        figure = figure.strip(moved.variable.name(posterior), &along, strip.view())?;
    }
    Ok(figure)
}

/// The variables of a model with median and range.
fn observe(posterior: &Posterior, config: &VaeConfig) -> Vec<Observed> {
    let observed = |variable: Variable, values: ArrayView1<'_, f32>| Observed {
        variable,
        median: median(values),
        reach: REACH * f64::from(values.std(0.0)),
    };
    let mut all = Vec::new();
    for (number, column) in posterior.content().columns().into_iter().enumerate() {
        all.push(observed(Variable::Content(number), column));
    }
    let middle = middle_of_phases(posterior, config);
    if let Some(translation) = posterior.shift_pixels() {
        for (axis, column) in translation.columns().into_iter().enumerate() {
            let mut found = observed(Variable::Translation(axis), column);
            if let (Some([a, b]), Some(middle)) = (config.get_shift_lattice(), middle) {
                found.median = middle[axis];
                // Beyond half a unit cell a lattice repeats.
                found.reach = found.reach.min(0.5 * (a[axis].abs() + b[axis].abs()));
            }
            all.push(found);
        }
    }
    all.extend(posterior.rotation().map(|angle| observed(Variable::Rotation, angle)));
    all.extend(posterior.scale().map(|scale| observed(Variable::Scale, scale.view())));
    all
}

/// The most frequent position in the unit cell of a lattice, pixels; periodic values have no median.
fn middle_of_phases(posterior: &Posterior, config: &VaeConfig) -> Option<[f32; 2]> {
    let (vectors, phases) = (config.get_shift_lattice()?, posterior.lattice_phases()?);
    let turn = |phase: ArrayView1<'_, f32>| {
        CircularMean::of(phase.iter().map(|&phase| f64::from(phase))).angle / std::f64::consts::TAU
    };
    let turns: Vec<f64> = phases.columns().into_iter().map(turn).collect();
    Some(
        [0, 1].map(|axis| {
            turns.iter().zip(vectors).map(|(turn, vector)| turn * vector[axis]).sum::<f64>() as f32
        }),
    )
}

/// The middle of the sorted values.
fn median(values: ArrayView1<'_, f32>) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted[sorted.len() / 2]
}
