//! Facts of the sheet besides its cells: its name, its roles and links, and frames of kinds that a later server sends.

use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use prost::Message;

use super::super::{Event, LiveOptions, LiveSheet};
use super::fake_server::{frame, welcome};

fn named(name: &str) -> Frame {
    Frame::Welcome(v1::Welcome { name: name.to_owned(), ..welcome() })
}

fn change(name: &str, sharing: bool) -> Frame {
    Frame::Sheet(v1::SheetChange { name: name.to_owned(), sharing, ..Default::default() })
}

/// The names and changes of sharing among the events of a frame.
fn facts(live: &mut LiveSheet, sent: Frame) -> Vec<String> {
    let events = live.on_frame(frame(sent)).expect("keeps the protocol");
    let fact = |event| match event {
        Event::Renamed { name } => Some(name.to_string()),
        Event::SharingChanged => Some("(sharing)".to_owned()),
        _ => None,
    };
    events.into_iter().filter_map(fact).collect()
}

#[test]
fn another_name_is_an_event_and_so_are_other_roles_and_links() {
    let mut live = LiveSheet::new("sheet", LiveOptions::default());
    drop(live.hello());
    assert_eq!(facts(&mut live, named("Stock")), [""; 0], "the first name is no other one");
    assert_eq!(facts(&mut live, change("Stock of May", false)), ["Stock of May"]);
    assert_eq!(live.name(), "Stock of May");
    assert_eq!(facts(&mut live, change("Stock of May", true)), ["(sharing)"]);
    assert_eq!(facts(&mut live, change("Stock", true)), ["Stock", "(sharing)"]);
    // While there was no connection.
    live.disconnected();
    drop(live.hello());
    assert_eq!(facts(&mut live, named("Stock of June")), ["Stock of June"]);
    assert_eq!(live.name(), "Stock of June");
}

#[test]
fn a_frame_of_an_unknown_kind_is_ignored() {
    let mut live = LiveSheet::new("sheet", LiveOptions::default());
    drop(live.hello());
    live.on_frame(frame(named("Stock"))).expect("a welcome");
    // A field of the highest number, with one byte.
    let unknown = v1::ServerFrame::decode(&[0xfa, 0xff, 0xff, 0xff, 0x0f, 0x01, 0x07][..]);
    let unknown = unknown.expect("is well-formed");
    assert_eq!(unknown.frame, None);
    assert!(live.on_frame(unknown).expect("is ignored").is_empty());
    assert!(live.is_open());
}
