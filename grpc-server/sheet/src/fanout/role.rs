//! Roles as messages.
//!
//! Not what a role allows (`model::Role`). Invariant: each role has a message, and each message but the unspecified one
//! is a role.

use gridloom::v1;

use model::Role;

/// A role for the wire.
#[must_use]
pub const fn role_to_wire(role: Role) -> v1::Role {
    match role {
        Role::Viewer => v1::Role::Viewer,
        Role::Commenter => v1::Role::Commenter,
        Role::Editor => v1::Role::Editor,
        Role::Owner => v1::Role::Owner,
    }
}

/// A role from the wire; `None` for an unspecified one.
#[must_use]
pub const fn role_from_wire(role: v1::Role) -> Option<Role> {
    match role {
        v1::Role::Unspecified => None,
        v1::Role::Viewer => Some(Role::Viewer),
        v1::Role::Commenter => Some(Role::Commenter),
        v1::Role::Editor => Some(Role::Editor),
        v1::Role::Owner => Some(Role::Owner),
    }
}
