//! The wire protocol of Gridloom: generated messages and stubs, the descriptor set for reflection,
//! checked conversions to and from the engine's types, and frames in pieces.
//!
//! Not the place for behaviour: a value that has passed [`convert`] is well formed, whether it
//! fits the sheet is the engine's question. `proto/gridloom/v1/*.proto` is the manual.

#[cfg(any(feature = "client", feature = "server"))]
pub mod codec;
pub mod convert;
pub mod pieces;

/// The generated code, nested as its packages are, since it names its neighbours by relative path.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod generated {
    pub mod gridloom {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/gridloom.v1.rs"));
        }
    }
    pub mod google {
        pub mod rpc {
            include!(concat!(env!("OUT_DIR"), "/google.rpc.rs"));
        }
    }
}

/// The standard error model, as far as messages carry it.
pub use generated::google::rpc;
/// The messages and stubs of package `gridloom.v1`.
pub use generated::gridloom::v1;

/// The encoded `FileDescriptorSet` of every file in `proto/`, comments left out.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
