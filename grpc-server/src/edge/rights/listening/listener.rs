//! Receives invalidations: ends tokens at once, forgets what is remembered, and passes on what Postgres is asked about.
//!
//! Not the questions (`lookups`). Invariant: what is received is applied before the next event, without a wait, so the
//! end of a token waits for no lookup.

use std::sync::Arc;

use tasks::Tasks;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::lookups::SessionCheck;
use crate::edge::rights::invalidation::due::{Due, NameLookup, RightsLookup};
use crate::edge::rights::invalidation::{Invalidation, Invalidations, TOPIC};
use crate::edge::rights::role_check::RoleCheck;
use redis_link::{Bus, BusEvent};

/// Starts to receive and to look up, until `stop`; without a bus there is no other server. The task holds the registry
/// of sheets: wait for its end.
pub(crate) fn start(
    check: SessionCheck,
    invalidations: &Invalidations,
    bus: Option<Bus>,
    tasks: &Tasks,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let due = Arc::clone(&invalidations.due);
    tasks.spawn(async move {
        let listener = Listener { check: &check, due: &due };
        // Each waits for Postgres alone.
        let all = async {
            tokio::join!(
                listener.receive(bus),
                check.look_up_rights(&due.rights),
                check.roles.look_up_names(&due.names),
            )
        };
        stop.run_until_cancelled(all).await;
    })
}

/// The receiver of a server.
struct Listener<'a> {
    check: &'a SessionCheck,
    due: &'a Due,
}

impl Listener<'_> {
    async fn receive(&self, bus: Option<Bus>) {
        let Some(bus) = bus else { return };
        let mut subscription = bus.subscribe(TOPIC).await;
        while let Some(event) = subscription.next().await {
            let received = match event {
                BusEvent::Missed => Some(Invalidation::All),
                // `None`: of a later release.
                BusEvent::Message(bytes) => Invalidation::decode(&bytes),
            };
            received.into_iter().for_each(|invalidation| self.apply(invalidation));
        }
    }

    fn apply(&self, invalidation: Invalidation) {
        let Self { check: SessionCheck { auth, roles }, due } = self;
        let RoleCheck { access, registry, .. } = roles;
        match invalidation {
            Invalidation::All => {
                auth.doubt_all();
                access.doubt_all();
                due.add_all();
            }
            Invalidation::Token(hash) => self.check.revoke(&hash),
            Invalidation::Account(account) => {
                auth.doubt(account);
                due.rights.add(RightsLookup::Account(account));
            }
            Invalidation::Sheet(sheet) => {
                access.forget(sheet);
                due.rights.add(RightsLookup::Sheet(sheet));
            }
            Invalidation::Role(sheet, account) => {
                access.forget(sheet);
                due.rights.add(RightsLookup::Role(sheet, account));
            }
            Invalidation::Owner(sheet) => {
                access.forget(sheet);
                due.rights.add(RightsLookup::Owner(sheet));
            }
            Invalidation::Sharing(sheet) => registry.sharing_changed(sheet),
            Invalidation::Name(sheet) => due.names.add(NameLookup::Sheet(sheet)),
            Invalidation::Person(account) => {
                auth.doubt(account);
                due.names.add(NameLookup::Person(account));
            }
        }
    }
}
