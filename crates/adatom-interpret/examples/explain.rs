//! Importances for a model of another program, through the trait `FittedModel`.
//!
//! The model predicts the coordination number of copper from the height of the white line, and from the
//! pre-edge where the former is ambiguous. The other twelve columns are noise and have no importance.

#![allow(clippy::print_stdout, reason = "a program prints")]

use adatom_core::{Better, FeatureColumn, FeatureTable, FittedModel, Modality, Score, TargetView};
use adatom_interpret::{
    AccumulatedEffects, Coalitions, ColumnGroup, PartialDependence, PermutationImportance, Region,
};
use ndarray::{Array1, Array2, ArrayView2};

const PRE_EDGE: usize = 1;
const WHITE_LINE: usize = 4;

/// Predicts the coordination number.
struct CoordinationModel {
    columns: usize,
}

impl FittedModel for CoordinationModel {
    fn features(&self) -> usize {
        self.columns
    }

    fn outputs(&self) -> usize {
        1
    }

    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        let coordination = |row: usize| {
            let (line, pre_edge) = (rows[[row, WHITE_LINE]], rows[[row, PRE_EDGE]]);
            if (0.45..0.55).contains(&line) {
                if pre_edge > 0.5 { 4.0 } else { 6.0 }
            } else {
                2.0 + 4.0 * line
            }
        };
        Array2::from_shape_fn((rows.nrows(), 1), |(row, _)| coordination(row))
    }
}

/// Mean absolute error.
struct MeanError;

impl Score for MeanError {
    fn name(&self) -> &str {
        "mean error"
    }

    fn better(&self) -> Better {
        Better::Lower
    }

    fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
        match target {
            TargetView::Numbers(values) => (&values - &predictions.column(0)).mapv(f64::abs).mean(),
            TargetView::Classes(_) => None,
        }
    }
}

/// Seven points of XANES and seven of a PDF.
fn spectra() -> Result<FeatureTable, Box<dyn std::error::Error>> {
    let mut state = 5u64;
    let random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let features = Array2::from_shape_simple_fn((300, 14), random);
    let mut columns = Vec::new();
    for point in 0..7 {
        columns.push(FeatureColumn::new(Modality::Xanes, 8975.0 + 5.0 * f64::from(point))?);
    }
    for point in 0..7 {
        columns.push(FeatureColumn::new(Modality::Pdf, 1.5 + 0.5 * f64::from(point))?);
    }
    Ok(FeatureTable::new((0..300).map(|row| row.to_string()), columns, features)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let table = spectra()?;
    let model = CoordinationModel { columns: 14 };
    let truth: Array1<f64> = model.evaluate(table.features()).column(0).to_owned();

    let mut groups = ColumnGroup::modalities(table.columns());
    let regions = [
        Region::new("pre-edge", Modality::Xanes, 8975.0, 8985.0)?,
        Region::new("white line", Modality::Xanes, 8990.0, 9000.0)?,
    ];
    groups.extend(ColumnGroup::regions(table.columns(), &regions)?);
    let permutation = PermutationImportance::new(table.features(), truth.view(), &MeanError)?.repeats(10);
    let importance = permutation.of_model(&model, &groups)?;
    println!("permutation importance: increase of the error of the coordination number");
    for (name, (mean, spread)) in
        importance.names().iter().zip(importance.mean().iter().zip(&importance.spread()))
    {
        println!("  {name:12} {mean:.3} ± {spread:.3}");
    }

    let column = ColumnGroup { name: table.columns()[WHITE_LINE].to_string(), columns: vec![WHITE_LINE] };
    let curve = PartialDependence::of(&model, table.features(), &column, 4)?;
    let effects = AccumulatedEffects::of(&model, table.features(), &column, 4)?;
    println!("{}: mean prediction, accumulated effect", column.name);
    for (point, value) in curve.grid().iter().enumerate() {
        println!("  {value:.2} {:.2} {:+.2}", curve.mean()[[point, 0]], effects.values()[[point, 0]]);
    }

    let few = table.select_rows(&[0, 1, 2])?;
    let coalitions = Coalitions::of_model(
        &model,
        few.features(),
        table.features(),
        &ColumnGroup::modalities(table.columns()),
    )?;
    for (row, shares) in coalitions.shapley().values().outer_iter().enumerate() {
        println!("row {row}: XANES {:+.2}, PDF {:+.2}", shares[[0, 0]], shares[[1, 0]]);
    }
    Ok(())
}
