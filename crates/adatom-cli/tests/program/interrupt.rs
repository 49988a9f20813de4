//! Ctrl-C leaves a state to go on from.

#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{Ended, Sandbox, TINY};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(sandbox: &Sandbox, arguments: &str) -> Child {
    sandbox.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Presses Ctrl-C, and waits for the end.
fn interrupt(child: Child) -> Ended {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    Ended::of(&child.wait_with_output().unwrap())
}

#[test]
fn an_interrupted_training_is_resumed_to_the_same_end() {
    let sandbox = Sandbox::with_lattice();
    let settings = TINY.replace("--epochs 2", "--epochs 400");
    let child = start(&sandbox, &format!("image lattice.npy --out out {settings}"));
    wait_for("a checkpoint", || sandbox.path("out/training.safetensors").exists());
    let ended = interrupt(child);
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("interrupted; to continue, run the same command with --resume"),
        "{}",
        ended.stderr
    );
    assert_eq!(sandbox.files("out"), ["training.safetensors"]);

    sandbox.succeeds(&format!("image lattice.npy --out out {settings} --resume"));
    sandbox.succeeds(&format!("image lattice.npy --out whole {settings}"));
    for file in ["model.safetensors", "latents.npz"] {
        assert!(sandbox.bytes(&format!("out/{file}")) == sandbox.bytes(&format!("whole/{file}")), "{file}");
    }
}

#[test]
fn an_interruption_in_the_first_epoch_leaves_nothing() {
    let sandbox = Sandbox::new();
    crate::sandbox::lattice([400, 400], 1).save_npy(sandbox.path("large.npy")).unwrap();
    // 150,000 patches: an epoch takes minutes.
    let child = start(&sandbox, "image large.npy --out out --window 16 --stride 1 --hidden 64,64 --epochs 2");
    wait_for("the folder", || sandbox.path("out").exists());
    // Between the folder and the first step lie some milliseconds, in which Ctrl-C just ends the program.
    std::thread::sleep(Duration::from_millis(500));
    let ended = interrupt(child);
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("interrupted in the first epoch; nothing was saved"), "{}", ended.stderr);
    assert!(sandbox.files("out").is_empty());
}
