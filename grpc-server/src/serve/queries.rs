//! The engine of queries over tables, and its folder in the data directory.
//!
//! Not a query (the crate `engine`), and not a look at the disk (`service::tables`). Several servers may have one data
//! directory, when their journal is in Redis: each takes the first folder that is free. Invariant: a folder is emptied and
//! used by one server alone, since that holds its lock as long as it runs.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use engine::{Engine, QueryLimits};

use super::backend::make_data_dir;
use crate::config::{ByteSize, EngineChoice, Options};
use crate::serve::StartError;
use crate::service::tables::{ClusterLink, Queries};
use journal::private::{self, Others};
use model::limits::tables::{QUERY_DISK_BYTES, QUERY_MEMORY_BYTES};

/// The folder of all servers with this data directory.
const FOLDER: &str = "queries";
/// Such servers at most.
const SERVERS: usize = 64;

/// Keeps other servers out of a folder until it is dropped.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

/// Starts the engine of a server.
pub(super) async fn open(options: &Options) -> Result<(Queries, FolderLock), StartError> {
    make_data_dir(options)?;
    let dir = options.data_dir.join(FOLDER);
    let reserve = options.disk_reserve.map(ByteSize::bytes);
    let opening = {
        let dir = dir.clone();
        tokio::task::spawn_blocking(move || open_in(&dir, reserve))
    };
    let opened = opening.await.map_err(|error| StartError::Part(error.to_string()))?;
    let (queries, lock) = opened.map_err(|error| StartError::DataDir(dir, error))?;
    let cluster = match &options.engine.engine {
        EngineChoice::Embedded => None,
        EngineChoice::Cluster(address) => {
            Some(ClusterLink::new(address).map_err(StartError::Part)?)
        }
    };
    tracing::info!(engine = %options.engine.engine, "queries over tables");
    Ok((queries.with_cluster(cluster), lock))
}

fn open_in(dir: &Path, reserve: Option<u64>) -> io::Result<(Queries, FolderLock)> {
    private::make_dir(dir, Others::KeepOut)?;
    let (number, lock) = free(dir)?;
    remove_left(dir, number);
    let own = dir.join(number.to_string());
    let engine = Engine::new(QueryLimits {
        memory_bytes: QUERY_MEMORY_BYTES,
        disk_bytes: QUERY_DISK_BYTES,
        dir: own.clone(),
        threads: heavy_work::thread_count(),
    })?;
    Ok((Queries::new(engine, own, reserve), lock))
}

/// The number of the first folder that no other server has.
fn free(dir: &Path) -> io::Result<(usize, FolderLock)> {
    for number in 0..SERVERS {
        let path = lock_of(dir, number);
        let file = private::create_file(&path, File::options().truncate(false))?;
        match file.try_lock() {
            Ok(()) => return Ok((number, FolderLock { _file: file })),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{SERVERS} servers use it already")))
}

fn lock_of(dir: &Path, number: usize) -> PathBuf {
    dir.join(format!("{number}.lock"))
}

/// Removes the folders of servers that have ended: there may be fewer of them from now on.
fn remove_left(dir: &Path, own: usize) {
    for number in (0..SERVERS).filter(|number| *number != own) {
        let Ok(lock) = File::options().write(true).open(lock_of(dir, number)) else { continue };
        if lock.try_lock().is_ok()
            && let Err(error) = fs::remove_dir_all(dir.join(number.to_string()))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(number, %error, "the folder of queries of a server that has ended is not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_a_folder_of_its_own_until_it_ends() {
        let dir = tempfile::tempdir().expect("a directory");
        let number = |taken: &io::Result<(usize, FolderLock)>| taken.as_ref().ok().map(|it| it.0);
        let first = free(dir.path());
        let second = free(dir.path());
        assert_eq!([&first, &second].map(number), [Some(0), Some(1)]);
        drop(first);
        assert_eq!(number(&free(dir.path())), Some(0));
    }

    #[test]
    fn what_ended_servers_have_left_is_removed_and_what_others_use_is_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let taken: Vec<_> = (0..3).map(|_| free(dir.path()).expect("is free")).collect();
        let folders = [0, 1, 2].map(|number| dir.path().join(number.to_string()));
        for folder in &folders {
            fs::create_dir(folder).expect("is made");
            fs::write(folder.join("rows"), b"rows").expect("is written");
        }
        let mut taken = taken.into_iter();
        let (own, _used) = (taken.next().expect("the first"), taken.next());
        drop(taken);
        remove_left(dir.path(), own.0);
        assert_eq!(folders.map(|folder| folder.exists()), [true, true, false]);
        assert_eq!(free(dir.path()).expect("is free").0, 2);
    }
}
