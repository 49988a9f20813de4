//! Writes the table of the 530 settings of space groups, `src/symmetry/table.rs`, from the crate moyo:
//!
//! ```text
//! cargo run -p adatom-crystal --example space_group_table > table.rs
//! ```
//!
//! A test compares every row, and the operations of every Hall symbol, with moyo.

#![allow(clippy::print_stdout)]

use moyo::data::hall_symbol_entry;

const HEAD: &str = "\
//! The settings of the space groups, by Hall number: number of the group, setting, Hall symbol, and the short
//! and the full Hermann-Mauguin symbol, after S. R. Hall and R. W. Grosse-Kunstleve, *International Tables
//! for Crystallography* B (2010), table A1.4.2.7; written by `examples/space_group_table.rs`.

use super::settings::Setting;

#[rustfmt::skip]
pub(super) const SETTINGS: [Setting; 530] = [";

fn main() {
    println!("{HEAD}");
    for entry in (1..=530).filter_map(hall_symbol_entry) {
        let (group, choice, hall) = (entry.number, entry.setting, entry.hall_symbol);
        let (short, full) = (entry.hm_short, entry.hm_full);
        let begin = format!("    Setting {{ group: {group}, choice: {choice:?}, hall: {hall:?},");
        let end = format!("short: {short:?}, full: {full:?} }},");
        let gap =
            if begin.len() + end.len() < 110 { " ".to_owned() } else { format!("\n{}", " ".repeat(14)) };
        println!("{begin}{gap}{end}");
    }
    println!("];");
}
