//! The fixed bounds of one connection, one request and one stranger (a caller without a token), each with its unit.
//!
//! Not here: the limits that an operator sets and a client receives (the parent). Invariant: the memory of the server
//! that a caller without a token occupies is bounded, in bytes and in time.

use std::time::Duration;

use crate::allowance::Rate;

/// Commands in one list.
pub const LIST_COMMANDS: usize = 1_000;

/// Nodes of a filter: conditions, `all`, `any` and `not`.
pub const FILTER_NODES: u32 = 256;
/// Levels of a filter.
pub const FILTER_LEVELS: u32 = 8;
/// Conditions in a filter.
pub const FILTER_CONDITIONS: u32 = 64;
/// Values of all conditions of a filter together.
pub const FILTER_VALUES: usize = 1_000;
/// Columns to sort by.
pub const ORDER_LEVELS: usize = 8;
/// Searches of all callers at one time: each may keep a core of the database's machine busy.
pub const SEARCHES: usize = 4;
/// Searches of one account at one time; further ones wait for them.
pub const SEARCHES_OF_ACCOUNT: usize = 1;
/// How long a caller waits for its search. Postgres gives up earlier, where it can.
pub const SEARCH_WITHIN: Duration = Duration::from_secs(30);

/// Connections at once, or as many as the limit of open files leaves. For a further one the connection without a token
/// that has been silent longest is closed.
pub const CONNECTIONS: usize = 10_000;
/// Connections that an account keeps, when others need room, however many accounts there are.
pub const ACCOUNT_CONNECTIONS_KEPT: usize = 32;
/// Connections that are closed for another and have not ended yet, and those that are refused.
pub const CONNECTIONS_ENDING: usize = 64;
/// Open files that connections leave for the journal, Postgres, Redis, exports and other nodes.
pub const DESCRIPTORS_KEPT: usize = 200;
/// Connections without a place that are answered before they are closed, at once.
pub const TURNED_AWAY_AT_ONCE: usize = 32;
/// How long such an answer may take.
pub const TURNED_AWAY_WITHIN: Duration = Duration::from_secs(1);
/// When such a client may try again, in seconds.
pub const TURNED_AWAY_RETRY_SECONDS: u32 = 10;
/// Streams at once on one connection.
pub const CONNECTION_STREAMS: u32 = 1_024;
/// Sessions at once on one connection of `LiveService.Connect`: the tabs of a browser.
pub const CONNECTION_SESSIONS: usize = 256;
/// How long such a connection stays open without a call of its client.
pub const CONNECTION_SILENT: Duration = Duration::from_secs(30);
/// The bytes that a client may send ahead on one stream.
pub const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
/// The same, of all streams of a connection together, for the first connections.
pub const CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// The same for a connection among very many.
pub const CONNECTION_WINDOW_BYTES_LEAST: u32 = 64 * 1024;
/// What the connections of one network may send ahead together, beside the least of each; a new one gets a part
/// of what is left, by [`NETWORK_WINDOWS`].
pub const NETWORK_WINDOWS_BYTES: usize = 256 * 1024 * 1024;
/// The parts of it.
pub const NETWORK_WINDOWS: usize = 64;
/// The same of all connections.
pub const SERVER_WINDOWS_BYTES: usize = 512 * 1024 * 1024;
/// The parts of it.
pub const SERVER_WINDOWS: usize = 128;
/// The bytes that requests under way and unread answers of one connection hold; 16 messages, where those are larger.
pub const CONNECTION_HELD_BYTES: usize = 64 * 1024 * 1024;
/// The same of the connections of one network that have shown a valid token.
pub const NETWORK_HELD_BYTES: usize = 128 * 1024 * 1024;
/// The same of all such connections.
pub const SERVER_HELD_BYTES: usize = 256 * 1024 * 1024;
/// The same of the connections of one network that have shown none, in a sum of their own.
pub const NETWORK_STRANGERS_HELD_BYTES: usize = 32 * 1024 * 1024;
/// The same of all such connections.
pub const SERVER_STRANGERS_HELD_BYTES: usize = 64 * 1024 * 1024;
/// The same of a connection that has shown no valid token.
pub const STRANGER_HELD_BYTES: usize = 2 * 1024 * 1024;
/// The decoded frames of all sessions of one account that `Send` has received and the sessions have not read.
pub const ACCOUNT_SENDS_BYTES: usize = 32 * 1024 * 1024;
/// The same of all accounts.
pub const SERVER_SENDS_BYTES: usize = 128 * 1024 * 1024;
/// The head of a request on HTTP/1.1, and the part of an answer that waits for its connection.
pub const HTTP_1_BYTES: usize = 64 * 1024;
/// The bytes that wait on one stream for the connection; more of an answer waits where it is made.
pub const STREAM_SEND_BYTES: usize = 64 * 1024;
/// Pieces in which an answer is handed to its connection.
pub const ANSWER_PIECE_BYTES: usize = 16 * 1024;
/// The headers of one request.
pub const HEADER_BYTES: u32 = 16 * 1024;

/// Calls at once on one connection that need no token: sign-in, health, reflection, files. A browser
/// and a balancer have a handful.
pub const STRANGER_CALLS: usize = 64;
/// The message of a call that needs no token. A name of 10,000 characters fits, so that it is refused by its field.
pub const ACCOUNT_MESSAGE_BYTES: usize = 64 * 1024;
/// All bytes of one call that needs no token, also of many messages.
pub const STRANGER_CALL_BYTES: usize = 64 * 1024;
/// How long a stream without a token lives: a watch of health, or reflection.
pub const STRANGER_STREAM_WITHIN: Duration = Duration::from_secs(600);
/// A question about health or reflection.
pub const QUESTION_BYTES: usize = 4 * 1024;
/// All files of the browser application.
pub const WEB_FILES_BYTES: u64 = 256 * 1024 * 1024;

/// Wrong passwords in a row for one e-mail address from one network, and how soon one more is allowed. Beyond it, a network
/// from which the account has signed in before waits for [`PAIR_SIGN_IN_WAIT`], one sign-in at a time, and others are refused.
pub const PAIR_ATTEMPTS: Rate = Rate { burst: 10, one_each: Duration::from_secs(30) };
/// The same for one e-mail address from all networks together. Beyond it, networks from which the account has
/// signed in before wait for [`THROTTLED_SIGN_IN_WAIT`], and others are refused.
pub const EMAIL_ATTEMPTS: Rate = Rate { burst: 100, one_each: Duration::from_secs(30) };
/// How long such a sign-in of one network waits in its turn: a program with an old password keeps its owner waiting, not out.
pub const PAIR_SIGN_IN_WAIT: Duration = Duration::from_secs(3);
/// Sign-ins of one address from one network that wait so at a node; a further one is refused.
pub const PAIR_SIGN_INS_WAITING: usize = 8;
/// How long a sign-in beyond [`EMAIL_ATTEMPTS`] waits.
pub const THROTTLED_SIGN_IN_WAIT: Duration = Duration::from_secs(1);
/// Wrong passwords from one network, at one node, beside those for accounts that have signed in from it before.
pub const NETWORK_ATTEMPTS: Rate = Rate { burst: 100, one_each: Duration::from_secs(1) };
/// Sign-ups from one network, over all nodes, also those for an address that has an account.
pub const NETWORK_SIGN_UPS: Rate = Rate { burst: 100, one_each: Duration::from_secs(30) };
/// Requests for a password link for one e-mail address from one network, over all nodes.
pub const PAIR_RESETS: Rate = Rate { burst: 3, one_each: Duration::from_secs(600) };
/// The same for one e-mail address from all networks together, but for those from which its account has signed in. More
/// than one link comes within [`RESET_VALID`], so requests of others leave the owner a valid one.
pub const EMAIL_RESETS: Rate = Rate { burst: 5, one_each: Duration::from_secs(600) };
/// The same from one network, for all addresses, over all nodes.
pub const NETWORK_RESETS: Rate = Rate { burst: 30, one_each: Duration::from_secs(30) };
/// Letters about sign-ups to an address with an account, over all nodes; further ones are left out.
pub const KNOWN_LETTERS: Rate = EMAIL_RESETS;
/// Attempts to use a password link from one network, at one node. A made-up link costs no lookup.
pub const NETWORK_RESET_ATTEMPTS: Rate = Rate { burst: 30, one_each: Duration::from_secs(10) };
/// Sign-ins with an OpenID provider that one network begins, at one node, and those that it ends without an account.
pub const NETWORK_PROVIDER_SIGN_INS: Rate = NETWORK_ATTEMPTS;
/// Codes of an OpenID provider that are exchanged at once; a further sign-in is refused, and may come again.
pub const PROVIDER_EXCHANGES: usize = 16;
/// Those of one network.
pub const NETWORK_PROVIDER_EXCHANGES: u32 = 8;
/// How long a sign-in with an OpenID provider may take, with the person's own steps there.
pub const PROVIDER_SIGN_IN_VALID: Duration = Duration::from_secs(15 * 60);
/// How long the owner of an account without a password may delete it after having signed in again.
pub const PROVEN_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How long a password link is valid.
pub const RESET_VALID: Duration = Duration::from_secs(60 * 60);
/// How long a link that confirms an address is valid.
pub const CONFIRMATION_VALID: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an invitation is valid.
pub const INVITATION_VALID: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Jobs at once of a node that send letters of one kind.
pub const LETTERS_AT_ONCE: usize = 4;
/// How long one attempt to send a mail may take.
pub const MAIL_WITHIN: Duration = Duration::from_secs(60);
/// The same for each step of it.
pub const MAIL_STEP_WITHIN: Duration = Duration::from_secs(20);
/// Valid tokens of one account: programs that are signed in to it. For a further one the one used longest ago ends.
pub const TOKENS_OF_ACCOUNT: u32 = 1_000;
/// How long after a sign-in its tokens are renewed, and the renewed ones end.
pub const SIGN_IN_VALID: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long a token is valid after another one was given out in its place.
pub const RENEWED_KEPT: Duration = Duration::from_secs(5 * 60);
/// Unknown tokens of earlier releases from one network, at one node. A made-up token in the form of this release
/// costs no lookup.
pub const UNKNOWN_TOKENS: Rate = Rate { burst: 100, one_each: Duration::from_secs(1) };
/// Connections to Postgres that calls without a token use at once.
pub const STRANGER_QUERIES: usize = 4;
/// Sign-ins that wait for a password to be checked: of accounts from known networks, and as many of others.
pub const SIGN_INS_WAITING: usize = 256;
/// Those of one network among the others.
pub const NETWORK_SIGN_INS_WAITING: u32 = 32;
/// Sign-ups that wait for a password to be hashed.
pub const SIGN_UPS_WAITING: usize = 64;
/// Those of one network.
pub const NETWORK_SIGN_UPS_WAITING: u32 = 8;

/// The PROXY header of one connection, version 2 with its further fields.
pub const PROXY_HEADER_BYTES: usize = 4 * 1024;
/// The line that is the header in version 1, as its definition has it.
pub const PROXY_LINE_BYTES: usize = 107;
/// How long a trusted proxy may take to send it.
pub const PROXY_HEADER_WITHIN: Duration = Duration::from_secs(5);

/// Handshakes of TLS at once; a further one ends the oldest.
pub const HANDSHAKES: usize = 1_024;
/// How long a handshake of TLS may take: several round trips of a slow network.
pub const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How often the files of the certificate are read again.
pub const CERTIFICATE_READ_EVERY: Duration = Duration::from_secs(5);

/// How long a new connection may take to send the bytes from which its protocol is known.
pub const FIRST_BYTES_WITHIN: Duration = Duration::from_secs(10);
/// The interval between pings on a connection without traffic.
pub const KEEPALIVE_EVERY: Duration = Duration::from_secs(20);
/// How long the answer to a ping may take; then the connection is closed.
pub const KEEPALIVE_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection that has shown no token may be without a call, also when it answers pings.
pub const IDLE_WITHOUT_TOKEN: Duration = Duration::from_secs(60);
/// The same for one that has.
pub const IDLE_WITH_TOKEN: Duration = Duration::from_secs(900);
/// How long an idle connection may take to end.
pub const IDLE_ENDS_WITHIN: Duration = Duration::from_secs(10);
/// The longest time between two received bytes of a message.
pub const MESSAGE_QUIET_AT_MOST: Duration = Duration::from_secs(30);
/// The longest time from the first to the last byte of a message: 4 MiB at 14 KiB/s.
pub const MESSAGE_WITHIN: Duration = Duration::from_secs(300);
/// How long the server waits for the reader of an unfinished answer to take a byte.
pub const ANSWER_QUIET_AT_MOST: Duration = Duration::from_secs(60);
/// The ceiling of a unary call: longer than the slowest message takes, and then the longest import.
pub const CALL_WITHIN: Duration = Duration::from_secs(900);
/// The ceiling of the time until a stream has its first answer.
pub const STREAM_OPENS_WITHIN: Duration = Duration::from_secs(60);

/// Cells, runs and values in the frames of all sessions of one account: twenty of the largest edits at once, and twenty in
/// each second. Further frames are read later. The fields of an account's large requests have the same rate.
pub const FRAME_ITEMS: Rate = Rate { burst: 2_000_000, one_each: Duration::from_nanos(500) };
/// E-mail addresses that one sheet is shared with.
pub const SHARES_OF_SHEET: u32 = 1_000;
/// Links of one sheet that have not ended.
pub const LINKS_OF_SHEET: u32 = 100;
/// Accounts that have opened one link, with guests whose tokens have not ended.
pub const MEMBERS_OF_LINK: u32 = 10_000;
/// How long the name of a guest is kept who can't come back, and of an account that was deleted: as long as history is,
/// unless an operator sets that.
pub const GUESTS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Sheets that one call deletes or gives away with their owner's account.
pub const SHEETS_AT_ONCE: usize = 100;
/// How long an address without confirmation keeps its account.
pub const UNCONFIRMED_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// E-mail addresses that one account adds to its sheets: 400 at once, and 200 in an hour.
pub const SHARES_OF_ACCOUNT: Rate = Rate { burst: 400, one_each: Duration::from_secs(18) };

/// Lists of the roles on a sheet that one account reads at a node: 120 at once, and four in a second.
pub const SHARE_LISTS: Rate = Rate { burst: 120, one_each: Duration::from_millis(250) };
/// Changes of the role of one address by one account, on all its sheets and over all nodes: each writes a notice. The end
/// of a role is never refused.
pub const ROLE_CHANGES_OF_PAIR: Rate = Rate { burst: 1_000, one_each: Duration::from_secs(18) };
/// Letters by which one account invites addresses, over all nodes: as many as addresses that it adds.
pub const ACCOUNT_INVITATIONS: Rate = SHARES_OF_ACCOUNT;
/// Letters that invite one address, over all nodes and accounts; further ones are left out.
pub const ADDRESS_INVITATIONS: Rate = Rate { burst: 5, one_each: Duration::from_secs(6 * 60 * 60) };
/// Letters by which the accounts of one network invite addresses, over all nodes.
pub const NETWORK_INVITATIONS: Rate = Rate { burst: 1_000, one_each: Duration::from_secs(9) };
/// The same of all accounts; further ones are left out, so that no account keeps another one from sharing.
pub const SERVER_INVITATIONS: Rate = Rate { burst: 5_000, one_each: Duration::from_secs(2) };
/// When an account may invite again that has as many letters waiting as it may.
pub const INVITATIONS_RETRY: Duration = Duration::from_secs(60);

/// Calls of one account that ask Postgres at once; further ones wait for them.
pub const CALLS_AT_ONCE: usize = 8;
/// Unary edits of one account at once; further ones wait for them.
pub const EDITS_AT_ONCE: usize = 128;
/// Exports of one account at once; further ones wait for them.
pub const EXPORTS_AT_ONCE: usize = 2;
/// Conversions of columns of one account at once; further ones wait for them.
pub const CONVERSIONS_AT_ONCE: usize = 1;
/// Conversions of all accounts at once; further ones wait for them.
pub const CONVERSIONS: usize = 4;
/// Imports of one account that have a place; further ones wait for theirs.
pub const IMPORTS_AT_ONCE: usize = 2;
/// Exports of all accounts at once; further ones wait for them.
pub const EXPORTS: usize = 6;
/// Imports of all accounts that have a place: each takes it with its first bytes.
pub const IMPORTS: usize = 3;
/// Connections to Postgres for exports, imports and transfers, each of which holds one for minutes; further ones of a server.
pub const BULK_CONNECTIONS: usize = 13;
/// How long a piece of an import waits for a place before it is refused; its import stays in the queue.
pub const IMPORT_PLACE_WITHIN: Duration = Duration::from_secs(5);
/// Imports of one account that are begun, with a place or without.
pub const IMPORTS_BEGUN_OF_ACCOUNT: usize = 16;
/// The same of all accounts at a server.
pub const IMPORTS_BEGUN: usize = 8_192;
/// How long an import lasts that receives no byte.
pub const IMPORT_WITHOUT_BYTES: Duration = Duration::from_secs(600);
/// How long an import lasts without a call.
pub const IMPORT_QUIET_AT_MOST: Duration = Duration::from_secs(120);
/// How long an import keeps its place without a call while another one waits for it, and its turn in the queue.
pub const IMPORT_QUIET_WHEN_WANTED: Duration = Duration::from_secs(15);
/// The same after the connection of its last call has ended.
pub const IMPORT_WITHOUT_CONNECTION_WHEN_WANTED: Duration = Duration::from_secs(6);
/// How long an import may keep its place at any rate, and though nothing else waits: it is one transaction.
pub const IMPORT_WITHIN: Duration = Duration::from_secs(4 * 60 * 60);
/// How long the server answers the calls of an ended import with its sheet, or with the reason.
pub const IMPORT_END_KEPT: Duration = Duration::from_secs(15 * 60);
/// Ends of imports of all accounts that a server answers with.
pub const IMPORT_ENDS_KEPT: usize = 4_096;
/// The bytes of a second at which an export is read, on average, after a pause of a minute.
pub const LEAST_RATE: u64 = 64 * 1024;
/// The same while another account waits for a place; an import must be sent as fast then.
pub const LEAST_RATE_WANTED: u64 = 1024 * 1024;
/// How long an import or an export may last while another account waits for a place, at any rate.
pub const TRANSFER_WITHIN: Duration = Duration::from_secs(600);

const _: () = assert!(EXPORTS + IMPORTS <= BULK_CONNECTIONS);
const _: () = assert!(EXPORTS_AT_ONCE < EXPORTS && IMPORTS_AT_ONCE < IMPORTS);

/// Attempts at one job; then it has failed for good.
pub const JOB_ATTEMPTS: u32 = 3;
/// The parameters of one job, as JSON.
pub const JOB_PARAMETERS_BYTES: usize = 64 * 1024;
/// Characters of the reason why a job failed; the rest is cut.
pub const JOB_ERROR_CHARACTERS: usize = 2_000;
/// Jobs of one account that wait or run; a further one is refused.
pub const ACCOUNT_JOBS_WAITING: u64 = 100;
/// Jobs of one kind, those that have waited longest, among which a node takes those of the accounts that run fewest.
pub const JOBS_COMPARED: u32 = 2_000;
/// Waiting jobs of one kind that no account has asked for; a further one is refused.
pub const STRANGER_JOBS_WAITING: u64 = 1_000;
/// Those without an account do not fill the comparison.
const _: () = assert!(STRANGER_JOBS_WAITING + ACCOUNT_JOBS_WAITING < JOBS_COMPARED as u64);

/// How long the record of a job that is done is kept.
pub const DONE_JOBS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long that of a job that failed or was cancelled is kept.
pub const FAILED_JOBS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The text of one message, in UTF-8.
pub const MESSAGE_TEXT_BYTES: usize = 8 * 1024;
/// Persons that one message mentions.
pub const MESSAGE_MENTIONS: usize = 32;
/// What a message counts besides its text, in the stored bytes of its author.
pub const MESSAGE_OVERHEAD_BYTES: i64 = 300;
/// Messages, edits and deletions of messages of one account at a node: 600 at once, and four in a second.
pub const MESSAGES_OF_ACCOUNT: Rate = Rate { burst: 600, one_each: Duration::from_millis(250) };
/// The KiB of their texts, each begun one: 4 MiB at once, and 16 KiB in a second.
pub const MESSAGE_KIB_OF_ACCOUNT: Rate = Rate { burst: 4_096, one_each: Duration::from_millis(62) };
/// Messages, edits and deletions of messages of one guest at a node: 60 at once, and one in two seconds.
pub const MESSAGES_OF_GUEST: Rate = Rate { burst: 60, one_each: Duration::from_secs(2) };
/// The bytes that the messages of one guest may have together, each with its overhead.
pub const GUEST_MESSAGE_BYTES: u64 = 10 * 1024 * 1024;
/// Statements at once that write a message and its notices, of one account; further ones wait for them.
pub const WRITES_OF_ACCOUNT: usize = 2;
/// The same in the threads of one sheet, or in one thread of two persons, which wait for the same rows.
pub const WRITES_OF_PLACE: usize = 2;
/// Of so many connections for calls such statements have one at a server, and marks of what is read another one.
pub const CONNECTIONS_FOR_ONE_WRITE: usize = 3;
/// Reports of one account that it types or has read something: 60 at once, and ten in a second.
pub const REPORTS_OF_ACCOUNT: Rate = Rate { burst: 60, one_each: Duration::from_millis(100) };
/// Persons of a sheet that receive what happens in one of its threads, those who wrote there first. Others find it in
/// their lists.
pub const AUDIENCE_MOST: i64 = 500;
/// Persons that receive that another one types.
pub const TYPING_AUDIENCE: u32 = 100;
/// Comments on one sheet.
pub const COMMENTS_OF_SHEET: u32 = 100_000;
/// Most rows that one call names by id.
pub const NAMED_ROWS: usize = 1_000;
/// Cells in one answer about marks.
pub const COMMENT_MARKS: u32 = 10_000;
/// Open comments that are counted of one cell.
pub const COUNTED_COMMENTS: u32 = 100;
/// Items of one page of a list of messages, notices, comments or people.
pub const PEOPLE_PAGE_MOST: u32 = 100;
/// Searches for people of one account at a node: 60 at once, and two in a second.
pub const PEOPLE_SEARCHES: Rate = Rate { burst: 60, one_each: Duration::from_millis(500) };
/// Streams of notices of one account at a node. Each holds up to sixteen messages for its reader.
pub const NOTICE_STREAMS_OF_ACCOUNT: usize = 32;
/// Reads of Postgres at once for all streams of notices of one account at a node; further ones wait for them.
pub const NOTICE_READS_OF_ACCOUNT: usize = 2;
/// Events that a stream of notices reads at once.
pub const NOTICES_AT_ONCE: u32 = 16;
/// How long a notice is kept.
pub const NOTICES_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Messages and notices that are counted as unread at most.
pub const UNREAD_MOST: i64 = 100;
/// The newest unread notices among which those that an account may see are counted.
pub const UNREAD_LOOKED_AT: i64 = 4 * UNREAD_MOST;
