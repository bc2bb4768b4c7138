//! Compiles `proto/engine.proto` with protox, as the public protocol is compiled.
//!
//! Invariant: the wire format is that of `proto/`.

use std::error;

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(["engine.proto"], ["proto"])?;
    tonic_prost_build::configure().build_transport(false).compile_fds(descriptors)?;
    Ok(())
}
