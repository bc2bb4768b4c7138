//! Any frame survives the division into pieces, and each piece fits a message.
//!
//! Invariant: no sequence of pieces makes the joiner panic.

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::convert::any_message::any_message;
use crate::v1::connect_response;

/// Every kind of frame, of any size.
fn any_frame() -> impl Strategy<Value = v1::ServerFrame> {
    let bytes = || vec(any::<u8>(), 0..300).prop_map(Bytes::from);
    let shared = prop_oneof![
        (vec(bytes(), 0..20), 0..3_u64)
            .prop_map(|(changes, through)| Frame::Changes(v1::Changes { changes, through })),
        bytes().prop_map(Frame::Presence),
    ];
    let rejected = (any::<u64>(), ".{0,200}").prop_map(|(sequence, message)| {
        let status = crate::rpc::Status { message, ..Default::default() };
        Frame::Rejected(v1::Rejected { sequence, status: Some(status) })
    });
    let welcome = vec(".{0,20}", 0..20).prop_map(|names| {
        let column = |name| v1::Column { name, ..Default::default() };
        let columns = names.into_iter().map(column).collect();
        Frame::Welcome(v1::Welcome { columns, ..Default::default() })
    });
    let built = prop_oneof![shared, rejected, welcome]
        .prop_map(|frame| v1::ServerFrame { frame: Some(frame) });
    let read = any_message().prop_filter_map("is a frame", |bytes| {
        let frame = v1::ServerFrame::decode(&*bytes).ok()?;
        (!matches!(frame.frame, Some(Frame::Piece(_)))).then_some(frame)
    });
    prop_oneof![3 => built, 1 => read]
}

/// The messages of a frame.
fn messages(frame: v1::ServerFrame, most: usize) -> Vec<v1::ServerFrame> {
    match Framing::of(frame, most) {
        Framing::Whole(frame) => vec![frame],
        Framing::Pieces(pieces) => pieces.collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_frame_survives_pieces_that_fit(frame in any_frame(), most in 37..600_usize) {
        let mut joiner = Joiner::default();
        let mut whole = Vec::new();
        for message in messages(frame.clone(), most) {
            let carried = v1::SessionFrame { session: u32::MAX, frame: Some(message.clone()) };
            let carried = connect_response::Frame::Session(carried);
            let carried = v1::ConnectResponse { frame: Some(carried) };
            prop_assert!(carried.encoded_len() <= most);
            let message = v1::CollaborateResponse { frame: Some(message) };
            prop_assert!(message.encoded_len() <= most);
            let message = v1::CollaborateResponse::decode(&*message.encode_to_vec());
            let message = message.expect("encoded here").frame.expect("there is one");
            whole.extend(joiner.take(message).expect("in order"));
        }
        prop_assert_eq!(whole, [frame]);
    }

    #[test]
    fn any_pieces_are_joined_or_refused(messages in vec(any_message(), 0..6)) {
        let mut joiner = Joiner::default();
        for bytes in messages {
            if let Ok(frame) = v1::ServerFrame::decode(&*bytes) && joiner.take(frame).is_err() {
                break;
            }
        }
    }
}

#[test]
fn pieces_share_the_bytes_of_a_change() {
    let change = Bytes::from(vec![7; 100_000]);
    let range = change.as_ptr_range();
    let changes = v1::Changes { changes: vec![change.clone()], through: 1 };
    let frame = v1::ServerFrame { frame: Some(Frame::Changes(changes)) };
    let shared = messages(frame, 10_000).into_iter().filter(|message| match &message.frame {
        Some(Frame::Piece(piece)) => range.contains(&piece.data.as_ptr()),
        _ => false,
    });
    // All pieces but the first, which begins with the frame's own bytes, and the last.
    assert!(shared.count() >= 9);
}

#[test]
fn pieces_out_of_order_are_refused() {
    let piece = |data: &'static [u8], left| {
        let piece = v1::Piece { data: Bytes::from_static(data), left };
        v1::ServerFrame { frame: Some(Frame::Piece(piece)) }
    };
    let refused = |frames: Vec<v1::ServerFrame>| {
        let mut joiner = Joiner::default();
        frames.into_iter().find_map(|frame| joiner.take(frame).err()).expect("is refused")
    };
    let most = u32::try_from(FRAME_BYTES_MOST).expect("fits");
    assert_eq!(
        refused(vec![piece(b"ab", most)]),
        PieceError::TooLarge { bytes: FRAME_BYTES_MOST + 2 }
    );
    assert_eq!(refused(vec![piece(b"", 5)]), PieceError::Empty);
    assert_eq!(
        refused(vec![piece(b"ab", 5), piece(b"cd", 5)]),
        PieceError::OutOfOrder { found: 7, expected: 5 }
    );
    let pong = v1::ServerFrame { frame: Some(Frame::Pong(v1::Pong { nonce: 1 })) };
    assert_eq!(refused(vec![piece(b"ab", 5), pong]), PieceError::Interrupted { left: 5 });
    assert_eq!(refused(vec![piece(b"\xff", 0)]), PieceError::Malformed);
}
