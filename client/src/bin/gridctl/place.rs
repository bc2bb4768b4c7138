//! The place of changes: `--place`, or one number for each person and machine, in `$XDG_CONFIG_HOME/gridloom/place`.
//!
//! Invariant: commands that begin at the same time have the same place, since the first one that writes the file decides.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use client::net::{named_place, new_place};

use crate::directories::{directory, private_file};
use crate::failure::Failure;
use crate::output::say;

/// The place of a name, of none (an empty name), or of this person on this machine.
pub(crate) fn of(name: Option<&str>) -> u64 {
    match name {
        Some("") => 0,
        Some(name) => named_place(name),
        None => own(),
    }
}

/// The place of this person on this machine, which is made at its first use.
fn own() -> u64 {
    let kept = || -> Result<u64, Failure> {
        let path = directory()?.join("place");
        kept(&path).map_err(|cause| Failure::File { verb: "write", path, cause })
    };
    kept().unwrap_or_else(|failure| {
        say(&format!(
            "the place of your changes is not saved: {failure}\n  undo and redo of later commands won't find them; name a \
             place with --place"
        ));
        new_place()
    })
}

/// The number in a file, which is made if it is missing.
fn kept(path: &Path) -> io::Result<u64> {
    let place = new_place();
    // Whole at its name: a link is made to a file that is written already.
    let new = path.with_extension(place.to_string());
    let made = match fs::read_to_string(path) {
        Err(missing) if missing.kind() == ErrorKind::NotFound => {
            let mut file = private_file(&new)?;
            let made = writeln!(file, "{place}").and_then(|()| fs::hard_link(&new, path));
            fs::remove_file(&new)?;
            made
        }
        read => read.map(drop),
    };
    match made {
        Err(other) if other.kind() != ErrorKind::AlreadyExists => return Err(other),
        _ => {}
    }
    let text = fs::read_to_string(path)?;
    text.trim().parse().map_err(|_| io::Error::new(ErrorKind::InvalidData, "it has no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_commands_of_a_person_have_one_place() {
        let dir = std::env::temp_dir().join(format!("gridctl-place-{}", std::process::id()));
        let path = dir.join("gridloom").join("place");
        let beside = || {
            std::thread::scope(|scope| {
                let commands: Vec<_> = (0..8).map(|_| scope.spawn(|| kept(&path))).collect();
                let join = |it: std::thread::ScopedJoinHandle<'_, _>| it.join().expect("no panic");
                commands.into_iter().map(join).collect::<io::Result<Vec<u64>>>().expect("is kept")
            })
        };
        let first = beside();
        assert!(first.iter().all(|place| *place == first[0]));
        assert_eq!(kept(&path).expect("is kept"), first[0]);
        assert_eq!(fs::read_dir(dir.join("gridloom")).expect("is there").count(), 1);
        fs::write(&path, "no number").expect("can be written");
        assert!(kept(&path).is_err());
        fs::remove_dir_all(&dir).expect("can be removed");
    }
}
