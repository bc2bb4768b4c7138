//! An attempt at a job whose work blocks: the work has a thread of its own, and is stopped when the job is cancelled or what it
//! is about is gone.
//!
//! Not the work. Invariant: this ends after the thread, unless it is dropped; then the token is the caller's to cancel.

use std::pin::pin;
use std::time::Duration;

use jobs::{Failure, Job};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Between two looks whether what the job is about is still there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Runs the work until it ends, or is to stop: the job is cancelled, or `gone` gives why no attempt can succeed any longer.
/// `seen` has how much is done, and of how much; 0: that is not known.
pub(in crate::service) async fn run<T, G>(
    (job, stop): (&Job, CancellationToken),
    mut seen: watch::Receiver<(u64, u64)>,
    gone: impl Fn() -> G,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure>
where
    T: Send + 'static,
    G: Future<Output = Option<Failure>>,
{
    let mut why_gone = None;
    let mut work = pin!(heavy_work::run_apart(work));
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let of = |total: u64| Some(total).filter(|total| *total > 0);
    loop {
        tokio::select! {
            done = &mut work => {
                // The panic is in the log.
                let panicked = |_| Failure::Final("its work has failed; see the server's log".into());
                let done = done.map_err(panicked)?;
                let (_, total) = *seen.borrow();
                if done.is_ok() && total > 0 {
                    // The last report may not be seen yet.
                    job.progress(total, Some(total));
                }
                let is_cancelled = stop.is_cancelled();
                return done.map_err(|why| match why_gone {
                    Some(gone) => gone,
                    None if is_cancelled => cancelled(),
                    None => why,
                });
            }
            Ok(()) = seen.changed() => {
                let (done, total) = *seen.borrow_and_update();
                job.progress(done, of(total));
            }
            // The thread ends at its next look.
            () = job.cancelled(), if !stop.is_cancelled() => stop.cancel(),
            _ = looks.tick(), if !stop.is_cancelled() => {
                why_gone = gone().await;
                if why_gone.is_some() {
                    stop.cancel();
                }
            }
        }
    }
}

/// The same with a look at the end: what the job is about, or the role on it, may have gone since the last one.
pub(in crate::service) async fn run_while_there<T, G>(
    of: (&Job, CancellationToken),
    seen: watch::Receiver<(u64, u64)>,
    gone: impl Fn() -> G,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure>
where
    T: Send + 'static,
    G: Future<Output = Option<Failure>>,
{
    let done = run(of, seen, &gone, work).await?;
    gone().await.map_or(Ok(done), Err)
}

/// The state of the job says the same.
fn cancelled() -> Failure {
    Failure::Later("cancelled".to_owned())
}
