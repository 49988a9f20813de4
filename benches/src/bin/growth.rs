//! `growth`: does time grow linearly with the number of patches? Fails where it takes more than 1.3 times as
//! long as in proportion to the next smaller number.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use adatom_benches::measure::seconds;
use adatom_benches::workload;
use adatom_vae::{Device, ShiftVae, Trainer};

/// How much longer than in proportion it may take: noise of shared machines, not another power.
const SLACK: f64 = 1.3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let image = workload::image();
    let vae = ShiftVae::init(workload::image_config(), 1, &Device::Cpu)?;
    let mut steep = false;
    println!("{:<26} {:>9} {:>10} {:>14} {:>8}", "", "patches", "seconds", "patches a s", "excess");
    for (what, counts) in
        [("encoding", [1_000, 10_000, 100_000]), ("an epoch of training", [100, 1_000, 5_000])]
    {
        let mut before: Option<(usize, f64)> = None;
        for count in counts {
            let patches = workload::patches(&image, count);
            let once = || {
                if what == "encoding" {
                    vae.encode(&patches).expect("finite patches");
                } else {
                    Trainer::new(workload::image_config()).epochs(1).fit(&patches).expect("a valid training");
                }
            };
            // The fastest of some turns: other work on the machine makes times longer, never shorter.
            let time = (0..5).map(|_| seconds(once)).fold(f64::INFINITY, f64::min);
            // Time over what it would be in proportion to the number of patches.
            let growth = before.map_or(1.0, |(fewer, shorter)| time / shorter * fewer as f64 / count as f64);
            steep |= growth > SLACK;
            println!("{what:<26} {count:>9} {time:>10.4} {:>14.0} {growth:>8.2}", count as f64 / time);
            before = Some((count, time));
        }
    }
    if steep { Err("time grows faster than the number of patches".into()) } else { Ok(()) }
}
