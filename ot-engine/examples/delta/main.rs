//! Answers JSON requests with the engine's operations: one request on each line of standard input, one answer
//! on each line of standard output.
//!
//! ```text
//! {"op":"apply","grid":G,"delta":D}                             {"grid":G}
//! {"op":"transform","size":[rows,cols],"first":D,"second":D}    {"first":D,"second":D,"conflicts":[...]}
//! {"op":"compose","size":[rows,cols],"first":D,"second":D}      {"delta":D}
//! {"op":"invert","grid":G,"delta":D}                            {"delta":D,"restored":[...]}
//! ```
//!
//! It is not a server: it holds one request at a time, and whole grids.
//!
//! Invariant: every line gets an answer; a malformed request gets `{"error":"..."}`.

mod answer;
mod read;
mod write;

use std::io::{self, BufRead, Read, Write};

/// Longest request, in bytes. A longer line is refused and skipped.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;

fn main() -> io::Result<()> {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        // The reader closed the pipe, which is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn serve(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while input.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? > 0 {
        let whole = line.ends_with(b"\n") || (line.len() as u64) < MAX_LINE_BYTES;
        let answer = if whole {
            answer::answer(&line)
        } else {
            input.skip_until(b'\n')?;
            write::error(&format!("the request is longer than {MAX_LINE_BYTES} bytes"))
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}
