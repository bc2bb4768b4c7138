//! A file becomes a sheet, or nothing; a sheet becomes a file that gives the same sheet.

use gridloom::v1::{self, ColumnKind};
use tonic::Code;

use crate::harness::{TestServer, refused, refused_field};

const FILE: &str = "code,name,lat,open,since\n\
    00601,\"Adjuntas, PR\",18.180555,true,2024-05-01T12:00:00Z\n\
    00602,\"say \"\"hi\"\"\",-5,false,1969-12-31T23:59:59.5Z\n\
    ,\"two\nlines\",1e21,,\n";

fn named(name: &str) -> v1::StartImportRequest {
    v1::StartImportRequest { name: name.into(), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_makes_the_round_trip() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let imported = ada.import(named("Zips"), FILE.as_bytes(), 7).await.unwrap();
    let sheet = imported.sheet.unwrap();
    assert_eq!((&*sheet.name, sheet.row_count, imported.repaired_rows), ("Zips", 3, 0));
    let kinds: Vec<_> = sheet.columns.iter().map(v1::Column::kind).collect();
    use ColumnKind::{Bool, Datetime, Number, Text};
    assert_eq!(kinds, [Text, Text, Number, Bool, Datetime]);
    let exported = ada.export(&sheet.id).await.unwrap();
    assert_eq!(exported, FILE);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_whole_and_in_order() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let mut file = String::from("n,text,half\n");
    for row in 0..30_000 {
        file.push_str(&format!("{row},row number {row},{}.5\n", row * 3));
    }
    let imported = ada.import(named("Large"), file.as_bytes(), 200_000).await.unwrap();
    let sheet = imported.sheet.unwrap();
    assert_eq!(sheet.row_count, 30_000);
    assert!(ada.export(&sheet.id).await.unwrap() == file, "the export differs from the file");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_is_refused_and_leaves_nothing() {
    let server = TestServer::start_with(|options| options.limits.columns = 4).await;
    let mut ada = server.sign_up("ada@example.org").await;
    let cases: [(&[u8], &str, &str); 8] = [
        (b"", "CSV_EMPTY", "line 1: "),
        (b"a,b\n1,2\n3\n", "CSV_RAGGED_ROW", "line 3: "),
        (b"a,b\n1,caf\xe9\n", "CSV_NOT_UTF8", "line 2: "),
        (b"a\nx\0y\n", "CSV_NUL", "line 2: "),
        (b"1.5,x\n2.5,y\n", "CSV_NO_HEADER", "line 1: "),
        (b"a,b,c,d,e\n", "CSV_TOO_MANY_COLUMNS", "line 1: "),
        (b"a,b\n1,\"2\n", "CSV_OPEN_QUOTE", "line 2: "),
        (b"PK\x03\x04", "CSV_NOT_TEXT", "line 1: "),
    ];
    for (file, reason, line) in cases {
        let result = ada.import(named("Bad"), file, 3).await;
        let message = result.as_ref().unwrap_err().message().to_owned();
        assert_eq!(refused(result), (Code::InvalidArgument, reason.to_owned()));
        assert!(message.starts_with(line), "{message}");
    }
    // Far into a file, when rows have gone to Postgres already.
    let late = format!("a,b\n{}oops\n", "1,2\n".repeat(20_000));
    let result = ada.import(named("Bad"), late.as_bytes(), 50_000).await;
    assert!(result.unwrap_err().message().starts_with("line 20002: "));
    let repair = v1::StartImportRequest { repair: true, ..named("Mended") };
    let mended = ada.import(repair, b"a,b\n1\n2,caf\xe9\n3,x\n", 100).await.unwrap();
    assert_eq!(mended.repaired_rows, 2);
    let list = ada.sheets.list_sheets(v1::ListSheetsRequest::default()).await.unwrap();
    let names: Vec<_> = list.into_inner().sheets.into_iter().map(|sheet| sheet.name).collect();
    assert_eq!(names, ["Mended"]);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_makes_nothing_and_takes_the_choices_of_an_import() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let of = |options: v1::StartImportRequest, data: &'static [u8]| v1::PreviewImportRequest {
        options: Some(options),
        data: data.into(),
        is_cut: false,
    };
    let kinds = vec![ColumnKind::Number.into()];
    let options = v1::StartImportRequest {
        encoding: "latin1".into(),
        kinds,
        repairs: vec![v1::ImportRepair::FillRows.into()],
        ..Default::default()
    };
    let shown = ada.sheets.preview_import(of(options.clone(), b"n;t\n007;caf\xe9\n8\n")).await;
    let shown = shown.unwrap().into_inner();
    assert_eq!(
        (&*shown.delimiter, &*shown.encoding, shown.has_header),
        (";", "windows-1252", true)
    );
    use v1::value::Kind;
    let kinds = |row: &v1::PreviewRow| row.values.iter().map(|it| it.kind.clone()).collect();
    let rows: Vec<Vec<_>> = shown.rows.iter().map(kinds).collect();
    let first = vec![Some(Kind::Number(7.0)), Some(Kind::Text("café".into()))];
    assert_eq!(rows, [first, vec![Some(Kind::Number(8.0))]]);
    let commas = ada.sheets.preview_import(of(named(""), b"a;b\n1,5;x\n")).await;
    assert_eq!(commas.unwrap().into_inner().decimal_mark, ",");
    let me = ada.accounts.who_am_i(v1::WhoAmIRequest { usage: true }).await.unwrap();
    assert!(me.into_inner().limits.unwrap().import_notation);
    // By the account, where the file says nothing.
    let locale = Some("de".to_owned());
    let request = v1::UpdateAccountRequest { locale, ..Default::default() };
    ada.accounts.update_account(request).await.unwrap();
    let options = v1::StartImportRequest { kinds: vec![ColumnKind::Number.into()], ..named("") };
    let shown = ada.sheets.preview_import(of(options, b"a\n1.234\n")).await.unwrap();
    let number = shown.into_inner().rows[0].values[0].kind.clone();
    assert_eq!(number, Some(Kind::Number(1234.0)));
    let bad = ada.sheets.preview_import(of(named(""), b"a,b\n1\n")).await;
    assert_eq!(refused(bad), (Code::InvalidArgument, "CSV_RAGGED_ROW".into()));
    for (options, field) in [
        (v1::StartImportRequest { encoding: "klingon".into(), ..named("") }, "encoding"),
        (v1::StartImportRequest { kinds: vec![1, 99], ..named("") }, "kinds[1]"),
        (v1::StartImportRequest { repairs: vec![9], ..named("") }, "repairs[0]"),
        (v1::StartImportRequest { delimiter: "\"".into(), ..named("") }, "delimiter"),
        (v1::StartImportRequest { locale: "german".into(), ..named("") }, "locale"),
        (v1::StartImportRequest { decimal_mark: ";".into(), ..named("") }, "decimal_mark"),
        (v1::StartImportRequest { time_zone: "Berlin".into(), ..named("") }, "time_zone"),
        (
            v1::StartImportRequest { locale: "de".into(), decimal_mark: ".".into(), ..named("") },
            "decimal_mark",
        ),
    ] {
        let refusal = ada.sheets.preview_import(of(options, b"a\n")).await;
        assert_eq!(refused_field(refusal), (Code::InvalidArgument, field.into()));
    }
    let list = ada.sheets.list_sheets(v1::ListSheetsRequest::default()).await.unwrap();
    assert!(list.into_inner().sheets.is_empty(), "a preview makes no sheet");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_may_be_sent_again_but_not_left_out() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let import_id = ada.sheets.start_import(named("Pieces")).await.unwrap().into_inner().import_id;
    let piece = |offset, data: &'static [u8]| v1::ImportChunkRequest {
        import_id: import_id.clone(),
        offset,
        data: data.into(),
    };
    let received = ada.sheets.import_chunk(piece(0, b"a,b\n1,2\n")).await.unwrap();
    assert_eq!(received.into_inner().received, 8);
    let again = ada.sheets.import_chunk(piece(4, b"1,2\n3,4\n")).await.unwrap().into_inner();
    assert_eq!(again.received, 12);
    assert_eq!(ada.sheets.import_chunk(piece(0, b"a")).await.unwrap().into_inner().received, 12);
    let gap = refused(ada.sheets.import_chunk(piece(13, b"x")).await);
    assert_eq!(gap, (Code::FailedPrecondition, "IMPORT_GAP".into()));

    let mut eve = server.sign_up("eve@example.org").await;
    assert_eq!(refused(eve.sheets.import_chunk(piece(12, b"x")).await).0, Code::NotFound);

    let finish = || v1::FinishImportRequest { import_id: import_id.clone() };
    let first = ada.sheets.finish_import(finish()).await.unwrap().into_inner();
    let second = ada.sheets.finish_import(finish()).await.unwrap().into_inner();
    assert_eq!(first, second);
    assert_eq!(first.sheet.unwrap().row_count, 2);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_can_be_given_up_and_there_is_room_for_few() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let mut ids = Vec::new();
    let busy = loop {
        match ada.sheets.start_import(named("Many")).await {
            Ok(started) => ids.push(started.into_inner().import_id),
            Err(status) => break status,
        }
        assert!(ids.len() < 100, "imports have no limit");
    };
    assert_eq!(refused::<()>(Err(busy)), (Code::ResourceExhausted, "BUSY".into()));
    let import_id = ids[0].clone();
    let cancel = v1::CancelImportRequest { import_id: import_id.clone() };
    ada.sheets.cancel_import(cancel).await.unwrap();
    ada.sheets.start_import(named("Again")).await.unwrap();
    let gone = ada.sheets.finish_import(v1::FinishImportRequest { import_id }).await;
    assert_eq!(refused(gone).0, Code::NotFound);
    for (request, field) in [
        (v1::StartImportRequest { delimiter: "ab".into(), ..named("x") }, "delimiter"),
        (v1::StartImportRequest { delimiter: "\"".into(), ..named("x") }, "delimiter"),
        (named(""), "name"),
    ] {
        assert_eq!(refused_field(ada.sheets.start_import(request).await).1, field);
    }
    server.running.shutdown().await;
}
