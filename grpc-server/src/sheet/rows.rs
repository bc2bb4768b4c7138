//! stub
use crate::model::{RowBody, RowPatch};
use ot_engine::{Revision, RowId};
use std::sync::Arc;
#[derive(Debug)]
pub struct RowCache;
#[derive(Debug)]
pub struct ReadToken;
impl RowCache {
    pub fn new(_: usize) -> Self {
        todo!()
    }
    pub fn patch(&mut self, _: Revision, _: RowId, _: &RowPatch) {}
    pub fn get(&mut self, _: RowId) -> Option<Arc<RowBody>> {
        todo!()
    }
    pub fn put_fetched(&mut self, _: RowId, _: RowBody) -> Arc<RowBody> {
        todo!()
    }
    pub fn begin_read(&mut self) -> ReadToken {
        todo!()
    }
    pub fn end_read(&mut self, _: ReadToken) {}
    pub fn committed(&mut self, _: Revision) {}
}
