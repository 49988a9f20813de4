//! Checks of the target of rows, and scores of which more is better.

use adatom_core::{Better, Score, TargetView};
use ndarray::ArrayView2;

use super::error::{ImportanceError, Result, at_least, exactly};

/// Truth that something can be learned from: as many as rows, at least 2, not all the same.
pub(crate) fn check_truth(truth: TargetView<'_>, rows: usize) -> Result<()> {
    exactly("values of the truth", rows, truth.len())?;
    at_least("rows", 2, rows)?;
    let constant = |what: &str, value: f64| Err(ImportanceError::Constant { what: what.to_owned(), value });
    match truth {
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

/// A score that grows when answers get better.
pub(crate) fn goodness(
    score: &dyn Score,
    truth: TargetView<'_>,
    answers: ArrayView2<'_, f64>,
) -> Result<f64> {
    let undefined = || ImportanceError::Undefined { score: score.name().to_owned(), rows: answers.nrows() };
    let value = score.score(truth, answers).filter(|value| value.is_finite()).ok_or_else(undefined)?;
    Ok(match score.better() {
        Better::Higher => value,
        Better::Lower => -value,
    })
}
