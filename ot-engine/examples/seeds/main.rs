//! Writes initial inputs for the fuzz targets: `seeds FOLDER` writes to `FOLDER/laws` and `FOLDER/restore`.
//!
//! It does not fuzz. Without these inputs a fuzzer needs minutes to find its first valid delta.
//!
//! Invariant: each input is valid for its target.

#[path = "../../tests/support/generate.rs"]
mod generate;

use std::fs;
use std::io;
use std::path::Path;

use ot_engine::codec::encode_delta;
use ot_engine::{ClientId, Limits, Replica, Revision, Size};

/// Number of inputs for each target.
const SEEDS: u64 = 200;

/// The byte that ends a delta in the inputs of `laws`.
const SEPARATOR: u8 = 0xff;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| "corpus".into());
    let folder = Path::new(&folder);
    for (target, input) in [("laws", laws as fn(u64) -> Vec<u8>), ("restore", restore)] {
        fs::create_dir_all(folder.join(target))?;
        for seed in 0..SEEDS {
            fs::write(folder.join(target).join(format!("seed-{seed}")), input(seed))?;
        }
    }
    Ok(())
}

/// A size, two concurrent deltas, and one after the first of them.
fn laws(seed: u64) -> Vec<u8> {
    let size = Size::new((seed % 9) as u32, (seed % 5) as u32);
    let mut input = vec![size.rows as u8, size.cols as u8];
    let first = generate::from_seed(size, seed * 3);
    let second = generate::from_seed(size, seed * 3 + 1);
    let after = generate::from_seed(size.after(&first), seed * 3 + 2);
    for delta in [first, second, after] {
        encode_delta(&delta, &mut input);
        input.push(SEPARATOR);
    }
    input
}

/// A client with edits in flight and in the buffer, some of them transformed; or only its session.
fn restore(seed: u64) -> Vec<u8> {
    let columns = vec![Default::default(); 3];
    let mut replica = Replica::new(ClientId(1), Revision(seed), 5, columns, Limits::DEFAULT);
    let draw = |size, nth| generate::from_seed(size, seed * 100 + nth);
    for nth in 0..seed % 5 {
        // The client refuses an edit that makes the sheet too long.
        let _ = replica.edit(draw(replica.view().size(), nth));
        replica.outgoing();
        if (seed + nth).is_multiple_of(3) {
            let delta = draw(replica.confirmed().size(), nth + 50);
            let _ = replica.receive(replica.revision().next(), &delta);
        }
    }
    if seed.is_multiple_of(4) { replica.session().save() } else { replica.save() }
}
