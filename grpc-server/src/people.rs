//! Persons to each other: chat, comments, notices, and the search for people.
//!
//! Not what a role allows (`edge::access`), and not the tables (the store). `threads` decides which thread a request
//! means and whether the caller may read or write there; `hub` wakes the streams of notices at this node.
//!
//! Invariant: each call on a thread passes `threads` first, and what a stream sends is read from Postgres by its number.

mod chat;
mod comments;
mod hub;
mod notices;
mod pages;
mod search;
mod streams;
mod text;
mod threads;
mod watch;
mod wire;
mod write_turns;

use std::sync::Arc;

use gridloom::v1::chat_service_server::ChatServiceServer;
use gridloom::v1::comment_service_server::CommentServiceServer;
use gridloom::v1::notice_service_server::NoticeServiceServer;
use gridloom::v1::people_service_server::PeopleServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use self::chat::Chat;
use self::comments::Comments;
use self::hub::Hub;
use self::notices::Notices;
use self::pages::PageSizes;
use self::search::Search;
pub(crate) use self::streams::{AttachedNotices, NoticeStreams};
use self::text::Writing;
use self::threads::Threads;
use crate::config::PeopleOptions;
use crate::edge::auth::Auth;
use crate::edge::quotas::Quotas;
use crate::edge::rights::role_check::RoleCheck;
use model::NodeId;
use model::limits::edge::ACCOUNT_MESSAGE_BYTES;
use redis_link::Bus;

/// The parts that the services use.
pub(crate) struct PeopleParts {
    pub(crate) roles: RoleCheck,
    pub(crate) auth: Arc<Auth>,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) node: NodeId,
    /// The bus to the other servers, where there are others.
    pub(crate) bus: Option<Bus>,
    pub(crate) options: PeopleOptions,
    /// The bytes of an answer.
    pub(crate) message_bytes: u32,
    /// Cancelled when the server is about to stop.
    pub(crate) stop: CancellationToken,
}

/// The services.
pub(crate) struct People {
    chat: Chat,
    comments: Comments,
    notices: Notices,
    search: Search,
    streams: NoticeStreams,
}

impl People {
    /// Starts the hub, until `stop`, and builds the services.
    pub(crate) fn start(parts: PeopleParts) -> Self {
        let PeopleParts { roles, auth, quotas, node, bus, options, message_bytes, stop } = parts;
        let (store, access) = (roles.store.clone(), roles.access.clone());
        let hub = Hub::start(roles.clone(), node, bus, stop.clone());
        let threads = Threads::new(store.clone(), access.clone(), options.finds_all());
        let writing = Arc::new(Writing::new(store.clone(), access.clone(), quotas));
        let page = PageSizes { items: options.people_page, message_bytes };
        let streams = NoticeStreams::new(store.clone(), auth.clone(), hub.clone(), stop);
        Self {
            chat: Chat::new(
                store.clone(),
                threads.clone(),
                Arc::clone(&writing),
                (auth, hub.clone()),
                page,
            ),
            comments: Comments::new(roles, threads, Arc::clone(&writing), hub, page),
            notices: Notices::new(store.clone(), streams.clone(), writing, page),
            search: Search::new(store, access, options, page),
            streams,
        }
    }

    /// The streams of notices, for connections that carry them among others.
    pub(crate) fn notice_streams(&self) -> NoticeStreams {
        self.streams.clone()
    }

    /// Adds the services, with the limit of their messages.
    pub(crate) fn add_to(self, routes: Routes, limit: usize) -> Routes {
        let asked = limit.min(ACCOUNT_MESSAGE_BYTES);
        let chat = ChatServiceServer::new(self.chat).max_decoding_message_size(asked);
        let comments = CommentServiceServer::new(self.comments).max_decoding_message_size(asked);
        let notices = NoticeServiceServer::new(self.notices).max_decoding_message_size(asked);
        let people = PeopleServiceServer::new(self.search).max_decoding_message_size(asked);
        routes
            .add_service(chat.max_encoding_message_size(limit))
            .add_service(comments.max_encoding_message_size(limit))
            .add_service(notices.max_encoding_message_size(limit))
            .add_service(people.max_encoding_message_size(limit))
    }
}
