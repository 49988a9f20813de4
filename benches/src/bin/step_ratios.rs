//! `step_ratios [turns]`: a training step of 100 patches of 28 × 28 pixels beside what it is to be compared with.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use adatom_benches::{compare::compare, workload};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let turns = std::env::args().nth(1).map_or(Ok(30), |text| text.parse::<usize>())?.max(1);
    let patches = workload::patches(&workload::image(), 4000);
    let found = compare(&workload::image_config(), &patches, workload::BATCH, turns)?;
    println!(
        "100 patches of 28 x 28, defaults, shift; {} threads, medians of {turns}",
        rayon::current_num_threads()
    );
    println!("{found}");
    Ok(())
}
