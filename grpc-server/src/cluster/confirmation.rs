//! Whether the address of a new account has to be confirmed: one decision of all servers that share the database.
//!
//! Not what follows from it (`service::accounts`). Invariant: once a live server confirms addresses by its settings, each
//! server does until it is started again. Otherwise the roles of an address would belong to the person who signs up with it
//! at another server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::NodeRecord;

/// The decision, as calls read it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Confirmation {
    is_asked: Arc<AtomicBool>,
}

impl Confirmation {
    /// Whether the address of a new account has to be confirmed.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
    }

    /// Notes that a live server confirms addresses by its settings.
    pub(crate) fn ask(&self) {
        self.is_asked.store(true, Ordering::Relaxed);
    }
}

/// The settings of the live servers, compared at each heartbeat.
#[derive(Debug)]
pub(super) struct Settings {
    confirmation: Confirmation,
    /// The servers that were logged last: those that confirm, and the others.
    logged: Option<(Vec<String>, Vec<String>)>,
}

impl Settings {
    /// Those of this node alone.
    pub(super) fn of(own: &NodeRecord) -> Self {
        let is_asked = Arc::new(AtomicBool::new(own.confirms_email == Some(true)));
        Self { confirmation: Confirmation { is_asked }, logged: None }
    }

    pub(super) fn confirmation(&self) -> Confirmation {
        self.confirmation.clone()
    }

    /// Compares the settings of the live nodes, and logs a difference when it begins or changes.
    pub(super) fn compare<'a>(&mut self, live: impl Iterator<Item = &'a NodeRecord> + Clone) {
        let names = |confirms| {
            let of = live.clone().filter(|node| node.confirms_email == Some(confirms));
            let mut names: Vec<String> = of.map(|node| node.name.clone()).collect();
            names.sort_unstable();
            names
        };
        let (confirming, others) = (names(true), names(false));
        if !confirming.is_empty() {
            self.confirmation.ask();
        }
        let differing = !confirming.is_empty() && !others.is_empty();
        let found = differing.then_some((confirming, others));
        if found == self.logged {
            return;
        }
        match &found {
            Some((confirming, others)) => tracing::error!(
                confirming = confirming.join(", "),
                others = others.join(", "),
                "servers of one database differ in --confirm-email (its default is that of --smtp-url); each of them \
                 confirms addresses now; give all of them the same value, and start them again"
            ),
            None => tracing::info!(
                "live servers no longer differ in --confirm-email; each of them that logged the difference confirms \
                 addresses until it is started again"
            ),
        }
        self.logged = found;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn node(name: &str, confirms_email: Option<bool>) -> NodeRecord {
        NodeRecord {
            id: Uuid::new_v4(),
            name: name.to_owned(),
            address: "127.0.0.1:1".to_owned(),
            journal_epoch: None,
            left_epoch: None,
            confirms_email,
        }
    }

    #[test]
    fn one_server_that_confirms_decides_for_all_also_after_its_end() {
        let (own, other) = (node("own", Some(false)), node("other", Some(false)));
        let (earlier, strict) = (node("earlier", None), node("strict", Some(true)));
        let mut settings = Settings::of(&own);
        let confirmation = settings.confirmation();
        settings.compare([&own, &other, &earlier].into_iter());
        assert!(!confirmation.is_asked() && settings.logged.is_none());
        settings.compare([&own, &strict, &earlier].into_iter());
        let logged = Some((vec!["strict".to_owned()], vec!["own".to_owned()]));
        assert_eq!((confirmation.is_asked(), &settings.logged), (true, &logged));
        settings.compare([&own].into_iter());
        assert!(confirmation.is_asked(), "its end gives no address away");
        assert_eq!(settings.logged, None);
        assert!(Settings::of(&strict).confirmation().is_asked());
    }
}
