//! Roles that change while sessions are open.
//!
//! Not where a role is looked up. Invariant: after a change of its role, no edit of an account is sequenced that the new
//! role does not allow, also none that had arrived before.

use gridloom::v1::{self, server_frame::Frame};

use super::SheetActor;
use crate::api::message::Roles;
use crate::fanout::published::SessionKey;
use crate::fanout::role::role_to_wire;
use crate::fanout::session::{EndReason, Outgoing};
use model::Role;

impl SheetActor {
    /// Gives the sessions of each account its role, and ends those of accounts that have none.
    pub(super) fn on_roles(&mut self, roles: &Roles) {
        for (account, role) in &roles.of {
            let may_edit = role.is_some_and(Role::may_edit);
            self.ordering.set_may_edit(*account, roles.asked, may_edit);
        }
        for join in self.admission.set_roles(roles) {
            join.outbox.end(EndReason::AccessEnded);
        }
        let changed: Vec<(SessionKey, Option<Role>)> = self
            .sessions
            .owners()
            .filter_map(|(session, owner)| {
                let role = roles.newer(owner)?;
                owner.role_asked = roles.asked;
                (role != Some(owner.role)).then_some((session, role))
            })
            .collect();
        for (session, role) in changed {
            self.change_role(session, role);
        }
    }

    fn change_role(&mut self, key: SessionKey, role: Option<Role>) {
        let Some(role) = role else {
            self.stop_reads(key);
            return self.sessions.end(key, EndReason::AccessEnded);
        };
        if let Some(session) = self.sessions.get_mut(key) {
            session.owner.role = role;
            let change = v1::RoleChange { role: role_to_wire(role).into() };
            let frame = v1::ServerFrame { frame: Some(Frame::Role(change)) };
            self.sessions.push(key, Outgoing::Frame(Box::new(frame)));
        }
    }
}
