//! One drill, from the first process to the verdict.
//!
//! Not the fault and not the clients. Invariant: the fault ends before the verdict.

use std::time::{Duration, Instant};

use client::net::Sheet;
use ot_engine::{ClientId, Revision, Sequence, Size, codec};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::clients::heavy::Heavy;
use super::clients::newcomer::{Received, arrive};
use super::clients::onlooker::{Observed, follow, read_repeatedly};
use super::clients::texts::Texts;
use super::clients::writer::{COLUMNS, CONTESTED_ROWS, Writer, Written};
use super::cluster::Cluster;
use super::cluster::catalog::{Beside, Drill};
use super::evidence::check::{Ending, Evidence, Logged, Verdict, held_up};
use super::evidence::history::{Answer, Clock, Edit, Gap, Seen};
use super::evidence::timeline::{Measures, Phases};
use super::report::Outcome;
use super::strike::strike;
use crate::harness::{DEADLINE, Grid, Random, new_wide_sheet, within};

/// Replicas that only read.
const READERS: usize = 2;
/// Sheets without sessions, for the clients that open one during the fault.
const COLD_SHEETS: usize = 3;

/// The parameters of a drill.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Clients that edit.
    pub writers: usize,
    /// Edits a second of each, at most.
    pub rate: f64,
    /// How long the writers edit before the fault.
    pub before: Duration,
    /// How long the fault lasts.
    pub fault: Duration,
    /// How long the writers edit after the fault.
    pub after: Duration,
    /// The seed of the writers' choices.
    pub seed: u64,
}

/// Runs a drill and judges it.
///
/// # Panics
/// When the drill's own processes or clients fail.
pub async fn run(drill: Drill, options: Options) -> Outcome {
    let mut cluster = Cluster::start(drill).await;
    let cold = make_sheets(&mut cluster).await;
    let clock = Clock::new();
    let (mut heavy, mut texts) = (None, None);
    match drill.beside {
        Beside::Nothing => {}
        Beside::Heavy => heavy = Some(Heavy::begin(cluster.client(0)).await),
        Beside::Texts => texts = Some(Texts::begin(cluster.client(0)).await),
    }
    let crew = Crew::begin(&cluster, drill, options, &clock, cold).await;

    sleep(options.before).await;
    let (begun, struck) = (clock.now(), Instant::now());
    let ongoing = strike(drill.fault, &mut cluster, &clock).await;
    // Newcomers open their sheets while the fault lasts.
    let newcomers = crew.send_newcomers(&cluster, &clock);
    sleep(options.fault).await;
    newcomers.0.send_replace(true);
    let (ended_early, relieved) = (clock.now(), Instant::now());
    let mut notes = ongoing.end(&mut cluster).await;
    // A restarted process ends its fault once it listens; any other fault ends with `end`.
    let ended = if drill.fault.takes_starting() { clock.now() } else { ended_early };
    sleep(options.after).await;

    if let Some(heavy) = heavy {
        notes.extend(heavy.end(&cluster.client(0), &cluster.sql().await).await);
    }
    let mut beside = None;
    if let Some(texts) = texts {
        let (of_texts, p99) = texts.end((struck, relieved)).await;
        notes.extend(of_texts);
        beside = Some(p99);
    }
    let found = crew.end().await;
    let received = within("the last newcomer", newcomers.1).await.expect("newcomers do not panic");
    let phases = Phases { begun, ended };
    let measures = Measures::of(&found.edits, &found.committed, phases);
    let newcomer = received.longest;
    notes.extend(received.notes);
    if drill.nodes > 1 && drill.fault.strikes_one() {
        notes.extend(held_up(&found.edits, options.writers, drill.nodes, phases));
    }
    let verdict = judge(&cluster, drill, found, notes).await;
    Outcome { drill, fault: ended.saturating_sub(begun), measures, newcomer, beside, verdict }
}

/// Makes the sheet of the drill, and the cold ones.
async fn make_sheets(cluster: &mut Cluster) -> Vec<String> {
    let client = cluster.client(0);
    let mut made = Vec::new();
    for number in 0..=COLD_SHEETS {
        let name = format!("Drill {number}");
        made.push(new_wide_sheet(&client, &name, CONTESTED_ROWS, COLUMNS).await);
    }
    cluster.sheet = made.remove(0);
    made
}

/// The clients of a drill.
struct Crew {
    /// The stop signals of writers, which stop first, and of onlookers, which wait for every commit.
    stop: [watch::Sender<bool>; 2],
    writers: Vec<JoinHandle<Written>>,
    readers: Vec<(String, Sheet, JoinHandle<Observed>)>,
    asking: JoinHandle<Observed>,
    cold: Vec<String>,
}

/// Their notes.
struct Found {
    edits: Vec<Edit>,
    seen: Vec<Seen>,
    gaps: Vec<Gap>,
    committed: Vec<(Duration, Revision)>,
    notes: Vec<String>,
    /// All replicas that are still open.
    sheets: Vec<(String, Sheet)>,
}

impl Crew {
    async fn begin(
        cluster: &Cluster,
        drill: Drill,
        options: Options,
        clock: &Clock,
        cold: Vec<String>,
    ) -> Self {
        let ((stop, stopped), (leave, left)) = (watch::channel(false), watch::channel(false));
        let mut readers = Vec::new();
        for number in 0..READERS {
            let by = format!("reader {number}");
            let sheet = open(cluster, number).await;
            let task = follow(by.clone(), sheet.clone(), clock.clone(), left.clone());
            readers.push((by, sheet, tokio::spawn(task)));
        }
        let mut writers = Vec::new();
        for number in 0..options.writers {
            let writer = Writer {
                number,
                client: cluster.client(number),
                clock: clock.clone(),
                random: Random::from_seed(options.seed + number as u64),
                pause: Duration::from_secs_f64(1.0 / options.rate),
                text_bytes: drill.fault.text_bytes(),
            };
            let sheet = open(cluster, number).await;
            writers.push(tokio::spawn(writer.run(sheet, stopped.clone())));
        }
        let client = cluster.client(0);
        let (by, sheet) = ("ReadCells".to_owned(), cluster.sheet.clone());
        let asking = tokio::spawn(read_repeatedly(by, client, sheet, clock.clone(), left));
        Self { stop: [stop, leave], writers, readers, asking, cold }
    }

    /// Opens the drill's sheet first, then the cold ones.
    fn send_newcomers(
        &self,
        cluster: &Cluster,
        clock: &Clock,
    ) -> (watch::Sender<bool>, JoinHandle<Received>) {
        let (stop, stopped) = watch::channel(false);
        let mut sheets = vec![cluster.sheet.clone()];
        sheets.extend(self.cold.iter().cloned());
        let (url, token) = (cluster.nodes[0].url().to_owned(), cluster.token.clone());
        (stop, tokio::spawn(arrive(url, token, sheets, clock.clone(), stopped)))
    }

    /// Stops all clients and waits until each has seen every commit.
    async fn end(self) -> Found {
        let [stop, leave] = self.stop;
        stop.send_replace(true);
        let mut found = Found {
            edits: Vec::new(),
            seen: Vec::new(),
            gaps: Vec::new(),
            committed: Vec::new(),
            notes: Vec::new(),
            sheets: Vec::new(),
        };
        for (number, writer) in self.writers.into_iter().enumerate() {
            let written = writer.await.expect("writers do not panic");
            found.edits.extend(written.edits);
            found.notes.extend(written.notes);
            found.sheets.push((format!("writer {number}"), written.sheet));
        }
        let head = found.head();
        for (by, sheet, _) in &self.readers {
            let committed = timeout(DEADLINE, sheet.wait_committed(head)).await;
            if !matches!(committed, Ok(Ok(_))) {
                found.notes.push(format!("{by} received no commit of {head}"));
            }
        }
        leave.send_replace(true);
        for (by, sheet, reader) in self.readers {
            found.take(reader.await.expect("readers do not panic"));
            found.sheets.push((by, sheet));
        }
        found.take(self.asking.await.expect("readers do not panic"));
        found
    }
}

impl Found {
    fn take(&mut self, observed: Observed) {
        self.seen.extend(observed.seen);
        self.gaps.extend(observed.gaps);
        self.committed.extend(observed.committed);
        self.notes.extend(observed.notes);
    }

    fn head(&self) -> Revision {
        self.edits.iter().filter_map(Edit::revision).max().unwrap_or(Revision(0))
    }
}

async fn open(cluster: &Cluster, number: usize) -> Sheet {
    let sheet = cluster.client(number).open(&cluster.sheet).await.expect("opens");
    within("loading", sheet.wait_synced()).await.expect("loads");
    sheet
}

async fn judge(cluster: &Cluster, drill: Drill, found: Found, notes: Vec<String>) -> Verdict {
    let head = found.head();
    let mut endings = Vec::new();
    let mut lost_sessions = Vec::new();
    for (place, sheet) in &found.sheets {
        let caught_up = async {
            sheet.wait_revision(head).await?;
            sheet.wait_committed(head).await?;
            sheet.wait_synced().await
        };
        match timeout(DEADLINE, caught_up).await {
            Ok(Ok(_)) => {
                let rows = Grid::seen_by(sheet).await.rows;
                endings.push(Ending { place: place.clone(), rows });
            }
            Ok(Err(error)) => lost_sessions.push(format!("{place} ended with {error}")),
            Err(_) => lost_sessions.push(format!("{place} was not up to date in {DEADLINE:?}")),
        }
    }
    let rows = Grid::read(&cluster.client(0), &cluster.sheet).await.rows;
    endings.push(Ending { place: "ReadCells".to_owned(), rows });
    let sql = cluster.sql().await;
    let rows = Grid::in_sql(&sql, &cluster.sheet).await.rows;
    endings.push(Ending { place: "SQL".to_owned(), rows });
    let log = read_log(&sql, &cluster.sheet).await;

    let beginning = ot_engine::Sheet::new(Size::new(CONTESTED_ROWS, COLUMNS));
    let refused = wrong_refusals(drill, &found.edits);
    let evidence = Evidence {
        beginning,
        edits: found.edits,
        log,
        seen: found.seen,
        gaps: found.gaps,
        endings,
    };
    let mut verdict = evidence.judge();
    verdict.notes.extend(cluster.check());
    for kind in [notes, found.notes, lost_sessions, refused] {
        verdict.notes.extend(kind);
    }
    verdict
}

/// Refusals other than those of a full journal.
fn wrong_refusals(drill: Drill, edits: &[Edit]) -> Vec<String> {
    let wrong = edits.iter().filter(|edit| match &edit.answer {
        Answer::Rejected(code, reason) => {
            let full = *code == tonic::Code::ResourceExhausted && reason == "JOURNAL_FULL";
            !(full && drill.fault.fills_journal())
        }
        _ => false,
    });
    let mut wrong: Vec<_> =
        wrong.map(|edit| format!("{} got {:?}", edit.token, edit.answer)).collect();
    let refused = edits.iter().any(|edit| matches!(edit.answer, Answer::Rejected(..)));
    // Where heavy edits fill the journal, light ones may still fit.
    if drill.fault.fills_journal() && !refused && drill.beside != Beside::Heavy {
        wrong.push("the journal did not fill: write for longer, or more".to_owned());
    }
    wrong
}

/// The operation log as Postgres holds it.
async fn read_log(sql: &tokio_postgres::Client, sheet: &str) -> Vec<Logged> {
    let log = "select revision, client::text, sequence, delta from changes \
        where sheet = $1::text::uuid order by revision";
    let rows = sql.query(log, &[&sheet]).await.expect("the log can be read");
    let logged = |row: &tokio_postgres::Row| {
        let number = |column: usize| u64::try_from(row.get::<_, i64>(column)).expect("a number");
        let client = row.get::<_, &str>(1).replace('-', "");
        let client = u128::from_str_radix(&client, 16).expect("an id is a UUID");
        Logged {
            revision: Revision(number(0)),
            name: (ClientId(client), Sequence(number(2))),
            delta: codec::decode_delta(row.get(3)).expect("a delta can be read"),
        }
    };
    rows.iter().map(logged).collect()
}
