//! Checks the values of fields of XDI files, and the presence of recommended fields.

use crate::{Edge, Element};

use super::super::Warning;
use super::super::labels::{Role, role};
use super::header::Header;

/// Fields that the format recommends.
const RECOMMENDED: [&str; 4] = ["Facility.name", "Facility.xray_source", "Beamline.name", "Scan.start_time"];

/// Warns of invalid and missing fields, which do not affect the numbers.
pub(super) fn check(header: &Header, labels: &[String], warnings: &mut Vec<Warning>) {
    let get = |key: &str| header.metadata.get(key);
    let mut warn = |message: String| warnings.push(Warning::new(None, message));
    let absorption = labels.iter().any(|label| matches!(role(label), Role::Energy(_) | Role::Angle));
    match get("Element.symbol") {
        None if absorption => warn("Element.symbol is missing".into()),
        Some(value) if value.parse::<Element>().is_err() => {
            warn(format!("Element.symbol `{value}` is not an element"))
        }
        _ => {}
    }
    match get("Element.edge") {
        None if absorption => warn("Element.edge is missing".into()),
        Some(value) if value.parse::<Edge>().is_err() => {
            warn(format!("Element.edge `{value}` is not an edge"))
        }
        _ => {}
    }
    match get("Mono.d_spacing").or(get("Mono.dspacing")) {
        None if absorption => warn("Mono.d_spacing is missing".into()),
        Some(value) if !leading(value).is_some_and(|spacing| spacing > 0.0) => {
            warn(format!("Mono.d_spacing `{value}` is not a length"));
        }
        _ => {}
    }
    for key in ["Scan.start_time", "Scan.end_time"] {
        if let Some(value) = get(key).filter(|value| !is_time(value)) {
            warn(format!("{key} `{value}` is not a time such as 2001-06-26T22:27:31"));
        }
    }
    for (key, units) in [
        ("Sample.temperature", &["k", "c", "f"][..]),
        ("Facility.energy", &["gev", "mev"]),
        ("Facility.current", &["ma", "a"]),
    ] {
        if let Some(value) = get(key).filter(|value| !is_quantity(value, units)) {
            warn(format!("{key} `{value}` is not a number with a unit"));
        }
    }
    let missing: Vec<&str> = RECOMMENDED.into_iter().filter(|key| get(key).is_none()).collect();
    if absorption && !missing.is_empty() {
        warn(format!("recommended fields are missing: {}", missing.join(", ")));
    }
}

fn leading(value: &str) -> Option<f64> {
    value.split_whitespace().next()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether a value is a number with one of the units; text after `||` states its origin.
fn is_quantity(value: &str, units: &[&str]) -> bool {
    let (value, _) = value.split_once("||").unwrap_or((value, ""));
    let words: Vec<&str> = value.split_whitespace().collect();
    let joined = value.trim().to_lowercase();
    match words.as_slice() {
        [number, unit] => number.parse::<f64>().is_ok() && units.contains(&unit.to_lowercase().as_str()),
        [_] => units
            .iter()
            .any(|unit| joined.strip_suffix(unit).is_some_and(|number| number.trim().parse::<f64>().is_ok())),
        _ => false,
    }
}

/// Whether a value is a date, perhaps with a time, in ISO 8601, separated by `T` or a blank; the time zone is
/// ignored.
fn is_time(value: &str) -> bool {
    let value = value.split("||").next().unwrap_or("").trim();
    let (date, time) = match value.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (value, None),
    };
    let numbers = |text: &str, mark: char| -> Option<Vec<u32>> {
        text.split(mark)
            .map(|part| part.get(..part.len().min(2)).filter(|_| part.len() <= 4)?.parse().ok())
            .collect()
    };
    let date: Option<Vec<u32>> = date.split('-').map(|part| part.parse().ok()).collect();
    let date_is_good = matches!(date.as_deref(), Some([1900..=9999, 1..=12, 1..=31]));
    let clock = time.map(|time| time.split(['Z', '+', '.', '-']).next().unwrap_or("").trim());
    let clock_is_good = clock.is_none_or(|clock| {
        matches!(numbers(clock, ':').as_deref(), Some([0..=23, 0..=59] | [0..=23, 0..=59, 0..=60]))
    });
    date_is_good && clock_is_good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked() {
        for good in ["2001-06-26T22:27:31", "2001-06-02 22:27:31", "2019-03-21T08:45:01.5Z", "2019-03-21"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["2001-Jun-26 22:27:31", "2001-26-6T22:27:31", "yesterday", "2001-06-26T25:00:00", ""] {
            assert!(!is_time(bad), "{bad}");
        }
        assert!(
            is_quantity("300 K", &["k"]) && is_quantity("300K", &["k"]) && is_quantity("7.00 GeV", &["gev"])
        );
        assert!(!is_quantity("300.0a K", &["k"]) && !is_quantity("7.00 missing units", &["gev"]));
    }
}
