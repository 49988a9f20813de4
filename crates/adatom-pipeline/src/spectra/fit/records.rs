//! The records of `predictions.csv`, `importance.csv` and `regions.csv`.

use adatom_core::Target;
use adatom_forest::ndarray::Axis;
use adatom_forest::{Model, most_probable};

use super::Study;
use super::tested::COVERAGE;
use crate::error::Error;

impl Study {
    /// Predictions for test rows, and out-of-bag predictions for training rows.
    pub(super) fn prediction_records(&self) -> Result<Vec<Vec<String>>, Error> {
        let (samples, split, tested) = (&self.samples, &self.tuning.split, &self.tested);
        let (ids, features) = (samples.table.ids(), samples.table.features());
        let mut header: Vec<String> = ["id", "set", "truth", "prediction"].map(String::from).to_vec();
        match &samples.target {
            Target::Classes(labels) => {
                header.extend(labels.names.iter().map(|name| format!("probability:{name}")));
            }
            Target::Numbers(_) => header.extend(["lower", "upper"].map(String::from)),
        }
        let width = header.len();
        let mut records = vec![header];
        let intervals = match &tested.model {
            Model::Regressor(model) => {
                Some(model.intervals(features.select(Axis(0), &split.test).view(), COVERAGE)?)
            }
            Model::Classifier(_) => None,
        };
        for (place, &row) in split.test.iter().enumerate() {
            let mut record = vec![ids[row].clone(), "test".into()];
            record.extend(self.prediction_cells(row, &tested.predictions.row(place).to_vec()));
            if let Some(intervals) = &intervals {
                record.extend(intervals.row(place).iter().map(f64::to_string));
            }
            records.push(record);
        }
        // Forests whose trees draw all rows have no out-of-bag predictions.
        let train = features.select(Axis(0), &split.train);
        let Ok(out_of_bag) = tested.model.forest().out_of_bag(train.view()) else { return Ok(records) };
        let calibration = match &tested.model {
            Model::Classifier(model) => model.calibration(),
            Model::Regressor(_) => None,
        };
        let predictions = match calibration {
            Some(calibration) => calibration.apply(out_of_bag.predictions())?,
            None => out_of_bag.predictions().to_owned(),
        };
        for place in out_of_bag.covered() {
            let row = split.train[place];
            let mut record = vec![ids[row].clone(), "out-of-bag".into()];
            record.extend(self.prediction_cells(row, &predictions.row(place).to_vec()));
            record.resize(width, String::new());
            records.push(record);
        }
        Ok(records)
    }

    /// True value, prediction and, of classes, probabilities.
    fn prediction_cells(&self, row: usize, prediction: &[f64]) -> Vec<String> {
        match &self.samples.target {
            Target::Numbers(values) => vec![values[row].to_string(), prediction[0].to_string()],
            Target::Classes(labels) => {
                let one = adatom_forest::ndarray::ArrayView2::from_shape((1, prediction.len()), prediction);
                let best = most_probable(one.expect("one row"))[0];
                let names = [labels.codes[row], best].map(|code| labels.names[code].clone());
                names.into_iter().chain(prediction.iter().map(f64::to_string)).collect()
            }
        }
    }

    /// One record per column.
    pub(super) fn importance_records(&self) -> Vec<Vec<String>> {
        let header = [
            "column",
            "modality",
            "axis",
            "impurity",
            "permutation",
            "shap",
            "impurity_std",
            "permutation_std",
            "shap_std",
        ];
        let mut header = header.map(String::from).to_vec();
        let shadows = self.shadows.as_ref().map(|report| (report.corrected().mean(), report.p_values()));
        if shadows.is_some() {
            header.extend(["impurity_less_chance", "chance"].map(String::from));
        }
        let mut records = vec![header];
        let importance = &self.importance;
        let (impurity, impurity_std) = (importance.impurity.mean(), importance.impurity.spread());
        let permutation =
            importance.permutation.as_ref().map(|found| (found.columns.mean(), found.columns.spread()));
        let (shap, shap_std) = (importance.shap.mean(), importance.shap.spread());
        for (index, column) in self.samples.table.columns().iter().enumerate() {
            let (permuted, permuted_std) = match &permutation {
                Some((mean, spread)) => (mean[index].to_string(), spread[index].to_string()),
                None => Default::default(),
            };
            let mut record = vec![
                column.to_string(),
                column.modality().to_string(),
                column.axis().to_string(),
                impurity[index].to_string(),
                permuted,
                shap[index].to_string(),
                impurity_std[index].to_string(),
                permuted_std,
                shap_std[index].to_string(),
            ];
            if let Some((corrected, chance)) = &shadows {
                record.extend([corrected[index].to_string(), chance[index].to_string()]);
            }
            records.push(record);
        }
        records
    }

    /// One record per region.
    pub(super) fn region_records(&self) -> Result<Vec<Vec<String>>, Error> {
        let header = [
            "region",
            "modality",
            "low",
            "high",
            "impurity",
            "impurity_std",
            "permutation",
            "permutation_std",
            "shap",
            "shap_std",
        ];
        let mut records = vec![header.map(String::from).to_vec()];
        let regions = self.samples.regions();
        if regions.is_empty() {
            return Ok(records);
        }
        let importance = &self.importance;
        let (impurity, shap) =
            (importance.impurity.by_region(&regions)?, importance.shap.by_region(&regions)?);
        let permutation = importance.permutation.as_ref().and_then(|found| found.regions.as_ref());
        let text = |number: f64| number.to_string();
        for (index, region) in regions.iter().enumerate() {
            let (low, high) = region.range();
            let permuted = permutation.map_or_else(Default::default, |found| {
                [found.mean()[index], found.spread()[index]].map(text)
            });
            let region =
                [region.name().to_owned(), region.modality().to_string(), low.to_string(), high.to_string()];
            let impurity = [impurity.mean()[index], impurity.spread()[index]].map(text);
            let shap = [shap.mean()[index], shap.spread()[index]].map(text);
            records.push(region.into_iter().chain(impurity).chain(permuted).chain(shap).collect());
        }
        Ok(records)
    }
}
