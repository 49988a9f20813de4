//! `adatom encode`: a trained model on another image.

use adatom::pipeline::image::{ImageEncoder, LatentTable};
use adatom::pipeline::output::check_output;
use serde_json::json;

use crate::args::{Encode, existing};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::progress::{Terminal, note_all};
use crate::terminal::print_line;

pub(crate) fn run(command: &Encode, as_json: bool) -> Result<(), CliError> {
    let existing = existing(command.force);
    check_output(&command.out, [&command.model, &command.image], existing)?;
    let interpretation = command.fields.settings();
    if let Some(table) = &command.table {
        let inputs = interpretation.fields.iter().map(|field| field.path());
        check_output(table, inputs.chain([&command.model, &command.image, &command.out]), existing)?;
    } else if !interpretation.fields.is_empty() {
        return Err(CliError::Argument("--field needs --table, which writes the fields as targets".into()));
    }
    let encoder = ImageEncoder::load(&command.model)?;
    let windows = encoder.open(&command.image, &command.settings())?;
    note_all(windows.notices());
    let fields = windows.open_fields(&interpretation)?;
    let table = command.table.as_deref();
    let table = table.map(|path| LatentTable::new(path, &fields).block(interpretation.block));
    let observer = Terminal::interruptible(&Interrupt::watch());
    let notices = encoder.save_latents(&windows, &command.out, table.as_ref(), &observer);
    note_all(&notices?);
    if as_json {
        let metrics = json!({
            "out": command.out,
            "patches": windows.len(),
            "grid": windows.layout().counts,
            "latents": encoder.model().config().latent_names(),
            "clipped": windows.clipped_fraction(),
        });
        print_line(format_args!("{metrics}"));
    } else {
        print_line(format_args!("{} patches encoded into {}", windows.len(), command.out.display()));
    }
    Ok(())
}
