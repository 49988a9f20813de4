//! Importances for a random forest of smartcore, which does not compute any.
//!
//! Generated spectra: the bond length moves the edge (XANES, 8985 to 8995 eV) and, less clearly, the first
//! peak of the PDF (1.9 to 2.1 Å). Twenty further columns are noise.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use adatom_core::{Better, FeatureColumn, FeatureTable, FittedModel, Modality, Score, Target, TargetView};
use adatom_interpret::{Coalitions, ColumnGroup, PartialDependence, PermutationImportance, Region};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;

type Matrix = DenseMatrix<f64>;

/// A forest of smartcore.
struct Forest {
    forest: RandomForestRegressor<f64, f64, Matrix, Vec<f64>>,
    columns: usize,
}

impl Forest {
    fn fit(table: &FeatureTable, target: &str) -> Result<Self, Box<dyn Error>> {
        let rows = matrix(table.features())?;
        let params = RandomForestRegressorParameters::default().with_n_trees(50).with_m(8).with_seed(1);
        let forest = RandomForestRegressor::fit(&rows, &table.numbers(target)?.to_vec(), params)?;
        Ok(Self { forest, columns: table.columns().len() })
    }
}

impl FittedModel for Forest {
    fn features(&self) -> usize {
        self.columns
    }

    fn outputs(&self) -> usize {
        1
    }

    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        // NaN for rows of another shape than those of the training.
        let predictions = matrix(rows).and_then(|rows| self.forest.predict(&rows));
        Array1::from(predictions.unwrap_or_else(|_| vec![f64::NAN; rows.nrows()])).insert_axis(Axis(1))
    }
}

fn matrix(rows: ArrayView2<'_, f64>) -> Result<Matrix, smartcore::error::Failed> {
    Matrix::new(rows.nrows(), rows.ncols(), rows.iter().copied().collect(), false)
}

/// R² = 1 - Σ(y - ŷ)² / Σ(y - ȳ)².
struct R2;

impl Score for R2 {
    fn name(&self) -> &str {
        "R²"
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
        let values = target.numbers()?;
        let error = &values - &predictions.column(0);
        Some(1.0 - error.dot(&error) / (values.len() as f64 * values.var(0.0)))
    }
}

fn spectra(rows: usize) -> Result<FeatureTable, Box<dyn Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut uniform = || random.next_u32() as f64 / f64::from(u32::MAX);
    let energies =
        (0..15).map(|column| FeatureColumn::new(Modality::Xanes, 8975.0 + 5.0 * f64::from(column)));
    let distances = (0..15).map(|column| FeatureColumn::new(Modality::Pdf, 1.0 + 0.1 * f64::from(column)));
    let columns: Vec<_> = energies.chain(distances).collect::<Result<_, _>>()?;
    let bonds: Vec<f64> = (0..rows).map(|_| 1.85 + 0.3 * uniform()).collect();
    let features = Array2::from_shape_fn((rows, columns.len()), |(row, column)| {
        let bond = (bonds[row] - 2.0) / 0.15;
        match column {
            2..=4 => bond + 0.2 * uniform(),
            24..=25 => bond + 1.5 * uniform(),
            _ => uniform(),
        }
    });
    let table = FeatureTable::new((0..rows).map(|row| row.to_string()), columns, features)?;
    Ok(table.with_target("mean_bond_length", Target::numbers(bonds))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let all = spectra(400)?;
    let rows: Vec<usize> = (0..400).collect();
    let (train, test) = (all.select_rows(&rows[..280])?, all.select_rows(&rows[280..])?);
    let model = Forest::fit(&train, "mean_bond_length")?;
    let truth = test.numbers("mean_bond_length")?;
    let predictions = model.evaluate(test.features());
    println!("R² of smartcore's forest on held-out rows: {:.3}", {
        R2.score(TargetView::Numbers(truth.view()), predictions.view()).unwrap_or(f64::NAN)
    });

    let mut groups = ColumnGroup::modalities(test.columns());
    let regions = [
        Region::new("edge", Modality::Xanes, 8984.0, 8996.0)?,
        Region::new("after the edge", Modality::Xanes, 8997.0, 9050.0)?,
        Region::new("first shell", Modality::Pdf, 1.85, 2.15)?,
    ];
    groups.extend(ColumnGroup::regions(test.columns(), &regions)?);
    let permutation = PermutationImportance::new(test.features(), truth.view(), &R2)?.repeats(10);
    let importance = permutation.of_model(&model, &groups)?;
    println!("permutation importance: decrease of R²");
    let (mean, spread) = (importance.mean(), importance.spread());
    for (name, (mean, spread)) in importance.names().iter().zip(mean.iter().zip(&spread)) {
        println!("  {name:15} {mean:6.3} ± {spread:.3}");
    }

    let edge = groups.iter().find(|group| group.name.contains("edge")).ok_or("the edge is a region")?;
    let curve = PartialDependence::of(&model, test.features(), edge, 4)?;
    println!("partial dependence: position of the region, mean prediction (Å)");
    for (point, value) in curve.grid().iter().enumerate() {
        println!("  {value:6.2} {:.3}", curve.mean()[[point, 0]]);
    }

    let few = test.select_rows(&[0, 1, 2])?;
    let modalities = ColumnGroup::modalities(test.columns());
    let shares = Coalitions::of_model(&model, few.features(), train.features(), &modalities)?.shapley();
    for (row, shares) in shares.values().outer_iter().enumerate() {
        println!("row {row}: XANES adds {:+.3} Å, PDF {:+.3} Å", shares[[0, 0]], shares[[1, 0]]);
    }
    Ok(())
}
