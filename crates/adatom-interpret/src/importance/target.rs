//! Checks of targets, and scores of which more is better.

use adatom_core::{Better, Score, TargetView};
use ndarray::ArrayView2;

use super::error::{ImportanceError, Result, at_least, exactly};

/// Checks that there is one finite target value for each row, and that they are not all equal.
pub(crate) fn check_target(target: TargetView<'_>, rows: usize) -> Result<()> {
    exactly("target values", rows, target.len())?;
    at_least("rows", 2, rows)?;
    let constant = |what: &str, value: f64| Err(ImportanceError::Constant { what: what.to_owned(), value });
    match target {
        TargetView::Numbers(values) => {
            if let Some((row, &found)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                return Err(ImportanceError::NotFinite { what: "the property", row, column: 0, found });
            }
            if values.iter().all(|&value| value == values[0]) {
                return constant("the property", values[0]);
            }
        }
        TargetView::Classes(labels) => {
            let codes = &labels.codes;
            if codes.iter().all(|&code| code == codes[0]) {
                return constant("the code of the class", codes[0] as f64);
            }
        }
    }
    Ok(())
}

/// A score of which more is better: the negative of an error.
pub(crate) fn goodness(
    score: &dyn Score,
    target: TargetView<'_>,
    predictions: ArrayView2<'_, f64>,
) -> Result<f64> {
    let undefined =
        || ImportanceError::Undefined { score: score.name().to_owned(), rows: predictions.nrows() };
    let value = score.score(target, predictions).filter(|value| value.is_finite()).ok_or_else(undefined)?;
    Ok(match score.better() {
        Better::Higher => value,
        Better::Lower => -value,
    })
}
