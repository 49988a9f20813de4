//! Names of modalities and columns in reports.

use adatom_core::{FeatureColumn, FeatureTable, Modality};

/// The label of the axis of a modality.
pub(super) fn axis(modality: &Modality) -> String {
    let quantity = match modality {
        Modality::Xanes => "energy",
        Modality::Pdf | Modality::DifferentialPdf => "r",
        _ => "axis",
    };
    modality.unit().map_or_else(|| quantity.to_owned(), |unit| format!("{quantity} ({unit})"))
}

/// A column with its axis value to two decimals and its unit; files have all digits.
pub(super) fn column(column: &FeatureColumn) -> String {
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
pub(super) fn along_axis(table: &FeatureTable, modality: &Modality) -> Vec<usize> {
    let columns = table.columns();
    let mut measured = table.columns_of(modality);
    measured.retain(|&column| columns[column].quantity().is_none());
    measured.sort_by(|&left, &right| columns[left].axis().total_cmp(&columns[right].axis()));
    measured
}

/// A number of rows, in words.
pub(super) fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
