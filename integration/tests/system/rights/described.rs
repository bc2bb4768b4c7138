//! The rpcs, as the server describes them.
//!
//! Not who may call them. Invariant: each rpc of the package is among them.

use std::collections::BTreeMap;

use gridloom::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::FileDescriptorSet;

pub(super) fn descriptors() -> FileDescriptorSet {
    FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("is a set of descriptors")
}

/// Every rpc, and whether its request names a sheet.
pub(super) fn rpcs() -> BTreeMap<String, bool> {
    let set = descriptors();
    let ours = || set.file.iter().filter(|file| file.package() == "gridloom.v1");
    let messages: BTreeMap<String, bool> = ours()
        .flat_map(|file| &file.message_type)
        .map(|message| {
            let names_sheet = message.field.iter().any(|it| it.name() == "sheet_id");
            (format!(".gridloom.v1.{}", message.name()), names_sheet)
        })
        .collect();
    let services = ours().flat_map(|file| &file.service);
    services
        .flat_map(|service| {
            let path = |method: &str| format!("{}/{method}", service.name());
            let messages = &messages;
            service.method.iter().map(move |it| (path(it.name()), messages[it.input_type()]))
        })
        .collect()
}
