//! What modalities and columns are called in reports.

use adatom::core::{FeatureColumn, FeatureTable, Modality};

/// What stands along the axis of a modality.
pub(crate) fn axis(modality: &Modality) -> String {
    let quantity = match modality {
        Modality::Xanes => "energy",
        Modality::Pdf | Modality::DifferentialPdf => "r",
        _ => "axis",
    };
    modality.unit().map_or_else(|| quantity.to_owned(), |unit| format!("{quantity} ({unit})"))
}

/// A column with its axis value to two decimals and its unit; files have all digits.
pub(crate) fn column(column: &FeatureColumn) -> String {
    let value = format!("{:.2}", column.axis());
    let value = value.trim_end_matches('0').trim_end_matches('.');
    let modality = column.modality();
    let name = match column.quantity() {
        Some(quantity) => format!("{modality}:{quantity} {value}"),
        None => format!("{modality} {value}"),
    };
    modality.unit().map_or_else(|| name.clone(), |unit| format!("{name} {unit}"))
}

/// The measured columns of a modality in the order of its axis.
pub(crate) fn along_axis(table: &FeatureTable, modality: &Modality) -> Vec<usize> {
    let columns = table.columns();
    let mut measured = table.columns_of(modality);
    measured.retain(|&column| columns[column].quantity().is_none());
    measured.sort_by(|&left, &right| columns[left].axis().total_cmp(&columns[right].axis()));
    measured
}

/// So many rows, in words.
pub(crate) fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
