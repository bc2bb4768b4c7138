//! The connection and the bus against a real `redis-server`.

use std::time::Duration;

use bytes::Bytes;
use tasks::Tasks;
use tokio_util::sync::CancellationToken;

use super::link::PIPELINED_COMMANDS;
use super::own_redis::OwnRedis;
use super::*;

async fn received(subscription: &mut Subscription) -> BusEvent {
    let next = tokio::time::timeout(Duration::from_secs(30), subscription.next());
    next.await.expect("in time").expect("the bus lives")
}

#[tokio::test]
async fn a_topic_reaches_those_who_listen_to_it() {
    let redis = OwnRedis::start().await;
    let bus = redis.connect().bus();
    let (mut one, mut two) = (bus.subscribe("one").await, bus.subscribe("two").await);
    assert_eq!(received(&mut one).await, BusEvent::Missed);
    assert_eq!(received(&mut two).await, BusEvent::Missed);
    bus.publish("two", b"b").await.expect("published");
    bus.publish("one", b"a").await.expect("published");
    assert_eq!(received(&mut one).await, BusEvent::Message("a".into()));
    assert_eq!(received(&mut two).await, BusEvent::Message("b".into()));
}

#[tokio::test]
async fn the_bus_comes_back_with_redis_and_says_that_something_may_be_missed() {
    let mut redis = OwnRedis::start().await;
    let connection = redis.connect();
    let bus = connection.bus();
    let mut topic = bus.subscribe("topic").await;
    assert_eq!(received(&mut topic).await, BusEvent::Missed);
    redis.restart().await;
    assert_eq!(received(&mut topic).await, BusEvent::Missed);
    redis.restart_empty().await;
    assert_eq!(received(&mut topic).await, BusEvent::Missed);
    // The connection for commands may find out only now that it is broken.
    while bus.publish("topic", b"again").await.is_err() {}
    assert_eq!(received(&mut topic).await, BusEvent::Message("again".into()));
}

#[tokio::test]
async fn a_reader_that_does_not_read_gets_missed_later() {
    let redis = OwnRedis::start().await;
    let bus = redis.connect().bus();
    let (mut slow, mut end) = (bus.subscribe("topic").await, bus.subscribe("end").await);
    assert_eq!(received(&mut slow).await, BusEvent::Missed);
    assert_eq!(received(&mut end).await, BusEvent::Missed);
    for _ in 0..400 {
        bus.publish("topic", b"x").await.expect("published");
    }
    bus.publish("end", b"").await.expect("published");
    assert_eq!(received(&mut end).await, BusEvent::Message(Bytes::new()));
    assert_eq!(received(&mut slow).await, BusEvent::Missed);
    assert_eq!(received(&mut slow).await, BusEvent::Message("x".into()));
}

#[tokio::test]
async fn many_commands_are_answered_in_order_and_one_that_fails_is_an_error() {
    let own = OwnRedis::start().await;
    let redis = own.connect();
    let count = |key: &str| {
        let mut command = ::redis::cmd("INCR");
        command.arg(key);
        command
    };
    assert_eq!(redis.run_all::<u64>(&[]).await, Ok(Vec::new()));
    // No whole number of round trips.
    let last = 2 * PIPELINED_COMMANDS as u64 + 1;
    let counted = redis.run_all(&vec![count("many"); last as usize]).await;
    assert_eq!(counted, Ok((1..=last).collect::<Vec<u64>>()));
    let mut set = ::redis::cmd("SADD");
    set.arg("set").arg(1);
    let refused = redis.run_all::<u64>(&[set, count("set"), count("many")]).await;
    assert!(matches!(refused, Err(RedisError::Refused(_))), "{refused:?}");
    assert_eq!(redis.run(&count("many")).await, Ok(last + 2));
}

#[test]
fn a_bad_url_is_refused_and_not_repeated() {
    for url in
        ["http://me:secret@host", "rediss://me:secret@host:port", "redis://me:secret@host:port"]
    {
        let refused = url.parse::<RedisUrl>().map(|_| ());
        assert!(refused.is_err_and(|text| !text.contains("secret")), "{url}");
    }
    for url in ["redis://me:secret@redis.example:6379/2", "rediss://me:secret@redis.example"] {
        let url: RedisUrl = url.parse().expect("valid");
        assert!(!format!("{url:?} {:?}", Redis::new(&url)).contains("secret"));
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Changed {
    All,
    One(u8),
}

impl Signal for Changed {
    const ALL: Self = Self::All;
}

impl Message for Changed {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::All => b"all".to_vec(),
            Self::One(number) => vec![*number],
        }
    }
}

#[tokio::test]
async fn a_signal_that_is_not_published_is_published_again() {
    let own = OwnRedis::start().await;
    let operator = own.connect();
    let allow = async |channels: &str| {
        let mut rule = ::redis::cmd("ACL");
        rule.arg(&["SETUSER", "sender", "on", ">secret", "~*", "+@all", channels]);
        operator.run::<String>(&rule).await.expect("a rule");
    };
    let mut refused = ::redis::cmd("ACL");
    refused.arg("LOG");
    // The reader stays connected: it misses nothing, and reads nothing again.
    let bus = operator.bus();
    let mut topic = bus.subscribe("topic").await;
    assert_eq!(received(&mut topic).await, BusEvent::Missed);
    allow("resetchannels").await;
    let mut port = ::redis::cmd("CONFIG");
    port.arg(&["GET", "port"]);
    let port = operator.run::<Vec<String>>(&port).await.expect("a port").swap_remove(1);
    let url = format!("redis://sender:secret@127.0.0.1:{port}").parse().expect("a URL");
    let sender = Redis::new(&url).expect("a connection");
    let (tasks, stop) = (Tasks::new(), CancellationToken::new());
    let publisher = Publisher::start("topic", Some(sender.bus()), &tasks, stop);
    [2, 1, 2].into_iter().for_each(|number| publisher.send(Changed::One(number)));
    while operator.run::<Vec<::redis::Value>>(&refused).await.expect("a log").is_empty() {}
    allow("allchannels").await;
    let (one, other) = (received(&mut topic).await, received(&mut topic).await);
    let is = |event: &BusEvent, number: u8| *event == BusEvent::Message(vec![number].into());
    assert!(is(&one, 1) && is(&other, 2) || is(&one, 2) && is(&other, 1), "{one:?}, {other:?}");
    publisher.send(Changed::One(3));
    drop(publisher);
    tasks.ended().await;
    assert_eq!(received(&mut topic).await, BusEvent::Message(vec![3].into()));
}
