//! Roles and links as messages, and the checks of requests.
//!
//! Not what a request does. Invariant: the token of a link is in no message but that of a link.

use gridloom::v1;

use crate::edge::errors::ServiceError;
use model::{LinkRecord, Role, ShareRecord};
use sheet::fanout::role::{role_from_wire, role_to_wire};

/// A role that can be given.
pub(super) fn given_role(given: i32) -> Result<Role, ServiceError> {
    let role = v1::Role::try_from(given).ok().and_then(role_from_wire);
    match role {
        Some(role) if role < Role::Owner => Ok(role),
        Some(_) => {
            Err(ServiceError::malformed("role", "must not be OWNER: transfer the sheet instead"))
        }
        None => Err(ServiceError::malformed("role", "must be VIEWER, COMMENTER or EDITOR")),
    }
}

/// `private`: the caller may see the address.
pub(in crate::service) fn share_to_wire(share: &ShareRecord, private: bool) -> v1::Share {
    let email = share.email.as_deref().filter(|_| private).unwrap_or_default();
    let (account_id, display_name) = match &share.account {
        Some((account, name)) => (account.to_string(), name.to_string()),
        None => Default::default(),
    };
    v1::Share {
        email: email.to_owned(),
        role: role_to_wire(share.role).into(),
        opened: share.account.is_some(),
        account_id,
        display_name,
        given_micros: share.given_micros,
        color: share.color.number().into(),
        link_id: share.link.filter(|_| private).map(|link| link.to_string()).unwrap_or_default(),
    }
}

pub(super) fn link_to_wire(link: &LinkRecord, token: String) -> v1::Link {
    v1::Link {
        id: link.id.to_string(),
        token,
        role: role_to_wire(link.role).into(),
        guests: link.guests,
        created_micros: link.created_micros,
        expires_micros: link.expires_micros.unwrap_or_default(),
        opened: link.opened,
    }
}
