//! Files and uploads as messages, and the rules for what names them.
//!
//! Not the rules for sizes (`uploads`). Invariant: a name or an id of a request that passed can be stored.

use std::time::Duration;

use gridloom::v1;

use crate::edge::errors::ServiceError;
use model::limits::files::{NAME_CHARACTERS, REMOVED_KEPT, REQUEST_ID_BYTES, UPLOAD_KEPT};
use model::{FoundFile, Role, UploadRecord};
use sheet::fanout::role::role_to_wire;

/// The name of a file, without space around it.
pub(in crate::service) fn file_name(given: &str) -> Result<String, ServiceError> {
    let name = given.trim();
    let plain = !name.chars().any(char::is_control);
    if plain && (1..=NAME_CHARACTERS).contains(&name.chars().count()) {
        Ok(name.to_owned())
    } else {
        let rule = format!("must have 1 to {NAME_CHARACTERS} characters, none of them control");
        Err(ServiceError::malformed("name", rule))
    }
}

/// The id of a request, if it has one.
pub(in crate::service) fn request_id(given: &str) -> Result<Option<&str>, ServiceError> {
    if given.len() > REQUEST_ID_BYTES || given.contains('\0') {
        let rule = format!("must have at most {REQUEST_ID_BYTES} bytes, none of them NUL");
        return Err(ServiceError::malformed("request_id", rule));
    }
    Ok(Some(given).filter(|given| !given.is_empty()))
}

/// A file as the account with this role has it.
pub(super) fn file_to_wire(found: &FoundFile) -> v1::File {
    let FoundFile { file, role, owner_name } = found;
    let deleted_micros = file.removed_micros.map(|removed| after(removed, REMOVED_KEPT));
    v1::File {
        id: file.id.to_string(),
        name: file.name.clone(),
        size_bytes: file.pieces.bytes,
        digest: file.original.map(|it| it.digest.0.to_vec()).unwrap_or_default().into(),
        created_at_micros: file.created_micros,
        removed_at_micros: file.removed_micros.unwrap_or_default(),
        deleted_at_micros: deleted_micros.unwrap_or_default(),
        etag: file.version.to_string(),
        role: role_to_wire(*role).into(),
        owner_name: owner_name.as_deref().unwrap_or_default().to_owned(),
        original_deleted_at_micros: file.original_deleted_micros.unwrap_or_default(),
        // The number of the others is the owner's to know.
        shared_with: if *role == Role::Owner { file.shared_with } else { 0 },
    }
}

pub(super) fn upload_to_wire(upload: &UploadRecord) -> v1::Upload {
    v1::Upload {
        id: upload.id.to_string(),
        name: upload.name.clone(),
        size_bytes: upload.pieces.bytes,
        piece_bytes: upload.pieces.piece_bytes,
        received_bytes: upload.received,
        started_at_micros: upload.started_micros,
        ends_at_micros: after(upload.last_micros, UPLOAD_KEPT),
    }
}

fn after(micros: i64, time: Duration) -> i64 {
    micros.saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use model::{AccountId, ContentDigest, ContentId, FileId, FileRecord, Original, Pieces};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_name_is_one_line_of_characters() {
        assert_eq!(file_name(" a.txt ").ok().as_deref(), Some("a.txt"));
        assert!(file_name(&"é".repeat(NAME_CHARACTERS)).is_ok());
        for bad in ["", " ", "a\nb", "a\0", &"x".repeat(NAME_CHARACTERS + 1)] {
            assert!(file_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_empty_id_of_a_request_is_none() {
        assert_eq!(request_id("").ok(), Some(None));
        assert_eq!(request_id("a").ok(), Some(Some("a")));
        assert!(request_id(&"é".repeat(REQUEST_ID_BYTES / 2 + 1)).is_err());
        assert!(request_id("a\0b").is_err());
    }

    #[test]
    fn a_removed_file_has_the_time_of_its_deletion() {
        let mut file = FileRecord {
            id: FileId(Uuid::nil()),
            owner: AccountId(Uuid::nil()),
            name: "a".to_owned(),
            original: Some(Original {
                content: ContentId(Uuid::nil()),
                digest: ContentDigest([7; 32]),
            }),
            pieces: Pieces::of(3),
            created_micros: 5,
            removed_micros: None,
            version: 2,
            original_deleted_micros: None,
            shared_with: 4,
        };
        let kept = file_to_wire(&FoundFile::own(file.clone()));
        assert_eq!((kept.removed_at_micros, kept.deleted_at_micros), (0, 0));
        file.removed_micros = Some(9);
        let removed = file_to_wire(&FoundFile::own(file.clone()));
        let days = removed.deleted_at_micros - removed.removed_at_micros;
        assert_eq!((removed.removed_at_micros, days), (9, 30 * 24 * 3_600 * 1_000_000));
        assert_eq!((removed.shared_with, &*removed.owner_name), (4, ""));
        let (role, owner_name) = (Role::Viewer, Some("Ada".into()));
        let shared = file_to_wire(&FoundFile { file, role, owner_name });
        assert_eq!((shared.shared_with, &*shared.owner_name), (0, "Ada"));
        assert_eq!(shared.role(), v1::Role::Viewer);
    }
}
