//! Files that are shared: each rpc that names a file as each kind of caller, and what a role that ends leaves.
//!
//! Not the roles on sheets (`sharing`). Invariant: an rpc of these services that names a file has a rule here, since the list is
//! the server's own description.

use std::collections::{BTreeMap, BTreeSet};

use client::Client;
use gridloom::FILE_DESCRIPTOR_SET;
use gridloom::v1;
use gridloom::v1::{JobState, Role, SavedFormat};
use integration::harness::{Server, email_of, sign_up_with_token};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::Code;

use super::saves::{of_table, source};
use super::{Tables, begun, guesses, hold_account, numbers, page, sorted, values_of};
use crate::chat;
use crate::files::{Files, refused};
use crate::rights::raw::{call, channel};

/// The lowest role that may make a call.
const RULES: [(&str, Role); 23] = [
    ("FileService/GetFile", Role::Viewer),
    ("FileService/RenameFile", Role::Editor),
    ("FileService/RemoveFile", Role::Owner),
    ("FileService/RestoreFile", Role::Owner),
    ("FileService/DownloadFile", Role::Viewer),
    ("FileService/CreateDownloadLink", Role::Viewer),
    ("FileService/DeleteOriginal", Role::Owner),
    ("FileService/ListFileShares", Role::Viewer),
    ("FileService/ShareFile", Role::Owner),
    ("FileService/UnshareFile", Role::Owner),
    ("FileService/LeaveFile", Role::Viewer),
    ("TableService/PreviewFile", Role::Viewer),
    ("TableService/ReadFile", Role::Editor),
    ("TableService/ListTables", Role::Viewer),
    ("TableService/ReadTableRows", Role::Viewer),
    ("TableService/MakeView", Role::Viewer),
    ("TableService/SummarizeColumn", Role::Viewer),
    ("TransferService/FillSheet", Role::Viewer),
    ("TransferService/SaveTable", Role::Viewer),
    ("DerivationService/DeriveTable", Role::Viewer),
    ("DerivationService/PreviewColumns", Role::Viewer),
    ("DerivationService/EnrichTable", Role::Viewer),
    ("DerivationService/PreviewEnrichment", Role::Viewer),
];

const CSV: &[u8] = b"a,b\n1,x\n2,y\n";

/// An account with its calls.
struct Person {
    client: Client,
    tables: Tables,
    email: String,
}

impl Person {
    async fn sign_up(server: &Server) -> Self {
        let (client, token) = sign_up_with_token(server).await;
        let tables = Tables::of(server, Files::at(server, &token).await).await;
        let email = email_of(&client).await;
        Self { client, tables, email }
    }

    /// A file with a table.
    async fn file(&self) -> String {
        let file = self.tables.files.upload("a.csv", CSV).await.expect("is uploaded").id;
        self.tables.read(&file, guesses()).await;
        file
    }

    async fn share(&self, file: &str, with: &Self, role: Role) {
        let shared = self.client.share_file(file, &with.email, role).await.expect("is shared");
        let share = shared.share.expect("a role");
        assert_eq!((&*share.email, share.role(), shared.invites), (&*with.email, role, false));
    }
}

/// The rpcs of these services whose request names a file.
fn rpcs() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("is a set of descriptors");
    let messages: BTreeMap<String, bool> = set
        .file
        .iter()
        .flat_map(|file| &file.message_type)
        .map(|message| {
            let names = message.field.iter().any(|field| {
                field.name() == "file_id" || field.type_name() == ".gridloom.v1.TableSource"
            });
            (format!(".gridloom.v1.{}", message.name()), names)
        })
        .collect();
    let services = set.file.iter().flat_map(|file| &file.service);
    let named = services.flat_map(|service| {
        let of_files = ["FileService", "TableService", "TransferService", "DerivationService"]
            .contains(&service.name());
        let messages = &messages;
        let naming = service.method.iter().filter(move |method| {
            of_files && messages.get(method.input_type()).copied().unwrap_or_default()
        });
        naming.map(move |method| format!("{}/{}", service.name(), method.name()))
    });
    named.collect()
}

fn is_derivation(rpc: &str) -> bool {
    rpc.starts_with("DerivationService/")
}

/// A request that each allowed caller may make, or that lacks a part but the file.
fn request(rpc: &str, file: &str, email: &str) -> Vec<u8> {
    let (file_id, email) = (file.to_owned(), email.to_owned());
    match rpc {
        "FileService/RenameFile" => {
            let name = "b.csv".to_owned();
            v1::RenameFileRequest { file_id, name, etag: String::new() }.encode_to_vec()
        }
        "FileService/ShareFile" => {
            let role = Role::Editor.into();
            v1::ShareFileRequest { file_id, email, role }.encode_to_vec()
        }
        "FileService/UnshareFile" => v1::UnshareFileRequest { file_id, email }.encode_to_vec(),
        "TableService/MakeView" => sorted(file, None, &[("a", true)]).encode_to_vec(),
        "TableService/SummarizeColumn" => values_of(file, "a").encode_to_vec(),
        "TransferService/FillSheet" => {
            let target = Some(v1::fill_sheet_request::Target::NewSheet(Default::default()));
            v1::FillSheetRequest { source: Some(source(file)), target, ..Default::default() }
                .encode_to_vec()
        }
        "TransferService/SaveTable" => {
            of_table(source(file), SavedFormat::JsonLines).encode_to_vec()
        }
        // The first field of each of them is the source. What is made of it is missing.
        rpc if is_derivation(rpc) => {
            let source = Some(source(file));
            v1::PreviewColumnsRequest { source, ..Default::default() }.encode_to_vec()
        }
        // The first field of each of them is the id of the file.
        _ => v1::GetFileRequest { file_id }.encode_to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rpc_that_names_a_file_keeps_its_rule_for_each_kind_of_caller() {
    let server = Server::start();
    let rules = BTreeMap::from(RULES);
    let named: BTreeSet<String> = rules.keys().map(|rpc| (*rpc).to_owned()).collect();
    assert_eq!(rpcs(), named, "each rpc that names a file has a rule");
    let (owner, editor) = (Person::sign_up(&server).await, Person::sign_up(&server).await);
    let (viewer, ended) = (Person::sign_up(&server).await, Person::sign_up(&server).await);
    let stranger = Person::sign_up(&server).await;
    let channel = channel(&server).await;
    for (rpc, least) in rules {
        let file = owner.file().await;
        owner.share(&file, &editor, Role::Editor).await;
        owner.share(&file, &viewer, Role::Viewer).await;
        owner.share(&file, &ended, Role::Editor).await;
        owner.client.unshare_file(&file, &ended.email).await.expect("ends");
        let callers = [
            (&stranger, None),
            (&ended, None),
            (&viewer, Some(Role::Viewer)),
            (&editor, Some(Role::Editor)),
            (&owner, Some(Role::Owner)),
        ];
        for (caller, role) in callers {
            let expected = match role {
                None => Code::NotFound,
                Some(Role::Viewer) if least != Role::Viewer => Code::PermissionDenied,
                Some(Role::Editor) if least == Role::Owner => Code::PermissionDenied,
                Some(Role::Owner) if rpc == "FileService/LeaveFile" => Code::FailedPrecondition,
                // Its file is found.
                Some(_) if is_derivation(rpc) => Code::InvalidArgument,
                Some(_) => Code::Ok,
            };
            let request = request(rpc, &file, &viewer.email).into();
            let code = call(&channel, rpc, request, Some(caller.tables.token())).await;
            assert_eq!(code, expected, "{rpc} by {role:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_file_is_used_by_its_persons_and_counts_for_its_owner() {
    let server = Server::start();
    let (ada, ben) = (Person::sign_up(&server).await, Person::sign_up(&server).await);
    let file = ada.file().await;
    ada.share(&file, &ben, Role::Viewer).await;
    let used = ada.tables.files.usage().await.used_bytes;

    let shared = ben.tables.files.file(&file).await.expect("is found");
    assert_eq!(
        (shared.role(), shared.owner_name.is_empty(), shared.shared_with),
        (Role::Viewer, false, 0)
    );
    let own = ada.tables.files.file(&file).await.expect("is found");
    assert_eq!((own.role(), &*own.owner_name, own.shared_with), (Role::Owner, "", 1));
    assert_eq!(ben.tables.files.download(&file, 0, 0).await.expect("is downloaded"), CSV);
    let view = ben.tables.view(sorted(&file, None, &[("a", true)])).await;
    let known = ada.tables.make_view(sorted(&file, None, &[("a", true)])).await.expect("is there");
    assert_eq!(known.view.map(|known| known.id), Some(view.id));
    assert!(ada.tables.files.usage().await.used_bytes > used, "the view is the owner's");
    assert_eq!(ben.tables.files.usage().await.used_bytes, 0);

    let listed = |shares: v1::ListFileSharesResponse| -> Vec<(Role, bool)> {
        shares.shares.iter().map(|share| (share.role(), share.email.is_empty())).collect()
    };
    let seen = listed(ben.client.file_shares(&file).await.expect("are listed"));
    assert_eq!(seen, [(Role::Owner, true), (Role::Viewer, false)], "its own address alone");
    let seen = listed(ada.client.file_shares(&file).await.expect("are listed"));
    assert_eq!(seen, [(Role::Owner, false), (Role::Viewer, false)]);

    let saved = ben.tables.save(&server, of_table(source(&file), SavedFormat::JsonLines)).await;
    let saved = ben.tables.saved(&saved.expect("begins")).await;
    assert!(ben.tables.files.usage().await.used_bytes > 0, "what is saved is one's own");
    ada.client.unshare_file(&file, &ben.email).await.expect("ends");
    let gone = refused(ben.tables.rows(page(&file, 0, 1)).await);
    assert_eq!(gone, (Code::NotFound, "NOT_FOUND".to_owned()));
    assert!(ben.tables.files.file(&saved.made_file_id).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_of_others_leave_the_owner_room() {
    const LIMIT: u64 = 1_000_000;
    let server = Server::start_with(&["--limit-account-file-bytes", &LIMIT.to_string()]);
    let (ada, ben) = (Person::sign_up(&server).await, Person::sign_up(&server).await);
    let file = ada.file().await;
    ada.share(&file, &ben, Role::Viewer).await;
    let rest = LIMIT / 20 * 19 - ada.tables.files.usage().await.used_bytes;
    let rest = vec![b'x'; usize::try_from(rest).expect("is small")];
    ada.tables.files.upload("rest", &rest).await.expect("fits");
    let asked = sorted(&file, None, &[("a", true)]);
    let full = refused(ben.tables.make_view(asked.clone()).await);
    assert_eq!(full, (Code::ResourceExhausted, "OWNER_STORAGE_FULL".to_owned()));
    ada.tables.view(asked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_person_whose_role_ends_makes_nothing() {
    let server = Server::start();
    let (ada, ben) = (Person::sign_up(&server).await, Person::sign_up(&server).await);
    let file = ada.tables.files.upload("a.csv", &numbers(1_000)).await.expect("is uploaded").id;
    ada.tables.read(&file, guesses()).await;
    ada.share(&file, &ben, Role::Viewer).await;
    let held = hold_account(&server, &file).await;
    let asked = sorted(&file, None, &[("text", false)]);
    let job = ben.tables.make_view(asked.clone()).await.expect("begins").job.expect("a job");
    begun(&held, &job).await;
    ada.client.unshare_file(&file, &ben.email).await.expect("ends");
    held.batch_execute("commit").await.expect("commits");
    let failed = ben.tables.ended(&job.id).await;
    assert_eq!(failed.state(), JobState::Failed, "{failed:?}");
    assert!(failed.error.contains("no longer shared with you"), "{failed:?}");
    let made = ada.tables.make_view(asked).await.expect("begins");
    assert!(made.view.is_none(), "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_a_file_are_used_without_its_original() {
    let server = Server::start();
    let ada = Person::sign_up(&server).await;
    let raw = ada.tables.files.upload("b.csv", CSV).await.expect("is uploaded").id;
    let refusal = chat::refused(ada.client.delete_original(&raw, None).await);
    assert_eq!(refusal, (Code::FailedPrecondition, "NO_TABLES".to_owned()));
    let file = ada.tables.files.upload("a.csv", b"a,b\n3,z\n").await.expect("is uploaded").id;
    ada.tables.read(&file, guesses()).await;
    let before = ada.tables.files.file(&file).await.expect("is there").etag;
    let named = ada.client.rename_file(&file, "c.csv", None).await.expect("is renamed").etag;
    let late = chat::refused(ada.client.delete_original(&file, Some(&before)).await);
    assert_eq!(late, (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let left = ada.client.delete_original(&file, Some(&named)).await.expect("is deleted");
    assert!(left.original_deleted_at_micros > 0 && left.digest.is_empty(), "{left:?}");
    for etag in [None, Some(named.as_str())] {
        assert_eq!(ada.client.delete_original(&file, etag).await.expect("once more"), left);
    }

    let deleted = (Code::FailedPrecondition, "ORIGINAL_DELETED".to_owned());
    let (tables, files) = (&ada.tables, &ada.tables.files);
    assert_eq!(refused(files.download(&file, 0, 0).await), deleted);
    assert_eq!(refused(tables.begin(&file, guesses()).await), deleted);
    assert_eq!(refused(tables.preview(&file, guesses()).await), deleted);
    let rows = tables.rows(page(&file, 0, 9)).await.expect("are there");
    assert_eq!(rows.total, 1);
    let saved = tables.save(&server, of_table(source(&file), SavedFormat::JsonLines)).await;
    tables.saved(&saved.expect("begins")).await;
    let usage = files.usage().await;
    assert_eq!((usage.leaving_bytes, usage.files), (8, 3), "{usage:?}");
}
