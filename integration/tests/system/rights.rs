//! Every rpc and every client frame as each kind of caller: without a token, a stranger, and each role on the sheet; on
//! one server, and on three.
//!
//! Not the roles that change: see `ended`, and `sharing`. Not the rights on an object: see `holders`. Invariant: an rpc or a
//! frame that is new has a rule here, since the list is the server's own description.

#[path = "rights/described.rs"]
mod described;
#[path = "rights/ended.rs"]
mod ended;
#[path = "rights/holders.rs"]
mod holders;
#[path = "rights/raw.rs"]
pub(crate) mod raw;
#[path = "rights/requests.rs"]
mod requests;

use std::collections::BTreeMap;

use client::Client;
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    NativeSession, Server, WebConnection, email_of, new_sheet, sign_up_with_token, within,
};
use tonic::Code;

use self::described::{descriptors, rpcs};
use self::raw::{call, channel};
use self::requests::request;
use crate::sharing::edit;
use crate::three_servers::Three;

/// The callers that may make a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// Callers without a token.
    Public,
    /// Each account, on what is its own.
    Account,
    /// Accounts with this role on the sheet of the request, or a higher one.
    Least(Role),
    /// Accounts with the right of an operator.
    Operator,
    /// The account that opened the session or the import, that has a role on the file, that has the job, or that was given the link.
    Holder,
}

const RULES: [(&str, Rule); 112] = [
    ("AccountService/SignUp", Rule::Public),
    ("AccountService/SignIn", Rule::Public),
    ("AccountService/RequestPasswordReset", Rule::Public),
    ("AccountService/ResetPassword", Rule::Public),
    ("AccountService/ConfirmEmail", Rule::Public),
    ("AccountService/GetServerSettings", Rule::Public),
    ("AccountService/BeginProviderSignIn", Rule::Public),
    ("AccountService/FinishProviderSignIn", Rule::Public),
    ("AccountService/RenewToken", Rule::Account),
    ("AccountService/DeleteAccount", Rule::Account),
    ("AccountService/SignOut", Rule::Account),
    ("AccountService/WhoAmI", Rule::Account),
    ("AccountService/SignOutEverywhere", Rule::Account),
    ("AccountService/ChangePassword", Rule::Account),
    ("AccountService/UpdateAccount", Rule::Account),
    ("AccountService/ListTokens", Rule::Account),
    ("AccountService/RevokeToken", Rule::Account),
    ("ChatService/ListThreads", Rule::Account),
    ("ChatService/ListMessages", Rule::Least(Role::Viewer)),
    ("ChatService/SendMessage", Rule::Least(Role::Commenter)),
    ("ChatService/EditMessage", Rule::Holder),
    ("ChatService/DeleteMessage", Rule::Holder),
    ("ChatService/MarkRead", Rule::Least(Role::Viewer)),
    ("ChatService/SetTyping", Rule::Least(Role::Commenter)),
    ("CommentService/AddComment", Rule::Least(Role::Commenter)),
    ("CommentService/ListComments", Rule::Least(Role::Viewer)),
    ("CommentService/CountComments", Rule::Least(Role::Viewer)),
    ("CommentService/ResolveComment", Rule::Holder),
    ("CommentService/DeleteComment", Rule::Holder),
    ("FileService/StartUpload", Rule::Account),
    ("FileService/UploadPiece", Rule::Holder),
    ("FileService/GetUpload", Rule::Holder),
    ("FileService/ListUploads", Rule::Account),
    ("FileService/FinishUpload", Rule::Holder),
    // One that is not the caller's counts as one that has ended.
    ("FileService/CancelUpload", Rule::Account),
    ("FileService/ListFiles", Rule::Account),
    ("FileService/GetFile", Rule::Holder),
    ("FileService/RenameFile", Rule::Holder),
    ("FileService/RemoveFile", Rule::Holder),
    ("FileService/RestoreFile", Rule::Holder),
    ("FileService/DownloadFile", Rule::Holder),
    ("FileService/CreateDownloadLink", Rule::Holder),
    ("FileService/DeleteOriginal", Rule::Holder),
    ("FileService/ListFileShares", Rule::Holder),
    ("FileService/ShareFile", Rule::Holder),
    ("FileService/UnshareFile", Rule::Holder),
    ("FileService/LeaveFile", Rule::Holder),
    ("FileService/GetFileUsage", Rule::Account),
    ("JobService/GetJob", Rule::Holder),
    ("JobService/GetJobPlan", Rule::Holder),
    ("JobService/ListJobs", Rule::Account),
    ("JobService/CancelJob", Rule::Holder),
    ("JobService/RetryJob", Rule::Holder),
    // Of a job by its id: see the jobs of persons.
    ("JobService/WatchJobs", Rule::Account),
    ("NoticeService/Watch", Rule::Account),
    ("NoticeService/ListNotices", Rule::Account),
    ("NoticeService/MarkNoticesRead", Rule::Account),
    ("OperatorService/ListWorkers", Rule::Operator),
    ("OperatorService/ListAllJobs", Rule::Operator),
    ("OperatorService/CancelAnyJob", Rule::Operator),
    ("OperatorService/RetryAnyJob", Rule::Operator),
    ("PeopleService/SearchPeople", Rule::Least(Role::Viewer)),
    ("LiveService/Collaborate", Rule::Least(Role::Viewer)),
    ("LiveService/Watch", Rule::Least(Role::Viewer)),
    ("LiveService/Send", Rule::Holder),
    ("LiveService/Connect", Rule::Account),
    // Beside the connection, the role on the sheet: see the test of attached sessions.
    ("LiveService/Attach", Rule::Holder),
    // Beside the connection, the token of the call: the notices are those of its account.
    ("LiveService/AttachNotices", Rule::Holder),
    ("LiveService/Detach", Rule::Holder),
    ("LiveService/KeepConnection", Rule::Holder),
    ("DerivationService/DeriveTable", Rule::Holder),
    ("DerivationService/PreviewColumns", Rule::Holder),
    ("DerivationService/EnrichTable", Rule::Holder),
    ("DerivationService/PreviewEnrichment", Rule::Holder),
    ("SharingService/ListShares", Rule::Least(Role::Viewer)),
    ("SharingService/Share", Rule::Least(Role::Owner)),
    ("SharingService/Unshare", Rule::Least(Role::Owner)),
    ("SharingService/CreateLink", Rule::Least(Role::Owner)),
    ("SharingService/DeleteLink", Rule::Least(Role::Owner)),
    ("SharingService/OpenLink", Rule::Holder),
    ("SharingService/EnterAsGuest", Rule::Public),
    ("SharingService/TransferSheet", Rule::Least(Role::Owner)),
    ("SharingService/LeaveSheet", Rule::Least(Role::Viewer)),
    ("SheetService/CreateSheet", Rule::Account),
    ("SheetService/GetSheet", Rule::Least(Role::Viewer)),
    ("SheetService/ListSheets", Rule::Account),
    ("SheetService/UpdateSheet", Rule::Least(Role::Editor)),
    ("SheetService/DeleteSheet", Rule::Least(Role::Owner)),
    ("SheetService/UndeleteSheet", Rule::Least(Role::Owner)),
    ("SheetService/ReadCells", Rule::Least(Role::Viewer)),
    ("SheetService/QueryRows", Rule::Least(Role::Viewer)),
    ("SheetService/LocateRows", Rule::Least(Role::Viewer)),
    ("SheetService/ApplyEdits", Rule::Least(Role::Editor)),
    ("SheetService/ConvertColumn", Rule::Least(Role::Editor)),
    ("SheetService/ListChanges", Rule::Least(Role::Viewer)),
    ("SheetService/GetRevision", Rule::Least(Role::Viewer)),
    ("SheetService/RestoreRevision", Rule::Least(Role::Editor)),
    ("SheetService/ExportSheet", Rule::Least(Role::Viewer)),
    ("SheetService/StartImport", Rule::Account),
    ("SheetService/PreviewImport", Rule::Account),
    ("SheetService/ImportChunk", Rule::Holder),
    ("SheetService/FinishImport", Rule::Holder),
    ("SheetService/CancelImport", Rule::Holder),
    ("TableService/PreviewFile", Rule::Holder),
    ("TableService/ReadFile", Rule::Holder),
    ("TableService/ListTables", Rule::Holder),
    ("TableService/ReadTableRows", Rule::Holder),
    ("TableService/MakeView", Rule::Holder),
    ("TableService/SummarizeColumn", Rule::Holder),
    ("TransferService/FillSheet", Rule::Holder),
    ("TransferService/SaveTable", Rule::Holder),
    ("TransferService/SaveSheet", Rule::Least(Role::Viewer)),
];

/// The lowest role that may send a frame.
const FRAMES: [(&str, Role); 6] = [
    ("hello", Role::Viewer),
    ("edit", Role::Editor),
    ("look", Role::Viewer),
    ("refresh", Role::Viewer),
    ("ping", Role::Viewer),
    ("presence", Role::Viewer),
];

/// The roles, the lowest first; their numbers on the wire have another order.
const ROLES: [Role; 4] = [Role::Viewer, Role::Commenter, Role::Editor, Role::Owner];

fn rank(role: Role) -> Option<usize> {
    ROLES.iter().position(|it| *it == role)
}

/// An account of each role on a sheet; the owner is the first one.
struct People {
    owner: Client,
    tokens: BTreeMap<usize, String>,
    emails: BTreeMap<usize, String>,
    stranger: String,
}

impl People {
    async fn sign_up(server: &Server) -> Self {
        let (owner, token) = sign_up_with_token(server).await;
        let mut people = Self {
            owner,
            tokens: BTreeMap::from([(3, token)]),
            emails: BTreeMap::new(),
            stranger: sign_up_with_token(server).await.1,
        };
        for rank in 0..3 {
            let (client, token) = sign_up_with_token(server).await;
            people.tokens.insert(rank, token);
            people.emails.insert(rank, email_of(&client).await);
        }
        people
    }

    /// A new sheet of the owner on which each of the others has its role.
    async fn sheet(&self) -> String {
        let sheet = new_sheet(&self.owner, "Shared", 6).await;
        for (rank, email) in &self.emails {
            self.owner.share(&sheet, email, ROLES[*rank]).await.expect("is shared");
        }
        sheet
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rpc_has_a_rule_and_keeps_it_for_each_role() {
    rpcs_keep_their_rules(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_attached_under_the_rights_of_its_own_token() {
    attached_sessions_keep_their_rights(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_frame_has_a_rule_and_keeps_it_for_each_role() {
    frames_keep_their_rules(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_kept_by_each_of_three_servers() {
    let three = Three::start(&["--drain-seconds", "1"]).await;
    let servers: Vec<&Server> = three.running().collect();
    rpcs_keep_their_rules(&servers).await;
    attached_sessions_keep_their_rights(&servers).await;
    frames_keep_their_rules(&servers).await;
}

/// Sheets are made and shared at the first server; the servers take turns at the calls.
async fn rpcs_keep_their_rules(servers: &[&Server]) {
    let people = People::sign_up(servers[0]).await;
    let mut channels = Vec::new();
    for server in servers {
        channels.push(channel(server).await);
    }
    let mut channels = channels.iter().cycle();
    let mut call = async |rpc: &str, sheet: &str, token: Option<&str>| {
        let channel = channels.next().expect("a server");
        call(channel, rpc, request(rpc, sheet), token).await
    };
    let rules = BTreeMap::from(RULES);
    let rpcs = rpcs();
    assert!(rules.keys().all(|rpc| rpcs.contains_key(*rpc)), "a rule of no rpc");
    for (rpc, names_sheet) in rpcs {
        let rule = rules.get(&*rpc).copied();
        let rule = rule.unwrap_or_else(|| panic!("{rpc} has no rule: which callers may call it?"));
        let of_sheet = matches!(rule, Rule::Least(_));
        assert!(of_sheet || !names_sheet, "{rpc} names a sheet");
        let sheet = people.sheet().await;
        let without = call(&rpc, &sheet, None).await;
        // A sign-in without an address is refused like one with a wrong password.
        assert!(without == Code::Unauthenticated || rule == Rule::Public, "{rpc}: {without:?}");
        let Rule::Least(least) = rule else {
            if rule == Rule::Holder {
                let other = call(&rpc, &sheet, Some(&people.stranger)).await;
                assert_eq!(other, Code::NotFound, "{rpc} of another account");
            }
            if rule == Rule::Operator {
                let other = call(&rpc, &sheet, Some(&people.stranger)).await;
                assert_eq!(other, Code::PermissionDenied, "{rpc} without the right");
            }
            continue;
        };
        let stranger = call(&rpc, &sheet, Some(&people.stranger)).await;
        assert_eq!(stranger, Code::NotFound, "{rpc} by a stranger");
        for (role, token) in &people.tokens {
            let code = call(&rpc, &sheet, Some(token)).await;
            let refused =
                matches!(code, Code::PermissionDenied | Code::NotFound | Code::Unauthenticated);
            let allowed = Some(*role) >= rank(least);
            // The request has nothing but the id, so that it may be malformed behind the check.
            let expected = if allowed { !refused } else { code == Code::PermissionDenied };
            // There is no address and no link to end.
            let none = matches!(&*rpc, "SharingService/DeleteLink") && code == Code::NotFound;
            assert!(expected || (allowed && none), "{rpc} by {:?}: {code:?}", ROLES[*role]);
        }
    }
}

/// Each connection is at one server, and its calls come to another one.
async fn attached_sessions_keep_their_rights(servers: &[&Server]) {
    let people = People::sign_up(servers[0]).await;
    let mut turns = servers.iter().cycle();
    let mut open = async |token: &str| {
        let mut connection =
            WebConnection::open(turns.next().expect("a server").url(), token).await;
        connection.call_at(turns.next().expect("a server").url());
        connection
    };
    let sheet = people.sheet().await;
    let hello = || v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    // A connection gives no right: neither to its own account, nor to the accounts of its sessions.
    let mut of_stranger = open(&people.stranger).await;
    let refused = of_stranger.attach(1, hello()).await.expect_err("has no role");
    assert_eq!(refused.code(), Code::NotFound);
    for (number, (role, token)) in (2..).zip(&people.tokens) {
        of_stranger.attach_as(token, number, hello()).await.expect("has a role");
        assert_eq!(of_stranger.welcome(number).await.role(), ROLES[*role]);
        let mut own = open(token).await;
        assert_eq!(own.join(1, hello()).await.role(), ROLES[*role]);
        let refused = own.attach_as(&people.stranger, 2, hello()).await;
        assert_eq!(refused.expect_err("has no role").code(), Code::NotFound);
        let refused = own.attach_as("made-up", 3, hello()).await;
        assert_eq!(refused.expect_err("is no token").code(), Code::Unauthenticated);
        let refused = own.attach_notices(Some("made-up"), 3, None).await;
        assert_eq!(refused.expect_err("is no token").code(), Code::Unauthenticated);
    }
}

/// A frame of each kind.
fn frame(name: &str, token: &str) -> ClientFrame {
    match name {
        "edit" => edit(1),
        "look" => ClientFrame::Look(v1::Look::default()),
        "refresh" => ClientFrame::Refresh(v1::Refresh { token: token.to_owned() }),
        "ping" => ClientFrame::Ping(v1::Ping { nonce: 1 }),
        "presence" => ClientFrame::Presence(v1::Presence::default()),
        other => panic!("a frame of another kind: {other}"),
    }
}

async fn frames_keep_their_rules(servers: &[&Server]) {
    let people = People::sign_up(servers[0]).await;
    let mut turns = servers.iter().cycle();
    let set = descriptors();
    let messages = set.file.iter().flat_map(|file| &file.message_type);
    let frames = messages.filter(|it| it.name() == "ClientFrame").flat_map(|it| &it.field);
    let rules = BTreeMap::from(FRAMES);
    for field in frames {
        let name = field.name();
        let least = rules.get(name).unwrap_or_else(|| panic!("the frame {name} has no rule"));
        if name == "hello" {
            // It opens the session: the walk over rpcs has it.
            continue;
        }
        let sheet = people.sheet().await;
        for (role, token) in &people.tokens {
            let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
            let server = turns.next().expect("a server");
            let mut session = NativeSession::open(server, token, hello).await;
            let Ok(Frame::Welcome(welcome)) = session.next().await else { panic!("no welcome") };
            assert_eq!(welcome.role(), ROLES[*role]);
            session.send(frame(name, token));
            session.send(ClientFrame::Ping(v1::Ping { nonce: 7 }));
            let allowed = Some(*role) >= rank(*least);
            let mut rejected = false;
            loop {
                match within("a frame", session.next()).await.expect("the session stays open") {
                    Frame::Rejected(_) => rejected = true,
                    Frame::Pong(v1::Pong { nonce: 7 }) => break,
                    _ => {}
                }
            }
            assert_eq!(rejected, !allowed, "{name} by {:?}", ROLES[*role]);
        }
    }
}
