//! `gridloom.v1.CommentService`: threads on cells.
//!
//! Not their messages, which are those of `chat`. Invariant: a comment is made on a cell that the open sheet has; where the
//! cell is now, the open sheet answers each time.

use std::collections::HashMap;
use std::sync::Arc;

use gridloom::v1;
use gridloom::v1::comment_service_server::CommentService;
use heavy_work::Caller;
use sha2::{Digest as _, Sha256};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::hub::Hub;
use super::pages::{PageSizes, TimePlace};
use super::text::{Draft, Writing, check_cell, client_id};
use super::threads::{Threads, Use, thread_id};
use super::wire;
use super::write_turns::Place;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::pages::Paged;
use crate::edge::rights::access::sheet_id;
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::row_places;
use model::limits::edge::{COMMENT_MARKS, COMMENTS_OF_SHEET};
use model::people::{CellId, ListedComment, ThreadId, ThreadPlace};
use model::{Role, SheetId};
use sheet::api::message::PlacesFound;
use store::CommentFilter;

/// Serves comments.
#[derive(Debug)]
pub(super) struct Comments {
    roles: RoleCheck,
    threads: Threads,
    writing: Arc<Writing>,
    hub: Hub,
    page: PageSizes,
}

impl Comments {
    pub(super) fn new(
        roles: RoleCheck,
        threads: Threads,
        writing: Arc<Writing>,
        hub: Hub,
        page: PageSizes,
    ) -> Self {
        Self { roles, threads, writing, hub, page }
    }

    async fn add(
        &self,
        identity: &Identity,
        request: &v1::AddCommentRequest,
    ) -> Result<v1::AddCommentResponse, Status> {
        let v1::AddCommentRequest { row_id, column_id, client_id: client, text, mentions, .. } =
            request;
        let sheet = sheet_id(&request.sheet_id)?;
        self.roles.access.require_now(identity, sheet, Role::Commenter).await?;
        let draft = Draft { client, text, mentions, link: None };
        let mentioned = self.writing.check(draft)?;
        let column = column_id.parse().map_err(|_| no_column())?;
        let cell = CellId { row: *row_id, column };
        check_cell(cell, ("row_id", "column_id"))?;
        let id = comment_id(identity, client_id(client)?, sheet, cell);
        // A repeated call finds its comment, wherever the row is by now.
        let repeated = self.writing.repeated(identity, id, draft, &mentioned).await?;
        if repeated.is_none() {
            self.writing.take(identity, text.len()).await?;
        }
        let places = self.places(identity, sheet, vec![cell.row]).await?;
        let store = &self.roles.store;
        let (message, without_access) = match repeated {
            Some(written) => written,
            None => {
                let (row, column) = place_of(cell, &places);
                row.ok_or_else(no_row)?;
                column.ok_or_else(no_column)?;
                let _changing = self.hub.changing(&ThreadPlace::Cell(sheet, cell));
                let turn = self.writing.turn(identity.account, sheet.into()).await?;
                let of = (sheet, cell);
                let made = store.make_comment(id, of, identity.account, COMMENTS_OF_SHEET).await;
                drop(turn);
                if !made.map_err(ServiceError::from)? {
                    self.roles.access.require_now(identity, sheet, Role::Commenter).await?;
                    return Err(too_many().into());
                }
                let at = (id, sheet.into());
                let sent = self.writing.send(identity, at, draft, (mentioned, None)).await;
                self.threads.or_refused(identity, id, sent).await?
            }
        };
        let thread = store.thread(id).await.map_err(ServiceError::from)?;
        let thread = thread.ok_or(ServiceError::NotFound("comment"))?;
        let listed = ListedComment { thread, resolved_by: None, first: Some(message) };
        Ok(v1::AddCommentResponse { comment: comment(listed, &places), without_access })
    }

    async fn list(
        &self,
        identity: &Identity,
        request: &v1::ListCommentsRequest,
    ) -> Result<v1::ListCommentsResponse, Status> {
        let sheet = sheet_id(&request.sheet_id)?;
        self.roles.access.require(identity, sheet, Role::Viewer).await?;
        let rows = row_places::check(&request.row_ids)?;
        let size = self.page.items(request.page_size);
        let after = request.place()?.map(TimePlace::pair);
        let one = Some(&request.thread_id).filter(|id| !id.is_empty());
        let thread = one.map(|id| thread_id(id)).transpose()?;
        let resolved = request.resolved || thread.is_some();
        let column = Some(&request.column_id).filter(|id| !id.is_empty());
        let column = column.map(|id| column_id(id)).transpose()?;
        let filter = CommentFilter { resolved, rows, column, after, thread };
        let listed = self.roles.store.comments(sheet, filter, size + 1).await;
        let listed = listed.map_err(ServiceError::from)?;
        let place = |last: &ListedComment| TimePlace {
            at_micros: last.thread.made_micros,
            thread: last.thread.id,
        };
        let rows = listed.iter().filter_map(|it| cell_of(it).map(|cell| cell.row)).collect();
        let places = self.places(identity, sheet, rows).await?;
        // The role may have ended while the call waited for the sheet.
        self.roles.access.reads_on(identity, sheet).await?;
        let wire = |it| comment(it, &places).unwrap_or_default();
        let (mut comments, next_page_token) = self.page.page(request, (listed, size), place, wire);
        // What is on no cell.
        comments.retain(|comment| *comment != v1::Comment::default());
        Ok(v1::ListCommentsResponse { comments, next_page_token })
    }

    async fn count(
        &self,
        identity: &Identity,
        request: &v1::CountCommentsRequest,
    ) -> Result<v1::CountCommentsResponse, Status> {
        let sheet = sheet_id(&request.sheet_id)?;
        self.roles.access.require(identity, sheet, Role::Viewer).await?;
        let rows = row_places::check(&request.row_ids)?;
        if rows.is_empty() {
            return Err(ServiceError::malformed("row_ids", "must name 1 to 1,000 rows").into());
        }
        let marks = self.roles.store.comment_marks(sheet, rows, COMMENT_MARKS + 1).await;
        let mut marks = marks.map_err(ServiceError::from)?;
        let cells_left_out = marks.len() > COMMENT_MARKS as usize;
        marks.truncate(COMMENT_MARKS as usize);
        let cell = |(cell, count): (CellId, u32)| v1::CommentCount {
            row_id: cell.row,
            column_id: cell.column.to_string(),
            count,
        };
        let cells = marks.into_iter().map(cell).collect();
        Ok(v1::CountCommentsResponse { cells, cells_left_out })
    }

    async fn resolve(
        &self,
        identity: &Identity,
        request: &v1::ResolveCommentRequest,
    ) -> Result<(), Status> {
        let id = thread_id(&request.thread_id)?;
        let thread = self.threads.existing(identity, id, Use::Write).await?;
        if !matches!(thread.place, ThreadPlace::Cell(..)) {
            return Err(ServiceError::NotFound("comment").into());
        }
        self.writing.take_change(identity, 0)?;
        let resolved = request.resolved;
        let place = Place::of(thread.id, thread.place);
        let _changing = self.hub.changing(&thread.place);
        let _turn = self.writing.turn(identity.account, place).await?;
        let done = self.roles.store.resolve_comment(id, identity.account, resolved).await;
        if !done.map_err(ServiceError::from)? {
            // It was so already, or the role has ended meanwhile.
            self.threads.existing(identity, id, Use::Write).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        identity: &Identity,
        request: &v1::DeleteCommentRequest,
    ) -> Result<(), Status> {
        let id = thread_id(&request.thread_id)?;
        // As for a message: its author may take it back for as long as the sheet can be read.
        let thread = self.threads.existing(identity, id, Use::Read).await?;
        if !matches!(thread.place, ThreadPlace::Cell(..)) {
            return Err(ServiceError::NotFound("comment").into());
        }
        self.writing.take_change(identity, 0)?;
        let place = Place::of(thread.id, thread.place);
        let _changing = self.hub.changing(&thread.place);
        let turn = self.writing.turn(identity.account, place).await?;
        let deleted = self.roles.store.delete_comment(id, identity.account).await;
        drop(turn);
        if !deleted.map_err(ServiceError::from)? {
            // Another call has deleted it, or the caller may not.
            self.threads.existing(identity, id, Use::Read).await?;
            return Err(not_the_author().into());
        }
        Ok(())
    }

    /// Where rows are now.
    async fn places(
        &self,
        identity: &Identity,
        sheet: SheetId,
        mut rows: Vec<u64>,
    ) -> Result<Found, Status> {
        rows.sort_unstable();
        rows.dedup();
        let caller = Caller::Account(identity.account);
        let places = row_places::find(&self.roles.registry, caller, sheet, &rows).await?;
        Ok(Found::new(rows, &places))
    }
}

/// The positions of rows and columns by their ids.
struct Found {
    rows: HashMap<u64, u32>,
    columns: HashMap<u64, u32>,
}

impl Found {
    fn new(rows: Vec<u64>, places: &PlacesFound) -> Self {
        let rows = rows.into_iter().zip(&places.rows);
        let columns = (0..).zip(&places.columns).map(|(at, column)| (column.id.0, at));
        Self {
            rows: rows.filter_map(|(row, at)| Some((row, (*at)?))).collect(),
            columns: columns.collect(),
        }
    }
}

fn place_of(cell: CellId, places: &Found) -> (Option<u32>, Option<u32>) {
    (places.rows.get(&cell.row).copied(), places.columns.get(&cell.column).copied())
}

fn cell_of(listed: &ListedComment) -> Option<CellId> {
    match listed.thread.place {
        ThreadPlace::Cell(_, cell) => Some(cell),
        _ => None,
    }
}

fn comment(listed: ListedComment, places: &Found) -> Option<v1::Comment> {
    let cell = cell_of(&listed)?;
    let (row, column) = place_of(cell, places);
    let ListedComment { thread, resolved_by, first } = listed;
    Some(v1::Comment {
        thread_id: thread.id.to_string(),
        row_id: cell.row,
        column_id: cell.column.to_string(),
        row,
        column,
        first: first.map(wire::message),
        messages: thread.last,
        resolved_micros: thread.resolved_micros.unwrap_or_default(),
        resolved_by: resolved_by.map(|by| by.name.to_string()).unwrap_or_default(),
    })
}

fn column_id(id: &str) -> Result<u64, ServiceError> {
    let column = id.parse().ok().filter(|id| i64::try_from(*id).is_ok_and(|id| id > 0));
    column.ok_or_else(|| ServiceError::malformed("column_id", "must be the id of a column"))
}

/// One id for one request.
fn comment_id(identity: &Identity, client: Uuid, sheet: SheetId, cell: CellId) -> ThreadId {
    let mut hash = Sha256::new();
    for id in [identity.account.0, client, sheet.0] {
        hash.update(id.as_bytes());
    }
    hash.update(cell.row.to_be_bytes());
    hash.update(cell.column.to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    ThreadId(Uuid::from_bytes(bytes))
}

fn no_row() -> ServiceError {
    ServiceError::malformed(
        "row_id",
        "must be a row that is in the sheet now; it was deleted, or never was there",
    )
}

fn no_column() -> ServiceError {
    ServiceError::malformed(
        "column_id",
        "must be a column that is in the sheet now; it was deleted, or never was there",
    )
}

fn not_the_author() -> StatusBuilder {
    let message = "a comment is deleted by the author of its first message, or by the owner of the sheet; resolve it instead";
    StatusBuilder::new(Code::PermissionDenied, "NOT_THE_AUTHOR", message)
}

fn too_many() -> StatusBuilder {
    let message = format!("the sheet has {COMMENTS_OF_SHEET} comments, the most it may have");
    StatusBuilder::new(Code::ResourceExhausted, "COMMENTS_EXCEEDED", message)
        .with("limit", COMMENTS_OF_SHEET)
}

#[tonic::async_trait]
impl CommentService for Comments {
    async fn add_comment(
        &self,
        request: Request<v1::AddCommentRequest>,
    ) -> Result<Response<v1::AddCommentResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.add(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn list_comments(
        &self,
        request: Request<v1::ListCommentsRequest>,
    ) -> Result<Response<v1::ListCommentsResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.list(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn count_comments(
        &self,
        request: Request<v1::CountCommentsRequest>,
    ) -> Result<Response<v1::CountCommentsResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.count(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn resolve_comment(
        &self,
        request: Request<v1::ResolveCommentRequest>,
    ) -> Result<Response<v1::ResolveCommentResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.resolve(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::ResolveCommentResponse {}))
    }

    async fn delete_comment(
        &self,
        request: Request<v1::DeleteCommentRequest>,
    ) -> Result<Response<v1::DeleteCommentResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.delete(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::DeleteCommentResponse {}))
    }
}
