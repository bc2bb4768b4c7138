//! Messages in the thread of a sheet and in a comment.
//!
//! Not the comments themselves: see `comments`. Invariant: each message has the number that its author received, at every
//! server and in every stream.

use std::collections::{BTreeMap, BTreeSet};

use client::net::Thread;
use gridloom::v1;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::within;

use super::{Calls, Drill, END, STEP, listed};
use crate::chat::message_of;
use crate::three_servers::NODES;

/// Where a message is: its thread and its number, and its text.
type Place = (String, u64, String);

fn place(message: v1::Message) -> Place {
    (message.thread_id, message.number, message.text)
}

/// Sends messages into two threads by turns, and one more to each thread in the end. Gives where each of them is.
async fn write(mut calls: Calls, threads: [String; 2]) -> Vec<Place> {
    let (mut places, mut last) = (Vec::new(), 0);
    let name = calls.name;
    for number in 0_usize.. {
        last += usize::from(calls.are_over());
        let text =
            if last > 0 { format!("{name}: {END} {number}") } else { format!("{name}: {number}") };
        places.push(place(calls.say(&threads[number % 2], &text).await));
        if last == threads.len() {
            break;
        }
    }
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_or_doubled_and_all_see_one_order() {
    let mut drill = Drill::start().await;
    let thread = Thread::Sheet(drill.sheet.clone());
    let first = drill.writers[0].client.say(&thread, "first", &[]).await.expect("is sent");
    let first = first.message.expect("a message").thread_id;
    let threads = [first, drill.comment.clone()];
    let readers = drill.watch(2 * NODES).await;
    let written = drill.under_faults(|calls| write(calls, threads.clone())).await;
    let mut expected = BTreeMap::new();
    for (thread, number, text) in written.into_iter().flatten() {
        assert_eq!(expected.insert((thread, number), text), None, "a number twice");
    }
    assert!(expected.len() >= NODES * (3 * STEP + 2), "{}", expected.len());
    for thread in &threads {
        let here = drill.at_each_server(async |client| listed(&client, thread).await).await;
        let numbers: Vec<u64> = here.iter().map(|message| message.number).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "without gaps");
        // Besides the first one, which made the thread.
        for (thread, number, text) in here.into_iter().skip(1).map(place) {
            assert_eq!(expected.get(&(thread, number)), Some(&text));
        }
    }
    let mut orders = Vec::new();
    for reader in readers {
        let events = within("the readers", reader).await.expect("ends");
        orders.push(order_of(&events, &threads, expected.len()));
    }
    assert!(orders.windows(2).all(|pair| pair[0] == pair[1]), "one order for all");
}

/// Checks what a stream received, and gives the messages of each thread in their order.
fn order_of(events: &[Event], threads: &[String], count: usize) -> Vec<Vec<Place>> {
    let places: Vec<Place> = events.iter().filter_map(message_of).cloned().map(place).collect();
    let distinct: BTreeSet<&Place> = places.iter().collect();
    assert_eq!((distinct.len(), places.len()), (count, count), "each message once in each stream");
    let of_thread = |thread: &String| -> Vec<Place> {
        places.iter().filter(|place| place.0 == *thread).cloned().collect()
    };
    let orders: Vec<_> = threads.iter().map(of_thread).collect();
    let in_order = |order: &Vec<Place>| order.is_sorted_by_key(|place| place.1);
    assert!(orders.iter().all(in_order), "in the order of the thread");
    orders
}
