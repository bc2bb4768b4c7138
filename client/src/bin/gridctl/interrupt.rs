//! An interrupt by Ctrl-C while a file is written, or rows are printed.
//!
//! Not the file: see `output/file.rs`. Invariant: work that is interrupted is dropped, and its part of a file with it.

use crate::failure::Failure;

/// The outcome of work, or a failure when the interrupt comes first: its part of a file is dropped then, and so removed.
pub(crate) async fn unless(
    interrupt: impl Future<Output = std::io::Result<()>>,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::select! {
        done = work => done,
        Ok(()) = interrupt => {
            Err(Failure::Interrupted("interrupted; the file is as it was before".to_owned()))
        }
    }
}

/// The same for work that writes no file, or drops the part of its file with a failure of its own, which comes first then.
/// After a wait that has listened for interrupts, one no longer ends the program.
pub(crate) async fn until_interrupt(
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::select! {
        biased;
        done = work => done,
        Ok(()) = tokio::signal::ctrl_c() => {
            Err(Failure::Interrupted("interrupted".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::output::file::OutputFile;

    #[tokio::test]
    async fn an_interrupted_export_leaves_no_part_of_a_file() {
        let directory = std::env::temp_dir().join(format!("gridctl-stop-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        let export = async {
            let mut file = OutputFile::create(&directory.join("a.csv")).map_err(Failure::Output)?;
            let work = async {
                file.write_all(b"half").map_err(Failure::Output)?;
                std::future::pending::<Result<(), Failure>>().await
            };
            let interrupt = async {
                tokio::task::yield_now().await;
                Ok(())
            };
            unless(interrupt, work).await
        };
        let failure = export.await.expect_err("interrupted").to_string();
        assert!(failure.contains("interrupted"), "{failure}");
        assert_eq!(std::fs::read_dir(&directory).expect("is there").count(), 0);
        std::fs::remove_dir(&directory).expect("is empty");
    }
}
