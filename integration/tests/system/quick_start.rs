//! The quick start of the README, word for word: the test reads the commands from the README, runs them in
//! order, and checks the effect and the output that the README promises.
//!
//! Not a build: `make run` builds with a profile of its own, which takes minutes. Here links put the programs
//! under test where that profile puts them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use integration::harness::binaries::{gridctl, repository};
use integration::harness::{DEADLINE, Home, PASSWORD, Process, run};

/// How long the first start may take: it makes a Postgres cluster.
const FIRST_START: Duration = Duration::from_secs(180);

/// The lines of the shell blocks below the README's heading "Quick start".
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let (_, section) = readme.split_once("\n## Quick start\n").expect("a quick start");
    let section = section.split("\n## ").next().unwrap_or(section);
    let blocks = section.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or(block).lines());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The command lines that `make run` would run.
fn recipe() -> String {
    let mut make = Command::new("make");
    make.current_dir(repository()).args(["--dry-run", "--no-print-directory", "run"]);
    // The tests may run below another make.
    make.env_remove("CARGO_TARGET_DIR").env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
    run(make, DEADLINE).success()
}

/// A directory that looks like the repository after `make run` has built.
fn checkout(home: &Home) -> std::path::PathBuf {
    let root = home.file("checkout");
    fs::create_dir_all(root.join("target")).expect("can make directories");
    for name in ["docs", "scripts", "README.md"] {
        symlink(repository().join(name), root.join(name)).expect("can make links");
    }
    let programs = gridctl().parent().map(Path::to_owned).expect("programs lie in a directory");
    symlink(programs, root.join("target/quick")).expect("can make links");
    root
}

#[test]
fn the_commands_of_the_readme_work_in_their_order() {
    let commands = commands();
    assert_eq!(commands.first().map(String::as_str), Some("make run"), "{commands:?}");
    let recipe = recipe();
    let build = recipe.lines().find(|line| line.contains("cargo build --locked --profile quick"));
    let build = build.unwrap_or_else(|| panic!("make run builds nothing: {recipe}"));
    assert!(build.contains("--bin gridloom") && build.contains("--bin gridctl"), "{build}");

    let home = Home::new();
    let root = checkout(&home);
    let start = recipe.lines().last().expect("make run runs something");
    let free = [("GRIDLOOM_LISTEN", "127.0.0.1:0"), ("GRIDLOOM_DATA_DIR", &path(home.data()))];
    let free = free.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let line = format!("cd {} && unset CARGO_TARGET_DIR && {start}", path(&root));
    let mut server =
        Process::start_with(Path::new("bash"), &["-c".into(), line], &home.log(), &free);
    let url = server.next_line(FIRST_START);
    let url = url.unwrap_or_else(|| panic!("make run printed no address: {}", home.log_tail()));
    let log = fs::read_to_string(home.log()).expect("the log has the next step");
    assert!(log.contains(&format!("Open {url} and create the first account")), "{log}");

    let mut output = String::new();
    for command in &commands[1..] {
        // As printed at the start, except for the port.
        let usual = command.split(" --where").next().unwrap_or(command);
        let step = usual.replacen("gridctl", &format!("gridctl --server {url}"), 1);
        assert!(command.contains(" rows ") || log.contains(&step), "{step} is not in {log}");
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).current_dir(&root);
        shell.env("GRIDLOOM_SERVER", &url).env("GRIDLOOM_PASSWORD", PASSWORD);
        shell.env("XDG_CONFIG_HOME", home.file("config"));
        let finished = run(shell, DEADLINE);
        output = format!("{}{}", finished.stderr, finished.stdout);
        assert!(finished.status.success(), "{command}: {output}");
        let promised = promise(command);
        assert!(output.contains(promised), "{command}: no {promised:?} in {output}");
    }
    assert!(output.contains("Cordless drill") && !output.contains("Claw hammer"), "{output}");
    server.terminate();
    let ended = server.wait(DEADLINE).expect("the server stops when it is asked to");
    assert!(ended.success(), "{ended}");
}

/// A part of a command's output.
fn promise(command: &str) -> &'static str {
    match command {
        _ if command.contains(" sign-up ") => "signed up and in as you@example.org",
        _ if command.contains(" import ") => "30 x 6",
        _ if command.contains(" rows ") => "Item",
        _ => panic!("add a part of the output of {command:?} here"),
    }
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
