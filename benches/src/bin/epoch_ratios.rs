//! `epoch_ratios [turns]`: the 1-D benchmark, 5,000 signals of 100 points in batches of 64; an epoch has 79
//! steps. `epoch_ratios --alone [turns]`: an epoch out of the median of its steps, in seconds, for scripts
//! that take turns with it.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use adatom_benches::compare::{compare, step};
use adatom_benches::workload;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let alone = arguments.next_if(|word| word == "--alone").is_some();
    let turns = arguments.next().map_or(Ok(300), |text| text.parse::<usize>())?.max(1);
    let [signals, points, batch] = workload::SIGNALS;
    let steps = signals as f64 / batch as f64;
    if alone {
        println!("{}", steps * step(&workload::signal_config(), &workload::signals(), batch, turns)?);
        return Ok(());
    }
    let found = compare(&workload::signal_config(), &workload::signals(), batch, turns)?;
    let threads = rayon::current_num_threads();
    println!("step of {batch} signals of {points} points, shift; {threads} threads, medians of {turns}");
    println!("{found}");
    println!("epoch of {signals}: {:.3} s, plain {:.3} s", steps * found.step, steps * found.plain);
    Ok(())
}
