//! The tasks of a server: each has an owner that waits for it.
//!
//! A server makes one [`Tasks`] and passes it to its parts, which start their tasks with it. When it stops, it waits for
//! all of them. Not here: tasks that one other task owns (a `JoinSet` of it), and threads. Invariant: this is the one
//! place of the server that starts a task without keeping it, and [`Tasks::ended`] returns when none runs.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

/// The owner of tasks. Clones are the same owner.
#[derive(Clone)]
pub struct Tasks(Arc<watch::Sender<usize>>);

/// One of the running tasks.
struct Running(Tasks);

impl Tasks {
    /// An owner without a task.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Starts a task. It runs on without its handle.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        tokio::spawn(self.run(task))
    }

    /// Starts a task from code that may run outside of a runtime, such as a destructor. There the task is dropped.
    pub fn try_spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.run(task));
        }
    }

    /// Runs a task to its end, also where the caller leaves before.
    ///
    /// # Errors
    /// The task has panicked, or the runtime stops.
    pub async fn finish<F>(&self, task: F) -> Result<F::Output, JoinError>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.spawn(task).await
    }

    /// Counts a task from now on until it has ended or is dropped.
    fn run<F: Future>(&self, task: F) -> impl Future<Output = F::Output> + use<F> {
        self.0.send_modify(|running| *running += 1);
        let running = Running(self.clone());
        async move {
            // It is dropped after the task.
            let _running = running;
            task.await
        }
    }

    /// How many tasks run.
    #[must_use]
    pub fn running(&self) -> usize {
        *self.0.borrow()
    }

    /// Waits until no task runs.
    pub async fn ended(&self) {
        // The sender lives as long as this.
        let _ = self.0.subscribe().wait_for(|running| *running == 0).await;
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tasks({})", self.running())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Mutex;
    use std::task::{Context, Poll, Waker};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn the_owner_waits_for_each_task_however_it_ends() {
        let tasks = Tasks::new();
        let (open, gate) = oneshot::channel::<()>();
        let handle = tasks.spawn(async move { gate.await.is_ok() });
        let panics = tasks.spawn(async { panic!("as the test wants") });
        let aborted = tasks.spawn(std::future::pending::<()>());
        assert_eq!(tasks.running(), 3);
        assert!(panics.await.is_err());
        aborted.abort();
        assert!(aborted.await.is_err());
        assert_eq!(tasks.running(), 1);
        let mut ended = pin!(tasks.ended());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(ended.as_mut().poll(&mut context), Poll::Pending);
        open.send(()).expect("it waits");
        ended.await;
        assert!(handle.await.expect("no panic") && tasks.running() == 0);
    }

    #[tokio::test]
    async fn a_task_runs_to_its_end_without_its_caller() {
        let (tasks, done) = (Tasks::new(), Arc::new(Mutex::new(false)));
        let (open, gate) = oneshot::channel::<()>();
        let seen = Arc::clone(&done);
        {
            let mut call = pin!(tasks.finish(async move {
                gate.await.expect("opens");
                *seen.lock().expect("no panic") = true;
            }));
            let mut context = Context::from_waker(Waker::noop());
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        open.send(()).expect("it waits");
        tasks.ended().await;
        assert!(*done.lock().expect("no panic"));
    }

    #[test]
    fn outside_of_a_runtime_nothing_is_left_running() {
        let tasks = Tasks::new();
        tasks.try_spawn(async {});
        assert_eq!(tasks.running(), 0);
    }
}
