//! The notebook of `docs/clients` works as it stands: its cells list the files, read one into pandas, and start a job.
//!
//! Not the calls themselves. Invariant: the cells run unchanged.

use std::path::PathBuf;
use std::process::Command;

use integration::harness::{DEADLINE, Server, binaries::repository, run};

use super::Files;

#[tokio::test(flavor = "multi_thread")]
async fn the_notebook_reads_a_file_into_pandas_and_groups_it() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    files
        .upload("stock.csv", b"shop,gtin,amount\nnorth,007,1\nsouth,008,2\nnorth,009,3\n")
        .await
        .expect("is uploaded");
    let python = std::env::var_os("GRIDLOOM_PYTHON")
        .map_or_else(|| repository().join("target/tools/python/bin/python"), PathBuf::from);
    let mut command = Command::new(python);
    command.arg("-B").arg(repository().join("integration/tests/system/files/notebook.py"));
    command.arg(repository().join("docs/clients/files.ipynb"));
    command.env("GRIDLOOM_ADDRESS", server.authority()).env("GRIDLOOM_TOKEN", &files.token);
    let ran = tokio::task::spawn_blocking(move || run(command, DEADLINE).success());
    assert_eq!(ran.await.expect("is run"), "shop,rows\nnorth,2\nsouth,1\n");
}
