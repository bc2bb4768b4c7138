//! Postgres in memory, for the calls of an open sheet: a batch lands as a whole, on the condition that the head
//! is the batch's previous revision, from any node and at any time.
//!
//! Not SQL. Calls take time and fail by the seed: no answer, a refusal, a lost answer to a batch that has landed,
//! a batch that lands after its node has died. Invariant: each commit that is reported is in the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use integration::harness::Random;
use model::{CommitBatch, Entry, Parked, RowBody, SheetId, SheetRecord, Span};
use ot_engine::{ClientId, Revision, RowId, Sequence};
use sheet::ports::storage::{Answer, Commits, LargeRows, Storage};
use store::{ClientState, SheetStamp, StoreError};
use tokio::time::sleep;

/// How long a call waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The interval at which a waiting call polls the availability.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// The way in which Postgres treats calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    Up,
    /// Each call is refused.
    Away,
    /// No call is answered.
    Silent,
    /// Half of the answers are lost.
    Lossy,
}

/// A Postgres; clones share its state.
#[derive(Clone, Debug)]
pub(crate) struct Tables(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: Random,
    availability: Availability,
    sheets: BTreeMap<SheetId, Sheet>,
    /// Commits in flight without a caller, which arrive later.
    orphans: Vec<CommitBatch>,
    seen: BTreeSet<&'static str>,
}

/// The tables of one sheet.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) record: SheetRecord,
    pub(crate) rows: BTreeMap<RowId, RowBody>,
    pub(crate) log: Vec<Entry>,
    pub(crate) parked: BTreeMap<Revision, Parked>,
}

impl Availability {
    pub(crate) const ALL: [Self; 4] = [Self::Away, Self::Silent, Self::Lossy, Self::Up];
}

impl Sheet {
    fn land(&mut self, batch: &CommitBatch) -> Result<(), StoreError> {
        let Some(last) = batch.entries.last() else {
            return Err(StoreError::Invalid("an empty batch".to_owned()));
        };
        let record = &mut self.record;
        if record.head != batch.previous {
            let name = |entry: &Entry| (entry.revision, entry.client, entry.sequence);
            if self.log.iter().any(|entry| name(entry) == name(last)) {
                return Ok(());
            }
            return Err(StoreError::Conflict { expected: batch.previous, found: record.head });
        }
        // The columns that the operation log has.
        let plain = |entry: &Arc<Entry>| Entry {
            texts: Arc::default(),
            conflicts: Arc::default(),
            ..(**entry).clone()
        };
        self.log.extend(batch.entries.iter().map(plain));
        for (row, patch) in &batch.row_patches {
            self.rows.entry(*row).or_default().merge(patch);
        }
        let upserted: BTreeSet<i64> = batch.upserted_spans.iter().map(|span| span.key).collect();
        let mut spans: BTreeMap<i64, Span> = record.spans.iter().map(|s| (s.key, *s)).collect();
        spans.retain(|key, _| !batch.removed_spans.contains(key) || upserted.contains(key));
        spans.extend(batch.upserted_spans.iter().map(|span| (span.key, *span)));
        record.spans = spans.into_values().collect();
        if let Some(columns) = &batch.columns {
            record.columns.clone_from(columns);
        }
        record.next_row_id = batch.next_row_id;
        record.next_column_id = batch.next_column_id;
        record.row_count = batch.row_count;
        record.head = batch.head;
        Ok(())
    }

    fn client(&self, entry: &Entry) -> ClientState {
        let Entry { client, sequence, revision, account, .. } = *entry;
        ClientState { client, sequence, revision, account }
    }

    fn last_of(&self, client: ClientId) -> Option<ClientState> {
        let own = self.log.iter().filter(|entry| entry.client == client);
        own.max_by_key(|entry| entry.sequence).map(|entry| self.client(entry))
    }

    fn edit(&self, client: ClientId, sequence: Sequence) -> Option<ClientState> {
        let named = |entry: &&Entry| entry.client == client && entry.sequence == sequence;
        self.log.iter().find(named).map(|entry| self.client(entry))
    }
}

impl Tables {
    pub(crate) fn new(seed: u64, sheets: impl IntoIterator<Item = SheetRecord>) -> Self {
        let sheet = |record: SheetRecord| {
            (
                record.id,
                Sheet { record, rows: BTreeMap::new(), log: Vec::new(), parked: BTreeMap::new() },
            )
        };
        Self(Arc::new(Mutex::new(State {
            random: Random::from_seed(seed ^ 0x5e1f),
            availability: Availability::Up,
            sheets: sheets.into_iter().map(sheet).collect(),
            orphans: Vec::new(),
            seen: BTreeSet::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder panics")
    }

    pub(crate) fn set(&self, availability: Availability) {
        self.lock().availability = availability;
    }

    pub(crate) fn sheet(&self, id: SheetId) -> Sheet {
        self.lock().sheets[&id].clone()
    }

    pub(crate) fn head(&self, id: SheetId) -> Revision {
        self.lock().sheets[&id].record.head
    }

    /// The names of the events so far.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.lock().seen.clone()
    }

    /// Lands one of the commits without a caller.
    pub(crate) fn land_orphan(&self) {
        let mut state = self.lock();
        let State { random, orphans, .. } = &mut *state;
        if let Some(batch) = random.take(orphans) {
            // No caller waits for the answer.
            let _ = state.land(&batch, ["orphan commit, landed", "orphan commit, rejected"]);
        }
    }

    /// A commit in flight when the connection breaks arrives later, or never.
    fn orphan(&self, batch: &CommitBatch) {
        let mut state = self.lock();
        if state.random.below(2) == 0 {
            state.orphans.push(batch.clone());
        }
    }

    async fn pause(&self) {
        let millis = self.lock().random.below(5);
        sleep(Duration::from_millis(millis.into())).await;
    }

    /// Waits until a call has arrived.
    async fn arrive(&self) -> Result<(), StoreError> {
        self.pause().await;
        let asked = tokio::time::Instant::now();
        loop {
            let availability = self.lock().availability;
            match availability {
                Availability::Away => return Err(StoreError::Unavailable("away".to_owned())),
                Availability::Silent if asked.elapsed() >= PATIENCE => {
                    return Err(StoreError::Unavailable("no answer".to_owned()));
                }
                Availability::Silent => sleep(LOOK_INTERVAL).await,
                Availability::Up | Availability::Lossy => return Ok(()),
            }
        }
    }

    /// Carries an answer back.
    async fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        self.pause().await;
        let mut state = self.lock();
        if state.availability == Availability::Lossy && state.random.below(2) == 0 {
            return Err(StoreError::Unavailable("the answer is lost".to_owned()));
        }
        Ok(answer)
    }

    async fn ask<T>(
        &self,
        id: SheetId,
        look: impl FnOnce(&Sheet) -> T + Send,
    ) -> Result<Option<T>, StoreError> {
        self.arrive().await?;
        let found = self.lock().sheets.get(&id).map(look);
        self.answer(found).await
    }

    async fn change(
        &self,
        id: SheetId,
        change: impl FnOnce(&mut Sheet) + Send,
    ) -> Result<(), StoreError> {
        self.arrive().await?;
        if let Some(sheet) = self.lock().sheets.get_mut(&id) {
            change(sheet);
        }
        self.answer(()).await
    }

    async fn try_commit(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        let mut under_way = UnderWay { tables: self.clone(), batch: Some(batch.clone()) };
        let arrived = self.arrive().await;
        // A refused commit has not landed; one without an answer may land later.
        if arrived.is_ok() || self.lock().availability == Availability::Away {
            under_way.batch = None;
        }
        arrived?;
        let outcome = self.lock().land(batch, ["landed", "conflict or again"]);
        match self.answer(outcome).await {
            Ok(outcome) => outcome,
            Err(lost) => {
                self.lock().seen.insert("answer lost");
                Err(lost)
            }
        }
    }
}

impl State {
    fn land(&mut self, batch: &CommitBatch, names: [&'static str; 2]) -> Result<(), StoreError> {
        let Some(sheet) = self.sheets.get_mut(&batch.sheet) else {
            return Err(StoreError::NotFound("sheet"));
        };
        let lands = sheet.record.head == batch.previous;
        self.seen.insert(names[usize::from(!lands)]);
        sheet.land(batch)
    }
}

/// A commit in flight to Postgres. When its node dies, it is dropped and becomes an orphan.
struct UnderWay {
    tables: Tables,
    batch: Option<CommitBatch>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(batch) = &self.batch {
            self.tables.orphan(batch);
        }
    }
}

impl Commits for Tables {
    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, LargeRows> {
        Box::pin(async { self.try_commit(batch).await.map(|()| LargeRows::new()) })
    }

    fn note_order(&self, _: SheetId, _: u32) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn set_aside<'a>(&'a self, sheet: SheetId, _: Revision, why: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let set = |sheet: &mut Sheet| {
                sheet.record.set_aside.get_or_insert_with(|| why.into());
            };
            self.change(sheet, set).await
        })
    }

    fn head(&self, sheet: SheetId) -> Answer<'_, Revision> {
        Box::pin(async move {
            let head = self.ask(sheet, |sheet| sheet.record.head).await?;
            head.ok_or(StoreError::NotFound("sheet"))
        })
    }
}

impl Storage for Tables {
    fn load_sheet(&self, sheet: SheetId) -> Answer<'_, Option<SheetRecord>> {
        Box::pin(self.ask(sheet, |sheet| sheet.record.clone()))
    }

    fn park<'a>(&'a self, sheet: SheetId, changes: &'a [Parked]) -> Answer<'a, ()> {
        let park = |sheet: &mut Sheet| {
            let parked = changes.iter().map(|change| (change.revision, change.clone()));
            sheet.parked.extend(parked);
        };
        Box::pin(self.change(sheet, park))
    }

    fn reopen(&self, sheet: SheetId) -> Answer<'_, ()> {
        let reopen = |sheet: &mut Sheet| {
            sheet.record.set_aside = None;
            sheet.record.epoch += 1;
        };
        Box::pin(self.change(sheet, reopen))
    }

    fn stamps<'a>(&'a self, sheets: &'a [SheetId]) -> Answer<'a, Vec<(SheetId, SheetStamp)>> {
        let stamp = |sheet: &Sheet| SheetStamp::from(&sheet.record);
        Box::pin(async move {
            let mut stamps = Vec::new();
            for id in sheets {
                stamps.extend(self.ask(*id, stamp).await?.map(|stamp| (*id, stamp)));
            }
            Ok(stamps)
        })
    }

    fn history_floor(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        Box::pin(self.ask(sheet, |_| Revision(0)))
    }

    fn changes(&self, sheet: SheetId, after: Revision, limit: u32) -> Answer<'_, Vec<Entry>> {
        let page = move |sheet: &Sheet| {
            let page = sheet.log.iter().filter(|entry| entry.revision > after);
            page.take(limit as usize).cloned().collect()
        };
        Box::pin(async move { Ok(self.ask(sheet, page).await?.unwrap_or_default()) })
    }

    fn client_state(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>> {
        Box::pin(
            async move { Ok(self.ask(sheet, move |sheet| sheet.last_of(client)).await?.flatten()) },
        )
    }

    fn named_edit(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>> {
        // The clients of a simulation make each request at one place.
        self.client_state(sheet, client)
    }

    fn edit(
        &self,
        sheet: SheetId,
        client: ClientId,
        sequence: Sequence,
    ) -> Answer<'_, Option<ClientState>> {
        Box::pin(async move {
            Ok(self.ask(sheet, move |sheet| sheet.edit(client, sequence)).await?.flatten())
        })
    }

    fn read_rows_at<'a>(
        &'a self,
        sheet: SheetId,
        ranges: &'a [Range<RowId>],
        bytes_most: usize,
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        let rows = move |sheet: &Sheet| {
            let rows = ranges.iter().flat_map(|range| sheet.rows.range(range.clone()));
            let rows = rows.map(|(row, body)| (*row, body.clone()));
            (rows.collect::<Vec<_>>(), sheet.record.head)
        };
        Box::pin(async move {
            let (rows, head) = self.ask(sheet, rows).await?.unwrap_or_default();
            let bytes: usize = rows.iter().map(|(_, body)| body.weight_bytes()).sum();
            if bytes > bytes_most && rows.len() > 1 {
                return Err(StoreError::RowsTooLarge { most: bytes_most });
            }
            Ok((rows, head))
        })
    }
}
