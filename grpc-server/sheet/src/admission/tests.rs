//! Sessions that wait, leave, refresh and send frames in any order: each is admitted or refused once, and its
//! frames follow in order.
//!
//! Not about the lookup itself. Invariant: an observer of all steps agrees with the admission after each.

use std::collections::BTreeMap;

use ot_engine::Window;
use proptest::prelude::*;

use super::*;
use crate::fanout::session::{SessionLimits, channel};
use crate::fanout::sessions::SessionOwner;
use crate::sample;
use gridloom::rpc::Status as WireStatus;

const EPOCH: u64 = 7;
const SESSIONS_MOST: usize = 4;

fn join(key: u64, token: u8, resume: Option<(u64, Revision)>) -> Box<Join> {
    let client = ClientId(u128::from(key));
    let limits = SessionLimits { queue_frames: 8, message_bytes: 1 << 20 };
    let (outbox, _) = channel(
        SessionKey(key),
        client,
        Window::ALL,
        |_| WireStatus::default(),
        limits,
        sample::frame_room(),
    );
    let owner = SessionOwner { token_hash: [token; 32], ..sample::owner() };
    Box::new(Join {
        key: SessionKey(key),
        session_id: key.to_string(),
        owner,
        client,
        presented: true,
        resume,
        window: Window::ALL,
        outbox,
    })
}

/// What happens to the admission of a sheet.
#[derive(Clone, Debug)]
enum Step {
    /// A new session asks to join.
    Join {
        token: u8,
        resume: Option<u64>,
    },
    /// The turn of a session has come. `known`: its client is in memory.
    Decide {
        session: usize,
        known: bool,
    },
    /// A session sends so many frames.
    Frames {
        session: usize,
        count: usize,
    },
    Leave {
        session: usize,
    },
    Refresh {
        session: usize,
        token: u8,
    },
    Revoke {
        token: u8,
    },
    /// The lookup of a session ends.
    Found {
        session: usize,
        client: bool,
        missed: u8,
    },
    /// A change is accepted, and the oldest one leaves the memory.
    Accept,
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0..6_usize;
    prop_oneof![
        3 => (0..3_u8, prop::option::of(90..130_u64))
            .prop_map(|(token, resume)| Step::Join { token, resume }),
        3 => (session.clone(), any::<bool>())
            .prop_map(|(session, known)| Step::Decide { session, known }),
        4 => (session.clone(), 1..5_usize)
            .prop_map(|(session, count)| Step::Frames { session, count }),
        1 => session.clone().prop_map(|session| Step::Leave { session }),
        1 => (session.clone(), 0..3_u8).prop_map(|(session, token)| Step::Refresh { session, token }),
        1 => (0..3_u8).prop_map(|token| Step::Revoke { token }),
        3 => (session, any::<bool>(), 0..3_u8)
            .prop_map(|(session, client, missed)| Step::Found { session, client, missed }),
        1 => Just(Step::Accept),
    ]
}

/// Where a session stands, as an observer of all steps sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// `decided`: its lookup is running.
    Waiting {
        token: u8,
        resume: Option<u64>,
        decided: bool,
    },
    Admitted,
    Over,
}

struct Observer {
    admission: Admission,
    stages: BTreeMap<u64, Stage>,
    /// The frames that each session has sent, and those that came out for it.
    sent: BTreeMap<u64, u64>,
    arrived: BTreeMap<u64, Vec<u64>>,
    head: u64,
}

impl Observer {
    fn new() -> Self {
        Self {
            admission: Admission::new(EPOCH, SESSIONS_MOST),
            stages: BTreeMap::new(),
            sent: BTreeMap::new(),
            arrived: BTreeMap::new(),
            head: 120,
        }
    }

    fn known(&self, client: bool) -> Known {
        Known { client, head: Revision(self.head), oldest: Revision(self.head - 20) }
    }

    fn admitted(&self) -> usize {
        self.stages.values().filter(|stage| **stage == Stage::Admitted).count()
    }

    fn live(&self) -> usize {
        self.stages.values().filter(|stage| **stage != Stage::Over).count()
    }

    /// One of the sessions so far.
    fn pick(&self, session: usize) -> Option<u64> {
        self.stages.keys().rev().nth(session).copied()
    }

    fn arrive(&mut self, key: u64, frames: &[ClientMessage]) {
        let nonces = frames.iter().map(|frame| match frame {
            ClientMessage::Ping(nonce) => *nonce,
            other => panic!("{other:?} was never sent"),
        });
        self.arrived.entry(key).or_default().extend(nonces);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Join { token, resume } => self.join(token, resume),
            Step::Decide { session, known } => self.decide(session, known),
            Step::Frames { session, count } => self.frames(session, count),
            Step::Leave { session } => self.leave(session),
            Step::Refresh { session, token } => {
                let Some(key) = self.pick(session) else { return };
                self.admission.refresh(SessionKey(key), [token; 32]);
                if let Some(Stage::Waiting { token: of, .. }) = self.stages.get_mut(&key) {
                    *of = token;
                }
            }
            Step::Revoke { token } => {
                let mut gone: Vec<u64> =
                    self.admission.revoke([token; 32]).iter().map(|join| join.key.0).collect();
                gone.sort_unstable();
                let waits = |stage: &Stage| matches!(stage, Stage::Waiting { token: of, .. } if *of == token);
                let expected: Vec<u64> =
                    self.stages.iter().filter(|(_, it)| waits(it)).map(|(key, _)| *key).collect();
                assert_eq!(gone, expected);
                self.stages.values_mut().filter(|it| waits(it)).for_each(|it| *it = Stage::Over);
            }
            Step::Found { session, client, missed } => self.found(session, client, missed),
            Step::Accept => self.head += 1,
        }
    }

    fn join(&mut self, token: u8, resume: Option<u64>) {
        let key = self.stages.len() as u64;
        let full = self.live() >= SESSIONS_MOST;
        let asked = resume.map(|revision| (EPOCH, Revision(revision)));
        let stage = match self.admission.arrive(join(key, token, asked), self.admitted()) {
            Ok(()) => {
                assert!(!full);
                Stage::Waiting { token, resume, decided: false }
            }
            Err((_, reason)) => {
                assert_eq!((full, reason), (true, EndReason::TooMany));
                Stage::Over
            }
        };
        self.stages.insert(key, stage);
    }

    fn decide(&mut self, session: usize, known: bool) {
        let Some(key) = self.pick(session) else { return };
        let (token, resume) = match self.stages[&key] {
            // The actor calls `decide` once for each session.
            Stage::Waiting { decided: true, .. } | Stage::Admitted => return,
            Stage::Waiting { token, resume, decided: false } => (token, resume),
            Stage::Over => {
                assert!(self.admission.decide(SessionKey(key), self.known(known)).is_none());
                return;
            }
        };
        let in_memory = known && resume.is_none_or(|revision| revision >= self.head - 20);
        let stage = match self.admission.decide(SessionKey(key), self.known(known)) {
            Some(Decision::Admit(Admitted { frames, .. })) => {
                assert!(in_memory);
                self.arrive(key, &frames);
                Stage::Admitted
            }
            Some(Decision::LookUp(lookup)) => {
                assert!(!in_memory);
                assert_eq!(lookup.client.is_none(), known);
                Stage::Waiting { token, resume, decided: true }
            }
            None => panic!("a session that waits is decided on"),
        };
        self.stages.insert(key, stage);
    }

    fn frames(&mut self, session: usize, count: usize) {
        let Some(key) = self.pick(session) else { return };
        let sent = self.sent.entry(key).or_default();
        let frames: Vec<_> = (*sent..).take(count).map(ClientMessage::Ping).collect();
        *sent += count as u64;
        let now = self
            .admission
            .frames(SessionKey(key), frames, &EditHold::default())
            .expect("few frames");
        assert_eq!(now.is_empty(), matches!(self.stages[&key], Stage::Waiting { .. }));
        // The sheet drops the frames of a session that is over.
        if self.stages[&key] == Stage::Admitted {
            self.arrive(key, &now);
        }
    }

    fn leave(&mut self, session: usize) {
        let Some(key) = self.pick(session) else { return };
        let waited = matches!(self.stages[&key], Stage::Waiting { .. });
        assert_eq!(self.admission.leave(SessionKey(key)).is_some(), waited);
        self.stages.insert(key, Stage::Over);
    }

    fn found(&mut self, session: usize, client: bool, missed: u8) {
        let Some(key) = self.pick(session) else { return };
        // A session that is not decided on has no lookup.
        if matches!(self.stages[&key], Stage::Waiting { decided: false, .. }) {
            return;
        }
        let waits = matches!(self.stages[&key], Stage::Waiting { .. });
        let found = Found {
            session: SessionKey(key),
            clients: if client { Ok(Vec::new()) } else { Err(EndReason::Unavailable) },
            missed: match missed {
                0 => Ok(Vec::new()),
                1 => Err(Refusal::Compacted { oldest: Revision(self.head) }),
                _ => Err(Refusal::Unavailable("Postgres")),
            },
        };
        let stage = match self.admission.found(found) {
            None => return assert!(!waits, "its lookup has ended and it still waits"),
            Some(Ok(Admitted { frames, .. })) => {
                assert!(client && missed < 2);
                self.arrive(key, &frames);
                Stage::Admitted
            }
            Some(Err((_, reason))) => {
                assert_eq!(reason, EndReason::Unavailable);
                Stage::Over
            }
        };
        assert!(waits, "it is admitted or refused twice");
        self.stages.insert(key, stage);
    }

    fn check(&self) {
        assert!(self.live() <= SESSIONS_MOST);
        for (key, stage) in &self.stages {
            let arrived = self.arrived.get(key).map_or(&[][..], Vec::as_slice);
            assert!(arrived.iter().copied().eq(0..arrived.len() as u64), "{arrived:?}");
            match stage {
                Stage::Waiting { .. } => assert!(arrived.is_empty()),
                Stage::Admitted => {
                    assert_eq!(arrived.len() as u64, self.sent.get(key).copied().unwrap_or(0));
                }
                Stage::Over => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn each_session_is_admitted_or_refused_once_and_its_frames_follow_in_order(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut observer = Observer::new();
        for step in steps {
            observer.step(step);
            observer.check();
        }
    }

    /// Against the definition: every change after the resume point is either read or in memory.
    #[test]
    fn a_client_resumes_where_no_change_is_missing(
        epoch in EPOCH - 1..=EPOCH, resume in 0..60_u64, oldest in 0..50_u64, memory in 0..10_u64,
        read in 0..30_u64
    ) {
        let head = oldest + memory;
        let missed: Vec<_> = (resume + 1..=resume + read).map(change).collect();
        let known = Known { client: true, head: Revision(head), oldest: Revision(oldest) };
        let admission = Admission::new(EPOCH, 1);
        let asked = Some((epoch, Revision(resume)));
        let has = |at: u64| (resume < at && at <= resume + read) || (oldest < at && at <= head);
        let expected = if epoch != EPOCH || resume > head {
            Err(Reason::Epoch)
        } else if (resume + 1..=head).all(has) {
            Ok(Some(Revision(resume)))
        } else {
            Err(Reason::Compacted)
        };
        prop_assert_eq!(admission.resume(asked, &missed, known), expected);
        prop_assert_eq!(admission.resume(None, &missed, known), Ok(None));
    }
}

fn change(revision: u64) -> Arc<Entry> {
    let delta = ot_engine::Delta::set_cell(0, 0, 1.0);
    Arc::new(sample::entry(revision, ClientId(1), delta))
}

#[test]
fn a_session_that_sends_too_much_before_it_is_admitted_is_refused() {
    for (frames, each) in [(EARLY_FRAMES, 1), (20, EARLY_BYTES / 10)] {
        let mut admission = Admission::new(EPOCH, 1);
        admission.arrive(join(1, 0, None), 0).expect("the first session has room");
        let text = "x".repeat(each);
        let edit = || ClientMessage::Edit {
            sequence: ot_engine::Sequence(1),
            base: Revision(0),
            delta: ot_engine::Delta::set_cell(0, 0, text.as_str()).into(),
            group: Default::default(),
        };
        let refused = (0..=frames).find_map(|sent| {
            admission
                .frames(SessionKey(1), vec![edit()], &EditHold::default())
                .err()
                .map(|(_, reason)| (sent, reason))
        });
        let (sent, reason) = refused.expect("it is refused");
        assert_eq!(reason, EndReason::Early);
        assert!(sent > 5, "after {sent} frames");
        assert!(admission.is_empty());
    }
}
