//! Rows that are held out because a file lists them.

use std::path::Path;

use adatom::core::FeatureTable;

use crate::error::CliError;
use crate::say::tell;

/// The places in `table` of the ids that the file lists, in increasing order. `whole` has all rows, also those that were
/// left out of `table`.
pub(super) fn listed(
    file: &Path,
    table: &FeatureTable,
    whole: &FeatureTable,
) -> Result<Vec<usize>, CliError> {
    let text = std::fs::read_to_string(file).map_err(CliError::file(file))?;
    let (mut rows, mut left_out) = (Vec::new(), 0);
    let ids = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    for (line, id) in ids.filter(|(_, id)| !id.is_empty()) {
        match (table.row_of(id), whole.row_of(id)) {
            (Some(row), _) => rows.push(row),
            (None, Some(_)) => left_out += 1,
            (None, None) => {
                let text = format!("{}, line {line}: the table has no row {id}", file.display());
                return Err(CliError::Argument(text));
            }
        }
    }
    let named = rows.len();
    rows.sort_unstable();
    rows.dedup();
    if rows.len() < named {
        let text = format!("{}: lists {} rows twice", file.display(), named - rows.len());
        return Err(CliError::Argument(text));
    }
    if rows.is_empty() || rows.len() == table.len() {
        let text =
            format!("{}: lists {} of the {} rows: none is left", file.display(), rows.len(), table.len());
        let side = if rows.is_empty() { "to be tested on" } else { "to learn from" };
        return Err(CliError::Argument(format!("{text} {side}")));
    }
    if left_out > 0 {
        tell(format_args!("{left_out} of the rows that {} lists were left out", file.display()));
    }
    Ok(rows)
}
