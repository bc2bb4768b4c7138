//! Comments on cells. Replies are messages of their threads: see `chat`.
//!
//! It keeps no comments. Invariant: each call is one request, but for those that read all pages.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

/// Comments on one page of a list of all.
const PAGE: u32 = 100;

impl Client {
    /// Comments on a cell, by the ids of its row and column. `client_id`: a UUID that makes the comment once.
    ///
    /// # Errors
    /// See `AddComment` in `comments.proto`.
    pub async fn add_comment(
        &self,
        sheet_id: &str,
        (row_id, column_id): (u64, &str),
        text: &str,
        client_id: &str,
    ) -> Result<v1::Comment, Error> {
        let request = v1::AddCommentRequest {
            sheet_id: sheet_id.to_owned(),
            row_id,
            column_id: column_id.to_owned(),
            client_id: client_id.to_owned(),
            text: text.to_owned(),
            mentions: Vec::new(),
        };
        let answer = self.comment_calls().add_comment(request).await?.into_inner();
        Ok(answer.comment.unwrap_or_default())
    }

    /// All comments of a sheet, the oldest first; of some rows, where any are named.
    ///
    /// # Errors
    /// See `ListComments` in `comments.proto`.
    pub async fn comments(
        &self,
        sheet_id: &str,
        row_ids: &[u64],
        resolved: bool,
    ) -> Result<Vec<v1::Comment>, Error> {
        let request = v1::ListCommentsRequest {
            sheet_id: sheet_id.to_owned(),
            row_ids: row_ids.to_vec(),
            resolved,
            page_size: PAGE,
            ..v1::ListCommentsRequest::default()
        };
        self.all_comments(request).await
    }

    /// All comments on a cell, by the ids of its row and column, the oldest first.
    ///
    /// # Errors
    /// See `ListComments` in `comments.proto`.
    pub async fn cell_comments(
        &self,
        sheet_id: &str,
        (row_id, column_id): (u64, &str),
        resolved: bool,
    ) -> Result<Vec<v1::Comment>, Error> {
        let request = v1::ListCommentsRequest {
            sheet_id: sheet_id.to_owned(),
            row_ids: vec![row_id],
            column_id: column_id.to_owned(),
            resolved,
            page_size: PAGE,
            ..v1::ListCommentsRequest::default()
        };
        self.all_comments(request).await
    }

    async fn all_comments(
        &self,
        mut request: v1::ListCommentsRequest,
    ) -> Result<Vec<v1::Comment>, Error> {
        let mut comments = Vec::new();
        loop {
            let page = self.comment_calls().list_comments(request.clone()).await?.into_inner();
            comments.extend(page.comments);
            if page.next_page_token.is_empty() {
                return Ok(comments);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// One comment of a sheet, open or resolved; `None` when the sheet has none with this thread.
    ///
    /// # Errors
    /// See `ListComments` in `comments.proto`.
    pub async fn comment(
        &self,
        sheet_id: &str,
        thread_id: &str,
    ) -> Result<Option<v1::Comment>, Error> {
        let request = v1::ListCommentsRequest {
            sheet_id: sheet_id.to_owned(),
            thread_id: thread_id.to_owned(),
            ..v1::ListCommentsRequest::default()
        };
        let page = self.comment_calls().list_comments(request).await?.into_inner();
        Ok(page.comments.into_iter().next())
    }

    /// The number of open comments of each cell of some rows, 100 at most.
    ///
    /// # Errors
    /// See `CountComments` in `comments.proto`.
    pub async fn comment_counts(
        &self,
        sheet_id: &str,
        row_ids: &[u64],
    ) -> Result<Vec<v1::CommentCount>, Error> {
        let (sheet_id, row_ids) = (sheet_id.to_owned(), row_ids.to_vec());
        let request = v1::CountCommentsRequest { sheet_id, row_ids };
        Ok(self.comment_calls().count_comments(request).await?.into_inner().cells)
    }

    /// Resolves a comment, or reopens it.
    ///
    /// # Errors
    /// See `ResolveComment` in `comments.proto`.
    pub async fn resolve_comment(&self, thread_id: &str, resolved: bool) -> Result<(), Error> {
        let request = v1::ResolveCommentRequest { thread_id: thread_id.to_owned(), resolved };
        self.comment_calls().resolve_comment(request).await?;
        Ok(())
    }

    /// Deletes a comment with its replies.
    ///
    /// # Errors
    /// See `DeleteComment` in `comments.proto`.
    pub async fn delete_comment(&self, thread_id: &str) -> Result<(), Error> {
        let request = v1::DeleteCommentRequest { thread_id: thread_id.to_owned() };
        self.comment_calls().delete_comment(request).await?;
        Ok(())
    }
}
