//! `adatom image`: images → patches → autoencoder → maps and report.

mod explore;

use adatom::pipeline::image::{
    ImageResults, TRAINING_STATE, TrainingOutcome, TrainingPlan, save_metrics, save_report,
};
use adatom::pipeline::output::OutputFolder;

use crate::args::{ImageCommand, existing};
use crate::command_line;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::progress::{Terminal, note_all};
use crate::terminal::{note, print_line};

pub(crate) fn run(command: &ImageCommand, as_json: bool) -> Result<(), CliError> {
    let settings = command.settings();
    if command.explore.explore {
        return explore::run(command, settings, as_json);
    }
    let images = settings.source.open(&command.images)?;
    note_all(images.notices());
    let placed = settings.placement.place(settings.preparation.prepare(&images), settings.training.seed)?;
    note_all(placed.notices());
    let mut plan = TrainingPlan::new(&settings, &placed)?;
    note_all(plan.notices());
    let fields = settings.interpretation.open_fields(placed.patches().patch_grid())?;
    settings.interpretation.check(placed.patches())?;

    let folder = OutputFolder::prepare(&command.out, existing(command.force || command.resume))?;
    let state = folder.file(TRAINING_STATE);
    if command.resume {
        plan = plan.resume(&state);
    } else {
        folder.remove(TRAINING_STATE)?;
    }
    let (count, window) = (placed.patches().len(), placed.patches().window());
    let steps = count.div_ceil(settings.training.batch_size);
    let epochs = settings.training.epochs;
    note(format_args!("{count} patches of {window} pixels, {epochs} epochs of up to {steps} steps"));
    let observer = Terminal::interruptible(&Interrupt::watch());
    let trained = plan.save_state(&state).train(placed.patches(), &observer)?;
    note_all(trained.notices());
    if trained.outcome() == TrainingOutcome::Stopped {
        let resume = match state.exists() {
            true => "interrupted; to continue, run the same command with --resume",
            false => "interrupted in the first epoch; nothing was saved",
        };
        return Err(CliError::Interrupted { resume: resume.into() });
    }

    let encoded = trained.encode(placed.patches())?;
    let results = ImageResults::new(settings, placed, trained, encoded);
    // The model is kept even where the latents cannot be interpreted.
    results.save_numbers(&folder)?;
    let results = results.interpret(fields)?;
    note_all(results.interpretation().notices());
    if results.interpretation().clusters().is_some() {
        results.save_numbers(&folder)?;
    }
    results.save_tables(&folder)?;
    let report = results
        .report()?
        .reproduce("The same command gives the same result again.", command_line::given())
        .reproduce("The trained model encodes other images:", command_line::encode(&command.out));
    let path = save_report(&folder, &report)?;
    let mut metrics = results.metrics();
    metrics["command"] = command_line::given().into();
    save_metrics(&folder, &metrics)?;
    if as_json {
        print_line(format_args!("{metrics}"));
    } else {
        print_results(&results);
        print_line(format_args!("report: {}", path.display()));
    }
    Ok(())
}

fn print_results(results: &ImageResults) {
    let kl = results.posterior().kl_per_latent();
    print_line(format_args!("{:<16} KL (nat)", "latent"));
    for (name, kl) in results.posterior().names().iter().zip(&kl) {
        print_line(format_args!("{name:<16} {kl:.3}"));
    }
    let elbo = results.model().history().last().map_or(f64::NAN, |record| record.elbo.total());
    let explained = 100.0 * results.encoded().explained_variance();
    print_line(format_args!("ELBO {elbo:.3} nat per patch, {explained:.1} % of variance explained"));
    if let Some(sigma) = results.learned_noise() {
        let (low, high) =
            sigma.iter().fold((f32::MAX, f32::MIN), |(low, high), &s| (low.min(s), high.max(s)));
        match sigma.len() {
            1 => print_line(format_args!("learned noise: σ = {low:.4} of the scaled intensities")),
            _ => print_line(format_args!(
                "learned noise: σ from {low:.4} to {high:.4} of the scaled intensities"
            )),
        }
    }
    for found in results.interpretation().correlations() {
        let fit = found.fit();
        let held_out = fit.held_out.map_or(String::new(), |value| format!(" ({value:.3} cross-validated)"));
        print_line(format_args!(
            "{}: R² of content {:.3}{held_out}, p = {:.2e}, effective sample size {:.0}",
            found.field(),
            fit.r_squared,
            fit.p,
            fit.effective
        ));
    }
    if let Some(clusters) = results.interpretation().clusters() {
        let sizes: Vec<String> = clusters.sizes().iter().map(usize::to_string).collect();
        let (count, silhouette) = (sizes.len(), clusters.silhouette());
        print_line(format_args!(
            "{count} clusters of {} patches, mean silhouette {silhouette:.3}",
            sizes.join(", ")
        ));
    }
}
