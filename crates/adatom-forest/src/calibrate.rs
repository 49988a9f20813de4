//! Calibration of probabilities: of the rows with a predicted probability of 0.8, 80 % should belong to the
//! class.
//!
//! A map from the forest's probability to the observed frequency is fitted on rows that the forest was not
//! fitted to (out of bag): isotonic, or a sigmoid. With more than two classes each is fitted against the
//! others, and the mapped probabilities are divided by their sum (Zadrozny and Elkan 2002), as in
//! scikit-learn.

mod isotonic;
mod reliability;
mod sigmoid;

use ndarray::{Array2, ArrayView2};

use crate::{Error, Result};
use isotonic::Isotonic;
pub use reliability::{ReliabilityBin, ReliabilityCurve};
use sigmoid::Sigmoid;

/// The shape of the map from probabilities to frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalibrationMethod {
    /// Any non-decreasing map: for about a thousand rows or more.
    Isotonic,
    /// 1 / (1 + exp(a p + b)): two parameters per class, for few rows.
    Sigmoid,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Map {
    Isotonic(Isotonic),
    Sigmoid(Sigmoid),
}

impl Map {
    fn fit(method: CalibrationMethod, probabilities: &[f64], occurred: &[bool]) -> Self {
        match method {
            CalibrationMethod::Isotonic => Self::Isotonic(Isotonic::fit(probabilities, occurred)),
            CalibrationMethod::Sigmoid => Self::Sigmoid(Sigmoid::fit(probabilities, occurred)),
        }
    }

    fn apply(&self, probability: f64) -> f64 {
        match self {
            Self::Isotonic(map) => map.apply(probability),
            Self::Sigmoid(map) => map.apply(probability),
        }
    }
}

/// Fitted maps from the probabilities of a model to calibrated ones; a model file can contain them.
///
/// ```
/// use adatom_forest::{Calibration, CalibrationMethod, ndarray::array};
/// // Out-of-bag probabilities that are too close to 0.5: all rows with 0.6 are of class 0.
/// let probabilities = array![[0.6, 0.4], [0.6, 0.4], [0.4, 0.6], [0.4, 0.6]];
/// let calibration =
///     Calibration::fit(CalibrationMethod::Isotonic, probabilities.view(), &[0, 0, 1, 1])?;
/// assert_eq!(
///     calibration.apply(array![[0.6, 0.4], [0.5, 0.5]].view())?,
///     array![[1.0, 0.0], [0.5, 0.5]]
/// );
///
/// let error =
///     Calibration::fit(CalibrationMethod::Isotonic, probabilities.view(), &[0, 0, 0, 0]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "all 4 rows belong to the class \"0\": a classifier needs at least two"
/// );
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Stored")]
pub struct Calibration {
    classes: usize,
    /// One per class; for two classes only that of the second.
    maps: Vec<Map>,
}

/// The content of a file before validation.
#[derive(serde::Deserialize)]
struct Stored {
    classes: usize,
    maps: Vec<Map>,
}

impl TryFrom<Stored> for Calibration {
    type Error = Error;

    fn try_from(Stored { classes, maps }: Stored) -> Result<Self> {
        let expected = if classes == 2 { 1 } else { classes };
        if classes < 2 || maps.len() != expected {
            return Err(Error::Malformed {
                origin: "calibration".to_owned(),
                expected: "one map a class, or one for two classes".to_owned(),
                found: format!("{} maps of {classes} classes", maps.len()),
            });
        }
        Ok(Self { classes, maps })
    }
}

/// Checks that there are as many codes as rows, all below the number of columns, and that probabilities are
/// in range.
fn check(probabilities: ArrayView2<'_, f64>, codes: &[usize]) -> Result<()> {
    let (rows, classes) = probabilities.dim();
    if codes.len() != rows {
        return Err(Error::Length { what: "codes of classes", expected: rows, found: codes.len() });
    }
    if let Some((row, &code)) = codes.iter().enumerate().find(|&(_, &code)| code >= classes) {
        let expected = "a code below the number of classes";
        return Err(Error::Value { what: "the class", row, column: None, expected, found: code as f64 });
    }
    check_probabilities(probabilities)
}

fn check_probabilities(probabilities: ArrayView2<'_, f64>) -> Result<()> {
    match probabilities.indexed_iter().find(|(_, value)| !(0.0..=1.0).contains(*value)) {
        Some(((row, column), &found)) => {
            let (what, expected) = ("the probability", "between 0 and 1");
            Err(Error::Value { what, row, column: Some(column), expected, found })
        }
        None => Ok(()),
    }
}

impl Calibration {
    /// Fits the maps to probabilities `[n, classes]` of rows that the model was not fitted to, and their true
    /// codes `[n]`.
    ///
    /// # Errors
    /// [`Error::TooFew`] when there is no row or fewer than 2 classes; [`Error::Length`] when there are not
    /// as many codes as rows; [`Error::Value`] when a probability is not between 0 and 1, or a code has no
    /// column; [`Error::OneClass`] when all rows are of one class.
    pub fn fit(
        method: CalibrationMethod,
        probabilities: ArrayView2<'_, f64>,
        codes: &[usize],
    ) -> Result<Self> {
        let (rows, classes) = probabilities.dim();
        if classes < 2 {
            return Err(Error::TooFew { what: "classes", least: 2, found: classes });
        }
        check(probabilities, codes)?;
        let Some(&first) = codes.first() else {
            return Err(Error::TooFew { what: "row", least: 1, found: 0 });
        };
        if codes.iter().all(|&code| code == first) {
            return Err(Error::OneClass { class: first.to_string(), rows });
        }
        let map = |class: usize| {
            let occurred: Vec<bool> = codes.iter().map(|&code| code == class).collect();
            Map::fit(method, &probabilities.column(class).to_vec(), &occurred)
        };
        let mapped = if classes == 2 { 1..2 } else { 0..classes };
        Ok(Self { classes, maps: mapped.map(map).collect() })
    }

    /// Fits the maps to the rows that are `covered`, such as those that were out of bag of a tree at least
    /// once.
    ///
    /// # Errors
    /// As for [`fit`](Self::fit), for the covered rows; [`Error::Length`] when there are not as many marks as
    /// rows.
    pub fn fit_covered(
        method: CalibrationMethod,
        probabilities: ArrayView2<'_, f64>,
        codes: &[usize],
        covered: &[bool],
    ) -> Result<Self> {
        let rows = probabilities.nrows();
        for (what, found) in [("codes of classes", codes.len()), ("marks of covered rows", covered.len())] {
            if found != rows {
                return Err(Error::Length { what, expected: rows, found });
            }
        }
        let kept: Vec<usize> = (0..rows).filter(|&row| covered[row]).collect();
        let codes: Vec<usize> = kept.iter().map(|&row| codes[row]).collect();
        Self::fit(method, probabilities.select(ndarray::Axis(0), &kept).view(), &codes)
    }

    /// Calibrated probabilities `[n, classes]` for those of the model; rows whose maps all give 0 become
    /// uniform.
    ///
    /// # Errors
    /// [`Error::Length`] when there are not as many columns as classes; [`Error::Value`] when a probability
    /// is not between 0 and 1.
    pub fn apply(&self, probabilities: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        if probabilities.ncols() != self.classes {
            let (expected, found) = (self.classes, probabilities.ncols());
            return Err(Error::Length { what: "columns of probabilities", expected, found });
        }
        check_probabilities(probabilities)?;
        let mut calibrated = probabilities.to_owned();
        for mut row in calibrated.rows_mut() {
            if let [map] = &self.maps[..] {
                row[1] = map.apply(row[1]);
                row[0] = 1.0 - row[1];
                continue;
            }
            row.iter_mut().zip(&self.maps).for_each(|(value, map)| *value = map.apply(*value));
            let sum = row.sum();
            let uniform = 1.0 / self.classes as f64;
            row.mapv_inplace(|value| if sum > 0.0 { value / sum } else { uniform });
        }
        Ok(calibrated)
    }

    /// The number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The shape of the maps.
    #[must_use]
    pub fn method(&self) -> CalibrationMethod {
        match self.maps[0] {
            Map::Isotonic(_) => CalibrationMethod::Isotonic,
            Map::Sigmoid(_) => CalibrationMethod::Sigmoid,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn three_classes_are_calibrated_as_in_scikit_learn() {
        let probabilities = array![
            [0.7, 0.2, 0.1],
            [0.5, 0.3, 0.2],
            [0.3, 0.5, 0.2],
            [0.2, 0.6, 0.2],
            [0.1, 0.3, 0.6],
            [0.2, 0.2, 0.6],
            [0.4, 0.4, 0.2],
            [0.1, 0.1, 0.8],
        ];
        let codes = [0, 0, 1, 1, 2, 2, 1, 2];
        let calibration =
            Calibration::fit(CalibrationMethod::Isotonic, probabilities.view(), &codes).unwrap();
        let found = calibration.apply(array![[0.45, 0.35, 0.2], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]].view());
        // IsotonicRegression(out_of_bounds="clip") of scikit-learn 1.9.1 for each class against the others
        // gives [.5, .5, 0], [0, 0, 1], [0, 1, .25]; divided by their sums:
        let expected = array![[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.8, 0.2]];
        assert!((found.unwrap() - expected).iter().all(|difference| difference.abs() < 1e-14));
        assert_eq!((calibration.classes(), calibration.method()), (3, CalibrationMethod::Isotonic));
    }

    #[test]
    fn rows_that_are_not_covered_are_ignored() {
        let probabilities = array![[0.6, 0.4], [0.3, 0.7], [0.5, 0.5], [0.2, 0.8]];
        let all = Calibration::fit(CalibrationMethod::Sigmoid, probabilities.view(), &[0, 1, 0, 1]).unwrap();
        let spoilt = array![[0.6, 0.4], [f64::NAN, 9.0], [0.3, 0.7], [0.5, 0.5], [0.2, 0.8]];
        let covered = [true, false, true, true, true];
        let some =
            Calibration::fit_covered(CalibrationMethod::Sigmoid, spoilt.view(), &[0, 0, 1, 0, 1], &covered);
        assert_eq!(some.unwrap(), all);
    }

    #[test]
    fn a_row_that_no_map_knows_becomes_uniform() {
        // All maps take 0.1, which was never right, to 0.
        let probabilities = array![[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]];
        let calibration =
            Calibration::fit(CalibrationMethod::Isotonic, probabilities.view(), &[0, 1, 2]).unwrap();
        assert_eq!(calibration.apply(array![[0.1, 0.1, 0.1]].view()).unwrap(), array![[1.0 / 3.0; 3]]);
    }

    #[test]
    fn a_stored_calibration_is_read_back_and_a_spoilt_one_refused() {
        let probabilities = array![[0.6, 0.4], [0.3, 0.7], [0.5, 0.5], [0.2, 0.8]];
        for method in [CalibrationMethod::Isotonic, CalibrationMethod::Sigmoid] {
            let calibration = Calibration::fit(method, probabilities.view(), &[0, 1, 0, 1]).unwrap();
            let text = serde_json::to_string(&calibration).unwrap();
            assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), calibration);
        }
        for (spoilt, reason) in [
            (r#"{"classes":3,"maps":[{"sigmoid":{"slope":-1.0,"intercept":0.0}}]}"#, "one map a class"),
            (r#"{"classes":1,"maps":[{"sigmoid":{"slope":-1.0,"intercept":0.0}}]}"#, "one map a class"),
            (r#"{"classes":2,"maps":[{"isotonic":{"from":[0.0,0.5],"to":[0.0]}}]}"#, "as many"),
            (r#"{"classes":2,"maps":[{"isotonic":{"from":[],"to":[]}}]}"#, "as many"),
            (r#"{"classes":2,"maps":[{"isotonic":{"from":[0.5,0.5],"to":[0.0,1.0]}}]}"#, "increase"),
            (r#"{"classes":2,"maps":[{"isotonic":{"from":[0.1,0.5],"to":[0.0,1.5]}}]}"#, "between 0 and 1"),
            (r#"{"classes":2,"maps":[{"isotonic":{"from":[0.1,0.5],"to":[0.9,0.5]}}]}"#, "decrease"),
        ] {
            let message = serde_json::from_str::<Calibration>(spoilt).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn what_cannot_be_calibrated_is_refused() {
        let fit = |probabilities: Array2<f64>, codes: &[usize]| {
            Calibration::fit(CalibrationMethod::Sigmoid, probabilities.view(), codes).unwrap_err().to_string()
        };
        assert_eq!(fit(array![[1.0]], &[0]), "expected at least 2 classes, found 1");
        assert_eq!(fit(Array2::zeros((0, 2)), &[]), "expected at least 1 row, found 0");
        assert_eq!(fit(array![[0.5, 0.5]], &[0, 1]), "expected 1 codes of classes, found 2");
        assert_eq!(
            fit(array![[0.5, 0.5], [0.5, f64::NAN]], &[0, 1]),
            "the probability of row 1, column 1 must be between 0 and 1, found NaN"
        );
        assert_eq!(
            fit(array![[0.5, 0.5]], &[2]),
            "the class of row 0 must be a code below the number of classes, found 2"
        );
    }
}
