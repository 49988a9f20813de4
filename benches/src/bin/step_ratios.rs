//! `step_ratios [turns]`: a training step of 100 patches of 28 × 28 pixels beside what it is to be compared
//! with. `step_ratios --alone [turns]`: the median of the step by itself, in seconds, for scripts that take
//! turns with it.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use adatom_benches::compare::{compare, step};
use adatom_benches::workload;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let alone = arguments.next_if(|word| word == "--alone").is_some();
    let turns = arguments.next().map_or(Ok(30), |text| text.parse::<usize>())?.max(1);
    let patches = workload::patches(&workload::image(), 4000);
    if alone {
        println!("{}", step(&workload::image_config(), &patches, workload::BATCH, turns)?);
        return Ok(());
    }
    let found = compare(&workload::image_config(), &patches, workload::BATCH, turns)?;
    println!(
        "100 patches of 28 x 28, defaults, shift; {} threads, medians of {turns}",
        rayon::current_num_threads()
    );
    println!("{found}");
    Ok(())
}
