//! A request of each rpc that names a sheet, or a file with the id of a sheet. Nothing else of it is checked before.
//!
//! Not its answer. Invariant: the requests are such that the first check that can fail is that of the caller.

use bytes::Bytes;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use prost::Message as _;

/// The request of an rpc that names a sheet and nothing else.
pub(super) fn request(rpc: &str, sheet: &str) -> Bytes {
    let hello = v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() };
    let bytes = match rpc {
        "LiveService/Collaborate" => {
            let frame = v1::ClientFrame { frame: Some(ClientFrame::Hello(hello)) };
            v1::CollaborateRequest { frame: Some(frame) }.encode_to_vec()
        }
        // Its first field is a number.
        "OperatorService/ListAllJobs" => Vec::new(),
        "LiveService/Watch" => v1::WatchRequest { hello: Some(hello) }.encode_to_vec(),
        "TransferService/FillSheet" | "TransferService/SaveTable" => {
            let source = v1::TableSource { file_id: sheet.to_owned(), ..Default::default() };
            // The target has no bytes, so it is a form without a format, too.
            let target = Some(v1::fill_sheet_request::Target::NewSheet(Default::default()));
            v1::FillSheetRequest { source: Some(source), target, ..Default::default() }
                .encode_to_vec()
        }
        _ if rpc.starts_with("DerivationService/") => derivation(rpc, sheet),
        // The first field of each of them is the id of the sheet.
        _ => v1::GetSheetRequest { sheet_id: sheet.to_owned() }.encode_to_vec(),
    };
    bytes.into()
}

/// A derivation of a file with the id of a sheet.
fn derivation(rpc: &str, sheet: &str) -> Vec<u8> {
    let source = Some(v1::TableSource { file_id: sheet.to_owned(), ..Default::default() });
    let add = Some(v1::AddColumns::default());
    match rpc {
        "DerivationService/DeriveTable" => {
            let operation = add.map(v1::derive_table_request::Operation::Add);
            v1::DeriveTableRequest { source, operation, ..Default::default() }.encode_to_vec()
        }
        "DerivationService/PreviewColumns" => {
            v1::PreviewColumnsRequest { source, add, rows: 0 }.encode_to_vec()
        }
        // The other one has these fields, too.
        _ => {
            let enrichment = v1::Enrichment {
                url: "https://api.example.org/{gtin}".to_owned(),
                key: Some(v1::ColumnRef::default()),
                take: vec![v1::TakenMember { path: "name".to_owned(), ..Default::default() }],
                ..Default::default()
            };
            v1::PreviewEnrichmentRequest { source, enrichment: Some(enrichment) }.encode_to_vec()
        }
    }
}
