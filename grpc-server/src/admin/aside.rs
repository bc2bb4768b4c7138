//! Sheets that stand still: show one, park its changes in the journal, delete it.
//!
//! Showing works beside a running server; parking and deleting start a server of their own, as `prune` does,
//! so they need the data directory alone.
//!
//! Not a repair: no change is altered. Invariant: a parked change stays readable in the database.

use std::io::stdout;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use super::printer::{Printer, time};
use super::sources::{JournalFound, Place, check_exists};
use crate::config::Options;
use crate::serve::{RunningServer, Server};
use model::{SheetId, SheetRecord};
use store::{Aside, ParkedChange, Store};

/// Parked changes that are listed, the oldest.
const LISTED_CHANGES: u32 = 100;

/// The state of a sheet.
struct Look {
    record: SheetRecord,
    aside: Option<Aside>,
    parked: Vec<ParkedChange>,
    /// In the journal: the first and the last revision, and how many; or why the journal was not read.
    journaled: Result<Option<(u64, u64, usize)>, &'static str>,
}

/// Prints the state of a sheet.
pub(super) async fn look(sheet: SheetId, json: bool, place: &Place) -> Result<(), String> {
    let sources = place.open().await?;
    let looked = Look::at(&sources.store, &sources.journal, sheet).await;
    sources.close().await;
    let looked = looked?;
    let mut printer = Printer::new(stdout(), json);
    printer.line("sheet", &looked.json(), &looked.text());
    for change in &looked.parked {
        printer.line("parked_change", &change_json(change), &change_text(change));
    }
    printer.finish().map_err(|error| error.to_string())
}

/// Parks the journal's changes of a sheet that can't be opened, and opens it at the database's revision.
pub(super) async fn park(sheet: SheetId, options: Options) -> Result<(), String> {
    let server = start(options).await?;
    let parked = server.park(sheet).await.map_err(|error| error.to_string());
    server.shutdown().await;
    note(&match parked? {
        Some(count) => format!(
            "the sheet can be opened again, at the revision of the database; {count} changes of the \
             journal were parked now (`gridloom admin sheet {sheet}` lists the parked ones)"
        ),
        None => "the sheet can be opened: nothing was parked".to_owned(),
    })
}

/// Deletes a sheet in any state.
pub(super) async fn delete(sheet: SheetId, options: Options) -> Result<(), String> {
    let server = start(options).await?;
    let deleted = server.delete(sheet).await.map_err(|error| error.to_string());
    server.shutdown().await;
    deleted?;
    note("the sheet is deleted; its owner can restore it for 30 days")
}

/// Starts a server on a private port, on an existing data directory.
pub(super) async fn start(options: Options) -> Result<RunningServer, String> {
    if options.database_url.is_none() {
        check_exists(&options.data_dir)?;
    }
    let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    // Under a name of its own, so that it replaces no other node.
    let server = Server::start(Options { listen, node_name: None, ..options }).await;
    server.map_err(|error| error.to_string())
}

fn note(text: &str) -> Result<(), String> {
    let mut printer = Printer::new(stdout(), false);
    printer.note(text);
    printer.finish().map_err(|error| error.to_string())
}

impl Look {
    async fn at(store: &Store, journal: &JournalFound, sheet: SheetId) -> Result<Self, String> {
        let failed = |error: store::StoreError| error.to_string();
        let record = store.load_sheet(sheet).await.map_err(failed)?;
        let record = record.ok_or_else(|| format!("there is no sheet {sheet}"))?;
        let aside = store.aside(sheet).await.map_err(failed)?;
        let parked = store.parked(sheet, LISTED_CHANGES).await.map_err(failed)?;
        Ok(Self { record, aside, parked, journaled: journaled(journal, sheet) })
    }

    fn json(&self) -> Value {
        let record = &self.record;
        let mut object = json!({
            "sheet": record.id.to_string(),
            "name": &*record.name,
            "owner": record.owner.to_string(),
            "epoch": record.epoch,
            "head": record.head.0,
            "parked_changes": self.parked.len(),
        });
        if let Some(aside) = &self.aside {
            object["set_aside"] = json!({
                "head": aside.head.0, "reason": aside.reason, "at": time(aside.at_micros),
            });
        }
        if let Ok(journaled) = self.journaled {
            object["journaled"] = json!(journaled.map_or(0, |(.., count)| count));
        }
        object
    }

    fn text(&self) -> String {
        let SheetRecord { id, name, owner, epoch, head, .. } = &self.record;
        let journaled = match self.journaled {
            Ok(None) => "the journal holds no change of it".to_owned(),
            Ok(Some((first, last, count))) => {
                format!("the journal holds {count} changes, revisions {first} to {last}")
            }
            Err(why) => why.to_owned(),
        };
        let state = match &self.aside {
            Some(Aside { head, reason, at_micros }) => {
                format!(
                    "set aside since {}: the change after revision {head} can't be stored ({reason}); \
                     `gridloom admin park {id}` opens the sheet at revision {head}",
                    time(*at_micros)
                )
            }
            None => "not set aside".to_owned(),
        };
        let parked = self.parked.len();
        let more =
            if parked < LISTED_CHANGES as usize { "" } else { " or more, the oldest are listed" };
        format!(
            "sheet {id} {name:?} of account {owner}\n  database: revision {head}, epoch {epoch}\n  \
             journal: {journaled}\n  state: {state}\n  parked changes: {parked}{more}"
        )
    }
}

fn journaled(
    found: &JournalFound,
    sheet: SheetId,
) -> Result<Option<(u64, u64, usize)>, &'static str> {
    match found {
        JournalFound::None => Err("no journal was looked at"),
        JournalFound::InUse => Err("a server runs on the journal, so it was not looked at"),
        JournalFound::Damaged(_) => Err("damaged: see `gridloom admin check`"),
        JournalFound::Read(inspection) => {
            let tail = inspection.tails.iter().find(|(id, _)| *id == sheet).map(|(_, tail)| tail);
            Ok(tail.and_then(|tail| {
                Some((tail.first()?.revision.0, tail.last()?.revision.0, tail.len()))
            }))
        }
    }
}

fn change_json(change: &ParkedChange) -> Value {
    json!({
        "epoch": change.epoch,
        "revision": change.revision.0,
        "account": change.account.to_string(),
        "accepted": time(change.accepted_micros),
        "parked": time(change.parked_micros),
        "bytes": change.bytes,
    })
}

fn change_text(change: &ParkedChange) -> String {
    let ParkedChange { epoch, revision, account, accepted_micros, bytes, .. } = change;
    let at = time(*accepted_micros);
    format!(
        "    epoch {epoch} revision {revision}: {bytes} bytes by account {account}, accepted {at}"
    )
}
