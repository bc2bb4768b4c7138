//! The preview of a file: its begin as a reading would read it.
//!
//! Not a reading: it makes nothing. Invariants: it ends within [`PREVIEW_WITHIN`], or soon after the piece that it waits for; an
//! account makes one at a time.

use std::sync::Arc;

use gridloom::v1;
use tables::{Bytes, Stop, preview};
use tokio_util::sync::CancellationToken;

use super::Tables;
use super::content::Content;
use super::content::source::{Source, kept_pieces};
use super::failure::unread;
use super::reading::Reading;
use super::wire::preview_to_wire;
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, OriginalRefusal, ServiceError, TableRefusal};
use crate::service::read_options::locale_of;
use model::Role;
use model::limits::tables::{PREVIEW_WITHIN, READING_PIECE_BYTES};

/// Stops a reading when it is dropped.
struct StopAtEnd(Stop);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Tables {
    pub(super) async fn preview(
        &self,
        identity: &Identity,
        request: v1::PreviewFileRequest,
    ) -> Result<v1::PreviewFileResponse, ServiceError> {
        let file = self.file(identity, &request.file_id, Role::Viewer).await?;
        let deleted = FileRefusal::Original(OriginalRefusal::Deleted);
        let content = file.original.ok_or(deleted)?.content;
        let reading = Reading::of(request.reading, &self.limits)?;
        if reading.tables.len() > 1 {
            let rule = "must be at most one: a preview shows one worksheet";
            return Err(ServiceError::malformed("reading.tables", rule));
        }
        let locale = locale_of(&self.store, identity.account).await?;
        let options = reading.options(0, locale, &self.limits)?;
        // Where the place is away, a caller learns it before it waits for its turn.
        self.place.ready().await?;
        let turn = self.previews.turn(identity.account).await;
        let turn = turn.ok_or(ServiceError::Busy("previews"))?;
        let (store, place) = (self.store.clone(), Arc::clone(&self.place));
        let content = Content::new(store, place, (content, file.pieces));
        let (stop, token) = (StopAtEnd(Stop::default()), CancellationToken::new());
        let _cancel_at_end = token.clone().drop_guard();
        let source = Source::of_reading(content, kept_pieces(READING_PIECE_BYTES), token);
        let (stopped, name) = (stop.0.clone(), file.name.clone());
        let read = heavy_work::run_apart(move || {
            // A caller that leaves keeps its turn until the thread has ended.
            let _turn = turn;
            let bytes: Arc<dyn Bytes> = Arc::new(source);
            preview(&bytes, &name, &options, &stopped)
        });
        let read = tokio::time::timeout(PREVIEW_WITHIN, read).await;
        let read = read.map_err(|_| TableRefusal::PreviewTooSlow)?;
        let preview = read.map_err(ServiceError::internal)?.map_err(unread)?;
        preview_to_wire(&file.name, preview, self.message_bytes)
    }
}
