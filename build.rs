//! Compiles `proto/` with protox: stubs for Rust, and the descriptor set for reflection.
//!
//! Two fields differ in Rust: the elements of `Changes.changes`, and `ServerFrame.presence`, become `bytes`.
//! A message and a byte string have the same encoding, so clients in other languages use the messages of
//! the manual. The server encodes a shared frame once and shares the bytes among all its readers. `Welcome.limits` is
//! boxed, so that no frame is as large as these.
//!
//! Invariant: the wire format is that of `proto/`.

use std::path::PathBuf;
use std::{env, error, fs};

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{FieldDescriptorProto, FileDescriptorSet};

const PROTOS: [&str; 21] = [
    "gridloom/v1/accounts.proto",
    "gridloom/v1/chat.proto",
    "gridloom/v1/colors.proto",
    "gridloom/v1/commands.proto",
    "gridloom/v1/comments.proto",
    "gridloom/v1/conversion.proto",
    "gridloom/v1/derivations.proto",
    "gridloom/v1/files.proto",
    "gridloom/v1/history.proto",
    "gridloom/v1/jobs.proto",
    "gridloom/v1/live.proto",
    "gridloom/v1/notices.proto",
    "gridloom/v1/operator.proto",
    "gridloom/v1/people.proto",
    "gridloom/v1/queries.proto",
    "gridloom/v1/roles.proto",
    "gridloom/v1/sharing.proto",
    "gridloom/v1/sheets.proto",
    "gridloom/v1/tables.proto",
    "gridloom/v1/transfers.proto",
    "gridloom/v1/values.proto",
];

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut descriptors = protox::compile(PROTOS, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    share_encoded(&mut descriptors, "Changes", "changes")?;
    share_encoded(&mut descriptors, "ServerFrame", "presence")?;
    let feature = |name: &str| env::var_os(format!("CARGO_FEATURE_{name}")).is_some();
    let mut config = prost_build::Config::new();
    config.enable_type_names();
    // Sent once for each session; inline it would make every frame as large.
    config.boxed(".gridloom.v1.Welcome.limits");
    tonic_prost_build::configure()
        .build_client(feature("CLIENT"))
        .build_server(feature("SERVER"))
        .build_transport(false)
        .codec_path("crate::codec::LeanCodec")
        .bytes(".")
        .compile_fds_with_config(descriptors, config)?;
    Ok(())
}

/// Turns a field's messages into byte strings.
fn share_encoded(set: &mut FileDescriptorSet, message: &str, name: &str) -> Result<(), String> {
    let field: &mut FieldDescriptorProto = set
        .file
        .iter_mut()
        .flat_map(|file| &mut file.message_type)
        .filter(|found| found.name() == message)
        .flat_map(|found| &mut found.field)
        .find(|field| field.name() == name)
        .ok_or_else(|| format!("live.proto has no {message}.{name}"))?;
    field.set_type(Type::Bytes);
    field.type_name = None;
    Ok(())
}
