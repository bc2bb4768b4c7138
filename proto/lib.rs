//! The wire protocol of Gridloom: generated messages and stubs, and the descriptor set for reflection. It also
//! converts messages to and from the engine's types, and divides large frames into pieces.
//!
//! **What it is not.** It has no behaviour and no network. A value that passed [`convert`] is well formed;
//! the engine decides whether it fits a sheet.
//!
//! **Where to start.** `gridloom/v1/live.proto` and `gridloom/v1/values.proto` are the manual. `convert.rs`
//! lists the conversions, `fields.rs` bounds a request before it is decoded, and `pieces.rs` divides large frames.
//!
//! Invariant: a conversion from the wire refuses a malformed field by its path, and never panics.

#[cfg(any(feature = "client", feature = "server"))]
pub mod codec;
pub mod convert;
pub mod fields;
pub mod pieces;

/// The generated code, nested like its packages, because it uses relative paths.
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

/// The messages of the standard error model that frames contain.
pub use generated::google::rpc;
/// The messages and stubs of package `gridloom.v1`.
pub use generated::gridloom::v1;

/// The encoded `FileDescriptorSet` of every file in `proto/`, without comments.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
