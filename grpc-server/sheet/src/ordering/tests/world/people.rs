//! The clients and callers of the test: everything that was asked of the core, and its answers.
//!
//! Invariant: each edit is answered once, accepted or refused; each request has its turn once.

mod sent;

use std::collections::BTreeMap;

use ot_engine::{ClientId, Revision, Sequence, Sheet, Submission};
use uuid::Uuid;

pub(in crate::ordering::tests) use self::sent::{Answer, Form, Sent};
use super::super::made::{self, Kind};
use super::journal::Journal;
use crate::api::message::{Applied, ApplyChange};
use crate::api::undo_target::UndoTarget;
use crate::fanout::published::{SessionKey, command_client};
use crate::ordering::work::{Author, RequestId, Restoring, Work};
use crate::refusal::Refusal;
use crate::state::SheetState;
use model::{AccountId, Entry, Origin};

/// Edits that a client sends before it has an answer.
const PIPELINED_MOST: usize = 3;

/// What a request does at its turn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waits {
    Nothing,
    Undo(u64),
    Rejoin(usize),
}

#[derive(Debug)]
struct Request {
    waits: Waits,
    /// Edits that were unanswered when it was asked.
    before: Vec<usize>,
    client: Option<usize>,
    /// The length of the log when it was asked, if everything accepted by then is needed.
    alone: Option<usize>,
    /// The unary edit of which it is the caller.
    edit: Option<usize>,
}

#[derive(Debug, Default)]
struct Client {
    sequence: u64,
    session: u64,
    /// The revision of its last accepted edit.
    seen: Revision,
    /// Its session has ended: it keeps its edits until it sends them again.
    ended: bool,
}

#[derive(Debug, Default)]
pub(in crate::ordering::tests) struct People {
    clients: BTreeMap<usize, Client>,
    pub(in crate::ordering::tests) sent: Vec<Sent>,
    requests: BTreeMap<RequestId, Request>,
    next_request: u64,
}

fn account() -> AccountId {
    AccountId(Uuid::nil())
}

/// Its session's key names the client and how often it has joined.
fn session(client: usize, joined: u64) -> SessionKey {
    SessionKey(client as u64 * 1_000 + joined)
}

fn id(client: usize) -> ClientId {
    ClientId(client as u128 + 1)
}

impl People {
    fn unanswered(&self, client: usize) -> impl Iterator<Item = (usize, &Sent)> {
        let of =
            move |(_, sent): &(usize, &Sent)| sent.live == Some(client) && sent.answer.is_none();
        self.sent.iter().enumerate().filter(of)
    }

    fn author(client: usize) -> Author {
        Author { account: account(), client: id(client), group: Default::default() }
    }

    /// An edit of a live client. `None`: it must wait for an answer first.
    pub(super) fn edit(
        &mut self,
        client: usize,
        (kind, seed): (Kind, u64),
        journal: &Journal,
        head: Revision,
    ) -> Option<Work> {
        let seen = self.clients.entry(client).or_default().seen;
        let base = Revision(seen.0 + seed % (head.0 - seen.0 + 1));
        let form = match kind {
            Kind::Commands => Form::Commands(made::commands(seed)),
            _ => Form::Delta { base, delta: made::delta(kind, seed, journal.sheet_at(base)) },
        };
        let (count, pipelines) = (self.unanswered(client).count(), form.can_be_pipelined());
        let may =
            pipelines && self.unanswered(client).all(|(_, sent)| sent.form.can_be_pipelined());
        if count >= PIPELINED_MOST || (count > 0 && !may) {
            return None;
        }
        let known = self.clients.entry(client).or_default();
        known.sequence += 1;
        let sequence = Sequence(known.sequence);
        let sequenced = match form {
            Form::Commands(_) => command_client(id(client)),
            _ => id(client),
        };
        let sent = Sent {
            client: sequenced,
            sequence,
            form,
            answer: None,
            live: Some(client),
            parked: false,
        };
        self.sent.push(sent);
        Some(self.work(self.sent.len() - 1))
    }

    /// The work that an edit of a live client is.
    fn work(&self, index: usize) -> Work {
        let Sent { sequence, form, live, .. } = &self.sent[index];
        let (sequence, client) = (*sequence, live.expect("a live edit"));
        let (author, session) =
            (Self::author(client), session(client, self.clients[&client].session));
        match form.clone() {
            Form::Commands(list) => Work::Commands { author, session, sequence, list: list.into() },
            Form::Delta { base, delta } => {
                let submission =
                    Submission { client: author.client, sequence, base, delta: delta.into() };
                Work::Live { author, session, submission }
            }
            Form::Restoring(_) => panic!("an undo is unary"),
        }
    }

    /// The core has ended a session.
    pub(super) fn end(&mut self, key: SessionKey) {
        self.clients.entry((key.0 / 1_000) as usize).or_default().ended = true;
    }

    /// The work of all edits of a client that have no answer.
    pub(super) fn unanswered_work(&mut self, client: usize) -> Vec<Work> {
        self.clients.entry(client).or_default().ended = false;
        let again: Vec<usize> = self.unanswered(client).map(|(index, _)| index).collect();
        again.into_iter().map(|index| self.work(index)).collect()
    }

    /// The newest unary edit without an answer, from another caller at another place.
    pub(super) fn call_again(&mut self) -> Option<Work> {
        let waits = |sent: &Sent| sent.live.is_none() && sent.answer.is_none();
        let index = self.sent.iter().rposition(waits)?;
        let Sent { client, form, .. } = &self.sent[index];
        let (author, change) = (
            Author {
                account: account(),
                client: ClientId(client.0 ^ u128::from(self.next_request)),
                group: Default::default(),
            },
            match form.clone() {
                Form::Commands(list) => ApplyChange::Commands(list.into()),
                Form::Delta { base, delta } => {
                    ApplyChange::Delta { base, delta: delta.into(), yields: false }
                }
                Form::Restoring(_) => return None,
            },
        );
        let request = self.request(Waits::Nothing, None, None);
        self.requests.get_mut(&request)?.edit = Some(index);
        Some(Work::Unary { request, author, change })
    }

    fn request(&mut self, waits: Waits, client: Option<usize>, alone: Option<usize>) -> RequestId {
        let unanswered = |(_, sent): &(usize, &Sent)| sent.answer.is_none();
        let before = self.sent.iter().enumerate().filter(unanswered).map(|(index, _)| index);
        let request = Request { waits, before: before.collect(), client, alone, edit: None };
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.requests.insert(id, request);
        id
    }

    fn caller(&mut self, waits: Waits, form: Form) -> (RequestId, Author) {
        let request = self.request(waits, None, None);
        // Its place is what it is besides.
        let client = ClientId((1_000 + u128::from(request.0)) << 64);
        if let Some(known) = self.requests.get_mut(&request) {
            known.edit = Some(self.sent.len());
        }
        self.sent.push(Sent {
            client,
            sequence: Sequence(1),
            form,
            answer: None,
            live: None,
            parked: false,
        });
        (request, Author { account: account(), client, group: Default::default() })
    }

    pub(super) fn unary(
        &mut self,
        (kind, seed): (Kind, u64),
        journal: &Journal,
        head: Revision,
    ) -> Work {
        let base = Revision(seed % (head.0 + 1));
        let (form, change) = if kind == Kind::Commands {
            let list = made::commands(seed);
            (Form::Commands(list.clone()), ApplyChange::Commands(list.into()))
        } else {
            let delta = made::delta(kind, seed, journal.sheet_at(base));
            (
                Form::Delta { base, delta: delta.clone() },
                ApplyChange::Delta { base, delta: delta.into(), yields: false },
            )
        };
        let (request, author) = self.caller(Waits::Nothing, form);
        Work::Unary { request, author, change }
    }

    pub(super) fn undo(&mut self, seed: u64) -> Work {
        let (request, author) = self.caller(Waits::Undo(seed), Form::Restoring(Vec::new()));
        Work::Unary { request, author, change: ApplyChange::TakeBack(UndoTarget::Redo) }
    }

    /// The change of an undo at its turn.
    pub(super) fn restoring(
        &mut self,
        request: RequestId,
        seed: u64,
        (sheet, state): (&Sheet, &SheetState),
        base: Revision,
    ) -> Restoring {
        let delta = made::restoring(seed, sheet, state);
        let index = self.requests[&request].edit.expect("it has a caller");
        let sent = &mut self.sent[index];
        if let Form::Restoring(changes) = &mut sent.form {
            changes.push((base, delta.clone()));
        }
        let author = Author { account: account(), client: sent.client, group: Default::default() };
        let (target, origin) = (UndoTarget::Redo, Origin::Redo(Revision(0)));
        Restoring { request, author, target, base, delta: delta.into(), origin }
    }

    pub(super) fn mark(&mut self, client: Option<usize>) -> Work {
        let request = self.request(Waits::Nothing, client, None);
        Work::Mark { request, client: client.map(id) }
    }

    pub(super) fn alone(&mut self, waits: Waits, accepted: usize) -> Work {
        Work::Alone { request: self.request(waits, None, Some(accepted)) }
    }

    /// Notes which edits are parked.
    pub(super) fn note_parked(&mut self, parked: impl Fn(ClientId) -> bool) {
        for sent in self.sent.iter_mut().filter(|sent| sent.answer.is_none()) {
            sent.parked |= parked(sent.client);
        }
    }

    pub(super) fn turn(&mut self, id: RequestId, head: Revision) -> Waits {
        let Request { waits, before, client, alone, edit } = &self.requests[&id];
        for sent in before.iter().map(|index| &self.sent[*index]) {
            // A request of a client waits for its edits, another one for all that do not wait for data. An
            // undo that met other changes is looked up again, and no other request waits for that.
            let looked_up = matches!(sent.form, Form::Restoring(_));
            let later =
                if client.is_some() { sent.live != *client } else { sent.parked || looked_up };
            assert!(sent.answer.is_some() || later, "{id:?} is before {sent:?}");
        }
        assert!(alone.is_none_or(|accepted| accepted as u64 <= head.0), "{id:?} knows all");
        let waits = *waits;
        // An undo keeps its caller, and may have another turn.
        if edit.is_none() {
            self.requests.remove(&id);
        }
        waits
    }

    /// A client opens another session. Returns its work that has no answer.
    pub(super) fn rejoin(&mut self, client: usize) -> (ClientId, SessionKey, Vec<Work>) {
        let known = self.clients.entry(client).or_default();
        known.session += 1;
        let key = session(client, known.session);
        let again: Vec<usize> = self.unanswered(client).map(|(index, _)| index).collect();
        for request in self.requests.values_mut() {
            request.before.retain(|index| !again.contains(index));
        }
        let work = again.into_iter().map(|index| self.work(index)).collect();
        (id(client), key, work)
    }

    /// The sheet was opened again: requests are gone, and live clients send again what has no answer. A client
    /// that resumes receives the changes that it missed.
    pub(super) fn reopened(&mut self) -> Vec<Work> {
        // A caller may have called again after a refusal, and does not know about that call.
        let asked = std::mem::take(&mut self.requests).into_values();
        for edit in asked.filter_map(|request| request.edit) {
            let answer = &mut self.sent[edit].answer;
            if !matches!(answer, Some(Answer::Accepted(_))) {
                *answer = Some(Answer::Unknown);
            }
        }
        let clients: Vec<usize> = self.clients.keys().copied().collect();
        clients.into_iter().flat_map(|client| self.rejoin(client).2).collect()
    }

    /// An entry that is in the journal when the sheet is opened: its author receives it.
    pub(super) fn published_elsewhere(&mut self, entry: &Entry) {
        let named = |sent: &&Sent| (sent.client, sent.sequence) == (entry.client, entry.sequence);
        if self.sent.iter().find(named).is_some_and(|sent| sent.answer.is_none()) {
            self.published(entry);
        }
    }

    pub(super) fn published(&mut self, entry: &Entry) {
        let named = |sent: &&mut Sent| {
            (sent.client, sent.sequence) == (entry.client, entry.sequence) && sent.live.is_some()
        };
        let Some(sent) = self.sent.iter_mut().find(named) else { return };
        assert!(sent.answer.is_none(), "{sent:?} is published twice");
        sent.answer = Some(Answer::Accepted(entry.revision));
        if let Some(client) = sent.live.and_then(|live| self.clients.get_mut(&live)) {
            client.seen = client.seen.max(entry.revision);
        }
    }

    fn of_session(&mut self, key: SessionKey, sequence: Sequence) -> &mut Sent {
        let client = (key.0 / 1_000) as usize;
        let named = |sent: &&mut Sent| sent.live == Some(client) && sent.sequence == sequence;
        self.sent.iter_mut().find(named).expect("it was sent")
    }

    pub(super) fn refused(&mut self, key: SessionKey, sequence: Sequence, refusal: Refusal) {
        let sent = self.of_session(key, sequence);
        // An edit that was sent twice is refused twice.
        assert!(!matches!(sent.answer, Some(Answer::Accepted(_))), "{sent:?} is refused, too");
        sent.answer.get_or_insert(Answer::Refused(refusal));
    }

    pub(super) fn again(&mut self, key: SessionKey, sequence: Sequence, revision: Revision) {
        let sent = self.of_session(key, sequence);
        match &sent.answer {
            None => sent.answer = Some(Answer::Accepted(revision)),
            Some(Answer::Accepted(first)) => assert_eq!(*first, revision),
            other => panic!("accepted again, and {other:?}"),
        }
    }

    pub(super) fn answer(&mut self, request: RequestId, answer: Result<Applied, Refusal>) {
        let Request { edit, .. } = self.requests.remove(&request).expect("its first answer");
        let sent = &mut self.sent[edit.expect("it has a caller")];
        match (&sent.answer, answer) {
            // The name of a refused unary edit stays free: it may be sent again, and be accepted.
            (None | Some(Answer::Refused(_)), Ok(applied)) => {
                sent.answer = Some(Answer::Accepted(applied.revision));
            }
            (None | Some(Answer::Refused(_)), Err(refusal)) => {
                sent.answer = Some(Answer::Refused(refusal));
            }
            (Some(Answer::Accepted(first)), Ok(applied)) => {
                assert_eq!((*first, true), (applied.revision, applied.is_again));
            }
            (known, answer) => panic!("{known:?}, and then {answer:?}"),
        }
    }

    /// Nothing is on its way: whatever waits, waits for the data of its own client.
    pub(super) fn check_waiting(&self, parked: impl Fn(ClientId) -> bool) {
        let ended = |sent: &Sent| sent.live.is_some_and(|live| self.clients[&live].ended);
        let waiting = self.sent.iter().filter(|sent| sent.answer.is_none());
        for sent in waiting.filter(|sent| !ended(sent)) {
            assert!(parked(sent.client), "{sent:?} waits for nothing");
        }
        for (request, known) in self.requests.iter().filter(|(_, known)| known.edit.is_none()) {
            assert!(known.client.is_some_and(|client| parked(id(client))), "{request:?} waits");
        }
    }
}
