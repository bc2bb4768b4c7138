//! Creates, lists, renames, deletes and restores sheets; each is visible to its owner alone.

use gridloom::v1;
use tonic::Code;

use crate::harness::{Caller, TestServer, refused, refused_field};

async fn list(caller: &mut Caller, request: v1::ListSheetsRequest) -> v1::ListSheetsResponse {
    caller.sheets.list_sheets(request).await.unwrap().into_inner()
}

fn get(sheet_id: &str) -> v1::GetSheetRequest {
    v1::GetSheetRequest { sheet_id: sheet_id.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_made_renamed_deleted_and_restored() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create(" Stock ").await;
    assert_eq!((&*sheet.name, sheet.row_count, sheet.column_count), ("Stock", 100, 5));
    let names: Vec<_> = sheet.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["A", "B", "C", "D", "E"]);

    let rename = |name: &str, etag: &str| v1::UpdateSheetRequest {
        sheet_id: sheet.id.clone(),
        name: name.into(),
        etag: etag.into(),
    };
    let renamed = ada.sheets.update_sheet(rename("Store", &sheet.etag)).await.unwrap();
    let renamed = renamed.into_inner().sheet.unwrap();
    assert!(renamed.name == "Store" && renamed.etag != sheet.etag);
    let late = refused(ada.sheets.update_sheet(rename("Late", &sheet.etag)).await);
    assert_eq!(late, (Code::Aborted, "ETAG_MISMATCH".into()));
    let field = refused_field(ada.sheets.update_sheet(rename("  ", "")).await);
    assert_eq!(field, (Code::InvalidArgument, "name".into()));

    let sheet_id = sheet.id.clone();
    ada.sheets.delete_sheet(v1::DeleteSheetRequest { sheet_id }).await.unwrap();
    assert!(list(&mut ada, v1::ListSheetsRequest::default()).await.sheets.is_empty());
    let deleted = v1::ListSheetsRequest { deleted: true, ..Default::default() };
    assert_eq!(list(&mut ada, deleted).await.sheets.len(), 1);
    let read = v1::ReadCellsRequest { sheet_id: sheet.id.clone(), ..Default::default() };
    assert_eq!(refused(ada.sheets.read_cells(read).await).0, Code::NotFound);
    let undelete = v1::UndeleteSheetRequest { sheet_id: sheet.id.clone() };
    let back = ada.sheets.undelete_sheet(undelete).await.unwrap().into_inner().sheet.unwrap();
    assert_eq!((&*back.name, back.deleted_micros), ("Store", 0));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_pages_and_a_filter() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    for name in ["one", "Two", "three", "twofold"] {
        ada.create(name).await;
    }
    let filter = v1::ListSheetsRequest { filter: "TWO".into(), ..Default::default() };
    let found = list(&mut ada, filter).await.sheets;
    assert_eq!(found.iter().map(|sheet| &*sheet.name).collect::<Vec<_>>(), ["twofold", "Two"]);
    let mut names = Vec::new();
    let mut page = v1::ListSheetsRequest { page_size: 3, ..Default::default() };
    loop {
        let found = list(&mut ada, page.clone()).await;
        names.extend(found.sheets.into_iter().map(|sheet| sheet.name));
        if found.next_page_token.is_empty() {
            break;
        }
        page.page_token = found.next_page_token;
    }
    assert_eq!(names, ["twofold", "three", "Two", "one"]);
    page.page_token = "nonsense".into();
    assert_eq!(refused_field(ada.sheets.list_sheets(page).await).1, "page_token");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_its_owners_alone() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let mut eve = server.sign_up("eve@example.org").await;
    let sheet_id = ada.create("Secret").await.id;
    assert!(list(&mut eve, v1::ListSheetsRequest::default()).await.sheets.is_empty());
    let not_found = (Code::NotFound, "SHEET_NOT_FOUND".to_owned());
    assert_eq!(refused(eve.sheets.get_sheet(get(&sheet_id)).await), not_found);
    assert_eq!(refused(eve.sheets.get_sheet(get("nonsense")).await), not_found);
    let rename = v1::UpdateSheetRequest {
        sheet_id: sheet_id.clone(),
        name: "Mine".into(),
        etag: String::new(),
    };
    assert_eq!(refused(eve.sheets.update_sheet(rename).await), not_found);
    let delete = v1::DeleteSheetRequest { sheet_id: sheet_id.clone() };
    assert_eq!(refused(eve.sheets.delete_sheet(delete).await), not_found);
    let read = v1::ReadCellsRequest { sheet_id: sheet_id.clone(), ..Default::default() };
    assert_eq!(refused(eve.sheets.read_cells(read).await), not_found);
    assert_eq!(refused(eve.export(&sheet_id).await), not_found);
    let edit = v1::ApplyEditsRequest { sheet_id: sheet_id.clone(), ..Default::default() };
    assert_eq!(refused(eve.sheets.apply_edits(edit).await), not_found);
    ada.sheets.get_sheet(get(&sheet_id)).await.unwrap();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sheet_is_checked() {
    let server = TestServer::start_with(|options| options.limits.rows = 1_000).await;
    let mut ada = server.sign_up("ada@example.org").await;
    let column = |name: &str, id: &str, kind| v1::Column {
        name: name.into(),
        id: id.into(),
        kind,
        width: 0,
        settings: None,
    };
    let sheet = |name: &str, columns, row_count| v1::CreateSheetRequest {
        name: name.into(),
        columns,
        row_count,
    };
    let long = "x".repeat(1025);
    for (request, field) in [
        (sheet("", vec![], None), "name"),
        (sheet(&"x".repeat(201), vec![], None), "name"),
        (sheet("a\0b", vec![], None), "name"),
        (sheet("a", vec![], Some(1_001)), "row_count"),
        (sheet("a", vec![column("x", "", 0), column(&long, "", 0)], None), "columns[1].name"),
        (sheet("a", vec![column("x", "7", 0)], None), "columns[0].id"),
        (sheet("a", vec![column("x", "", 99)], None), "columns[0].kind"),
        (sheet("a", vec![column("x", "", 0); 16_385], None), "columns"),
    ] {
        let refusal = refused_field(ada.sheets.create_sheet(request).await);
        assert_eq!(refusal, (Code::InvalidArgument, field.to_owned()));
    }
    assert!(list(&mut ada, v1::ListSheetsRequest::default()).await.sheets.is_empty());
    server.running.shutdown().await;
}
