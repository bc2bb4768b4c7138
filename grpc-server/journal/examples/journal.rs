//! Measures the journal: one append at a time, many at once, and for comparison on the same disk a bare write with
//! fdatasync, and what the writer's thread does when it fills a file ahead.
//!
//! ```text
//! cargo run --release -p journal --example journal -- [DIRECTORY [APPENDS]]
//! ```

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Journal, JournalOptions, PREFILL_BYTES, StreamId};
use model::{AccountId, Entry, Origin, SheetId};
use ot_engine::{ClientId, Delta, Revision, Sequence};

/// Writers in the second measurement.
const WRITERS: u64 = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap_or_else(|| "target/journal-measure".into());
    let appends: u64 = arguments.next().map_or(Ok(3000), |count| count.parse())?;
    std::fs::create_dir_all(&dir)?;
    bare(Path::new(&dir), appends)?;
    for bytes in [64 << 10, 256 << 10, PREFILL_BYTES] {
        ahead(Path::new(&dir), bytes)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let journal_dir = Path::new(&dir).join("journal");
    let (journal, _) = Journal::open(&journal_dir, JournalOptions::default())?;
    runtime.block_on(async {
        let sheet = SheetId::generate();
        // A task on a worker thread, like a sheet's.
        let lone = tokio::spawn(writer(journal.clone(), sheet, appends));
        report("one writer", appends, lone.await??);
        let started = Instant::now();
        let share = appends / WRITERS + 1;
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(writer(journal.clone(), SheetId::generate(), share)))
            .collect();
        let mut times = Vec::new();
        for writer in writers {
            times.extend(writer.await??);
        }
        let rate = (share * WRITERS) as f64 / started.elapsed().as_secs_f64();
        report("64 writers", share * WRITERS, times);
        println!("64 writers together: {rate:.0} appends a second");
        Ok::<_, Box<dyn Error>>(())
    })?;
    drop(journal);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

async fn writer(
    journal: Journal,
    sheet: SheetId,
    appends: u64,
) -> Result<Vec<Duration>, journal::JournalError> {
    let account = AccountId::generate();
    let mut times = Vec::new();
    for revision in 1..=appends {
        let entry = Arc::new(Entry {
            sheet,
            revision: Revision(revision),
            client: ClientId(1),
            sequence: Sequence(revision),
            base: Revision(revision - 1),
            account,
            at_micros: 0,
            origin: Origin::Edit,
            group: Default::default(),
            delta: ot_engine::SharedDelta::new(Delta::set_cell(7, 3, "some text")),
            texts: Default::default(),
            conflicts: Default::default(),
        });
        let started = Instant::now();
        journal.append(StreamId::LOCAL, vec![entry]).await?;
        times.push(started.elapsed());
        journal.committed(sheet, Revision(revision)).await;
    }
    Ok(times)
}

/// What the disk costs: the same bytes into a zero-filled file, on this thread.
fn bare(dir: &Path, appends: u64) -> std::io::Result<()> {
    let path = dir.join("bare");
    let file = File::create(&path)?;
    let record = [7_u8; 140];
    file.write_all_at(&vec![0; (appends * 140) as usize], 0)?;
    file.sync_all()?;
    let mut times = Vec::new();
    for index in 0..appends {
        let started = Instant::now();
        file.write_all_at(&record, index * 140)?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    report("bare fdatasync", appends, times);
    std::fs::remove_file(path)
}

/// What one step ahead costs: an append that arrives meanwhile waits as long.
fn ahead(dir: &Path, bytes: u64) -> std::io::Result<()> {
    const STEPS: u64 = 64;
    let path = dir.join("ahead");
    let file = File::create(&path)?;
    let zeros = vec![0; bytes as usize];
    let mut times = Vec::new();
    for step in 0..STEPS {
        let started = Instant::now();
        file.write_all_at(&zeros, step * bytes)?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    report(&format!("{} KiB of zeros", bytes >> 10), STEPS, times);
    std::fs::remove_file(path)
}

fn report(name: &str, count: u64, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        times.get(index.min(times.len().saturating_sub(1))).map_or(0, Duration::as_micros)
    };
    println!(
        "{name}: {count} appends, p50 {} us, p90 {} us, p99 {} us",
        at(0.5),
        at(0.9),
        at(0.99)
    );
}
