//! Candidates for the absorption of a table.
//!
//! In this order: the column of a dialect; columns `mu:NAME`; a column with the label of an absorption;
//! ln(I0/I) and I_f/I0 of detectors with a signal.

use crate::Absorption;

use super::super::expression::Expression;
use super::super::labels::{Role, contains_line_of, role};
use super::ColumnTable;

/// An expression of columns that may be the absorption.
pub(super) struct Candidate {
    pub(super) name: Option<String>,
    pub(super) expression: String,
    pub(super) absorption: Absorption,
}

impl ColumnTable {
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let candidate = |expression: String, absorption, name: Option<&str>| Candidate {
            name: name.map(str::to_owned),
            expression,
            absorption,
        };
        if let Some((expression, absorption)) = &self.hints.mu {
            return vec![candidate(expression.clone(), *absorption, None)];
        }
        let named: Vec<Candidate> = self
            .labels
            .iter()
            .filter(|label| label.len() > 3 && label.starts_with("mu:"))
            .map(|label| candidate(quoted(label), Absorption::Unknown, Some(&label[3..])))
            .collect();
        if !named.is_empty() {
            return named;
        }
        let absorbed = self.labels.iter().filter_map(|label| match role(label) {
            Role::Absorbed(rank, absorption) => Some((rank, label, absorption)),
            _ => None,
        });
        if let Some((_, label, absorption)) = absorbed.min_by_key(|(rank, ..)| *rank) {
            return vec![candidate(quoted(label), absorption, None)];
        }
        self.candidates_of_counts()
    }

    fn candidates_of_counts(&self) -> Vec<Candidate> {
        let first = |required: Role| self.labels.iter().find(|label| role(label) == required);
        let Some(incident) = first(Role::Incident).map(|label| quoted(label)) else { return Vec::new() };
        let mut candidates = Vec::new();
        if let Some(transmitted) = first(Role::Transmitted) {
            candidates.push(Candidate {
                name: Some("transmission".into()),
                expression: format!("ln({incident}/{})", quoted(transmitted)),
                absorption: Absorption::Transmission,
            });
        }
        let detector =
            first(Role::Fluorescence).map(|label| quoted(label)).or_else(|| self.fluorescence_lines());
        if let Some(detector) = detector {
            candidates.push(Candidate {
                name: Some("fluorescence".into()),
                expression: format!("{detector}/{incident}"),
                absorption: Absorption::Fluorescence,
            });
        }
        candidates.retain(|candidate| self.is_signal(&candidate.expression));
        candidates
    }

    /// The sum of the channels with the fluorescence lines of the element, where it is known.
    fn fluorescence_lines(&self) -> Option<String> {
        let symbol = self.hints.element?.symbol();
        let mut lines: Vec<&String> =
            self.labels.iter().filter(|label| contains_line_of(label, symbol)).collect();
        if let Some(&sum) = lines.iter().find(|label| label.to_lowercase().contains("sum")) {
            lines = vec![sum];
        }
        let lines: Vec<String> = lines.into_iter().map(|label| quoted(label)).collect();
        match lines.as_slice() {
            [] => None,
            [line] => Some(line.clone()),
            _ => Some(format!("({})", lines.join("+"))),
        }
    }

    /// Whether the values of an expression come from active detectors: finite and, for counts, rarely zero or
    /// negative.
    fn is_signal(&self, expression: &str) -> bool {
        let Ok(parsed) = Expression::parse(expression, &self.labels) else { return false };
        let logarithm = expression.starts_with("ln");
        let mut row = Vec::new();
        let mut good = 0;
        for numbers in self.values.rows() {
            row.clear();
            row.extend(numbers.iter());
            let value = parsed.value(&row);
            if !value.is_finite() {
                return false;
            }
            good += usize::from(logarithm || value > 0.0);
        }
        good * 20 >= self.values.nrows() * 19
    }

    /// Whether there are detector channels of unknown energy.
    pub(super) fn has_unknown_channels(&self) -> bool {
        let fluorescence = self.labels.iter().any(|label| role(label) == Role::Channel);
        fluorescence && self.fluorescence_lines().is_none()
    }

    /// The absorption that the file identifies: one expression, or several that all have a signal.
    pub(super) fn identified_mu(&self, energy: Option<usize>) -> Vec<Candidate> {
        let candidates = self.candidates();
        let counts = candidates.first().is_some_and(|candidate| {
            candidate.name.as_deref().is_some_and(|name| name == "transmission" || name == "fluorescence")
        });
        if counts && self.has_unknown_channels() {
            return Vec::new();
        }
        if let (true, Some(energy), 2) = (candidates.is_empty(), energy, self.labels.len()) {
            let other = 1 - energy.min(1);
            if matches!(role(&self.labels[other]), Role::Other) {
                let name = self.labels[other].clone();
                let expression = quoted(&name);
                return vec![Candidate { name: None, expression, absorption: Absorption::Unknown }];
            }
        }
        candidates
    }

    /// Whether there are two columns without labels, the first of which can only be energies of hard X-rays.
    pub(super) fn has_two_unlabelled_columns(&self) -> bool {
        if self.hints.labelled || self.labels.len() != 2 || self.values.nrows() < 3 || !self.is_monotonic(0) {
            return false;
        }
        let energies = self.values.column(0);
        let (first, last) = (energies[0], energies[energies.len() - 1]);
        first.min(last) >= 1000.0 && first.max(last) <= 150_000.0 && first.max(last) < 2.0 * first.min(last)
    }

    /// How the absorption was measured, as far as its expression shows.
    pub(super) fn absorption_of(&self, expression: &str) -> Absorption {
        if let Some(Role::Absorbed(_, absorption)) =
            self.find(expression).ok().map(|found| role(&self.labels[found.column]))
        {
            return absorption;
        }
        let text: String = expression.to_lowercase().split_whitespace().collect();
        if text.contains("ln(") || text.contains("log") {
            return Absorption::Transmission;
        }
        if text.contains('/') { Absorption::Fluorescence } else { Absorption::Unknown }
    }
}

/// A label as it must be written in an expression.
fn quoted(label: &str) -> String {
    let plain = label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain && !label.starts_with(|first: char| first.is_ascii_digit()) {
        return label.to_owned();
    }
    match ['"', '\'', '`'].into_iter().find(|&quote| !label.contains(quote)) {
        Some(quote) => format!("{quote}{label}{quote}"),
        None => label.to_owned(),
    }
}
