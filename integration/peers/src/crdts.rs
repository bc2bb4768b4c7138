//! The CRDT libraries: a grid is a list of rows, each a map from column to number.
//!
//! A library without moves of list elements returns `false` for them. No library is tuned: each is used as its
//! manual shows, one transaction for each operation.

use std::collections::HashMap;

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT, ReadDoc};
use loro::{Container, ExportMode, LoroDoc, LoroMap, LoroValue, ValueOrContainer, VersionVector};
use yrs::updates::decoder::Decode;
use yrs::{Any, Array, ArrayRef, Doc, Map, MapPrelim, MapRef, Out, ReadTxn, Transact, Update};

use super::{Edit, Pair};

const MISSING: f64 = f64::MIN;

pub struct Yrs {
    docs: [Doc; 2],
    rows: [ArrayRef; 2],
}

impl Yrs {
    fn change(
        &mut self,
        at: usize,
        change: impl FnOnce(&ArrayRef, &mut yrs::TransactionMut<'_>),
    ) -> Vec<u8> {
        let mut transaction = self.docs[at].transact_mut();
        change(&self.rows[at], &mut transaction);
        transaction.encode_update_v1()
    }

    fn carry(&mut self, to: usize, update: &[u8]) {
        let update = Update::decode_v1(update).expect("ours");
        self.docs[to].transact_mut().apply_update(update).expect("applies");
    }

    fn edit(&mut self, at: usize, edit: Edit) -> Vec<u8> {
        self.change(at, |rows, transaction| match edit {
            Edit::Set(row, col, value) => {
                let row: MapRef = rows.get(transaction, row).expect("there").cast().expect("a map");
                row.insert(transaction, col.to_string(), value);
            }
            Edit::Insert(at) => {
                rows.insert(transaction, at, MapPrelim::default());
            }
        })
    }
}

impl Pair for Yrs {
    const NAME: &'static str = "yrs 0.28";

    fn new(rows: u32, cols: u32) -> Self {
        let docs = [1, 2].map(Doc::with_client_id);
        let lists = [0, 1].map(|at: usize| docs[at].get_or_insert_array("rows"));
        let mut this = Self { docs, rows: lists };
        let update = this.change(0, |list, transaction| {
            for row in 0..rows {
                let cells = (0..cols).map(|col| (col.to_string(), 0.0));
                list.insert(transaction, row, cells.collect::<MapPrelim>());
            }
        });
        this.carry(1, &update);
        this
    }

    fn set(&mut self, row: u32, col: u32, value: f64) {
        let update = self.edit(0, Edit::Set(row, col, value));
        self.carry(1, &update);
    }

    fn insert_row(&mut self, at: u32) {
        let update = self.edit(0, Edit::Insert(at));
        self.carry(1, &update);
    }

    fn move_row(&mut self, _: u32, _: u32) -> bool {
        false
    }

    fn apart(&mut self, here: &[Edit], there: &[Edit]) {
        here.iter().for_each(|edit| drop(self.edit(0, *edit)));
        there.iter().for_each(|edit| drop(self.edit(1, *edit)));
        let known = [1, 0].map(|at: usize| self.docs[at].transact().state_vector());
        let updates = [0, 1].map(|at: usize| self.docs[at].transact().encode_diff_v1(&known[at]));
        self.carry(1, &updates[0]);
        self.carry(0, &updates[1]);
    }

    fn cells(&self) -> [Vec<Vec<f64>>; 2] {
        [0, 1].map(|at: usize| {
            let transaction = self.docs[at].transact();
            let row = |row: Out| {
                let row: MapRef = row.cast().expect("a map");
                let cell = |col: u32| match row.get(&transaction, &col.to_string()) {
                    Some(Out::Any(Any::Number(number))) => number.as_f64().unwrap_or(MISSING),
                    _ => MISSING,
                };
                (0..super::COLS).map(cell).collect()
            };
            self.rows[at].iter(&transaction).map(row).collect()
        })
    }
}

pub struct Loro {
    docs: [LoroDoc; 2],
    sent: VersionVector,
}

impl Loro {
    fn edit(&self, at: usize, edit: Edit) {
        let rows = self.docs[at].get_movable_list("rows");
        match edit {
            Edit::Set(row, col, value) => match rows.get(row as usize) {
                Some(ValueOrContainer::Container(Container::Map(row))) => {
                    row.insert(&col.to_string(), value).expect("fits");
                }
                other => panic!("{other:?}"),
            },
            Edit::Insert(at) => {
                rows.insert_container(at as usize, LoroMap::new()).expect("fits");
            }
        }
        self.docs[at].commit();
    }

    fn carry(&mut self) {
        let update = self.docs[0].export(ExportMode::updates(&self.sent)).expect("exports");
        self.sent = self.docs[0].oplog_vv();
        self.docs[1].import(&update).expect("applies");
    }
}

impl Pair for Loro {
    const NAME: &'static str = "loro 1.17";

    fn new(rows: u32, cols: u32) -> Self {
        let docs = [LoroDoc::new(), LoroDoc::new()];
        let list = docs[0].get_movable_list("rows");
        for row in 0..rows {
            let row = list.insert_container(row as usize, LoroMap::new()).expect("fits");
            (0..cols).for_each(|col| row.insert(&col.to_string(), 0.0).expect("fits"));
        }
        docs[0].commit();
        let mut this = Self { docs, sent: VersionVector::default() };
        this.carry();
        this
    }

    fn set(&mut self, row: u32, col: u32, value: f64) {
        self.edit(0, Edit::Set(row, col, value));
        self.carry();
    }

    fn insert_row(&mut self, at: u32) {
        self.edit(0, Edit::Insert(at));
        self.carry();
    }

    fn move_row(&mut self, from: u32, to: u32) -> bool {
        let rows = self.docs[0].get_movable_list("rows");
        rows.mov(from as usize, to as usize).expect("fits");
        self.docs[0].commit();
        self.carry();
        true
    }

    fn apart(&mut self, here: &[Edit], there: &[Edit]) {
        here.iter().for_each(|edit| self.edit(0, *edit));
        there.iter().for_each(|edit| self.edit(1, *edit));
        let updates = [0, 1].map(|at: usize| {
            self.docs[at].export(ExportMode::updates(&self.sent)).expect("exports")
        });
        self.docs[1].import(&updates[0]).expect("applies");
        self.docs[0].import(&updates[1]).expect("applies");
    }

    fn cells(&self) -> [Vec<Vec<f64>>; 2] {
        [0, 1].map(|at: usize| {
            let LoroValue::List(rows) = self.docs[at].get_movable_list("rows").get_deep_value()
            else {
                panic!("a list");
            };
            let row = |row: &LoroValue| {
                let LoroValue::Map(row) = row else { panic!("a map") };
                let cell = |col: u32| match row.get(&col.to_string()) {
                    Some(LoroValue::Double(number)) => *number,
                    _ => MISSING,
                };
                (0..super::COLS).map(cell).collect()
            };
            rows.iter().map(row).collect()
        })
    }
}

pub struct Automerge {
    docs: [AutoCommit; 2],
    rows: automerge::ObjId,
}

impl Automerge {
    fn edit(&mut self, at: usize, edit: Edit) {
        let doc = &mut self.docs[at];
        match edit {
            Edit::Set(row, col, value) => {
                let found = doc.get(&self.rows, row as usize).expect("reads");
                let (_, row) = found.expect("there");
                doc.put(&row, col.to_string(), value).expect("fits");
            }
            Edit::Insert(at) => {
                doc.insert_object(&self.rows, at as usize, ObjType::Map).expect("fits");
            }
        }
        doc.commit();
    }

    fn carry(&mut self) {
        let update = self.docs[0].save_incremental();
        self.docs[1].load_incremental(&update).expect("applies");
    }
}

impl Pair for Automerge {
    const NAME: &'static str = "automerge 0.12";

    fn new(rows: u32, cols: u32) -> Self {
        let mut doc = AutoCommit::new();
        let list = doc.put_object(ROOT, "rows", ObjType::List).expect("fits");
        for row in 0..rows {
            let row = doc.insert_object(&list, row as usize, ObjType::Map).expect("fits");
            (0..cols).for_each(|col| doc.put(&row, col.to_string(), 0.0).expect("fits"));
        }
        doc.commit();
        let reader = AutoCommit::load(&doc.save()).expect("loads");
        Self { docs: [doc, reader], rows: list }
    }

    fn set(&mut self, row: u32, col: u32, value: f64) {
        self.edit(0, Edit::Set(row, col, value));
        self.carry();
    }

    fn insert_row(&mut self, at: u32) {
        self.edit(0, Edit::Insert(at));
        self.carry();
    }

    fn move_row(&mut self, _: u32, _: u32) -> bool {
        false
    }

    fn apart(&mut self, here: &[Edit], there: &[Edit]) {
        // Loaded changes count as saved.
        drop(self.docs[1].save_incremental());
        here.iter().for_each(|edit| self.edit(0, *edit));
        there.iter().for_each(|edit| self.edit(1, *edit));
        let updates = [0, 1].map(|at: usize| self.docs[at].save_incremental());
        self.docs[1].load_incremental(&updates[0]).expect("applies");
        self.docs[0].load_incremental(&updates[1]).expect("applies");
    }

    fn cells(&self) -> [Vec<Vec<f64>>; 2] {
        [0, 1].map(|at: usize| {
            let doc = &self.docs[at];
            let row = |row: usize| {
                let (_, row) = doc.get(&self.rows, row).expect("reads").expect("there");
                let cells: HashMap<String, f64> = doc
                    .map_range(&row, ..)
                    .filter_map(|cell| {
                        Some((cell.key.to_string(), cell.value.into_value().as_f64()?))
                    })
                    .collect();
                let cell = |col: u32| cells.get(&col.to_string()).copied().unwrap_or(MISSING);
                (0..super::COLS).map(cell).collect()
            };
            (0..doc.length(&self.rows)).map(row).collect()
        })
    }
}
