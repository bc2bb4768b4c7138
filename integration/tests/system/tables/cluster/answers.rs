//! The answers of a cluster are those of the engine in the server, and both executors have a part in them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use gridloom::v1;
use integration::harness::{EngineCluster, Random, Server};

use super::{ROWS, by, rows_of, server_with, table_of};
use crate::tables::{Tables, equal, sorted, values_of};

/// Rows of mixed kinds, of which many are alike: numbers, texts, days, truths, empty cells, and columns with all of them.
fn mixed(rows: u32) -> Vec<u8> {
    let mut random = Random::from_seed(7);
    let mut text = "n,city,day,open,any\n".to_owned();
    let cities = ["b", "A", "a", "ä", "é", "straße", "STRASSE", "007", ""];
    for at in 0..rows {
        let number = random.below(2_000);
        let city = cities[random.below(9) as usize];
        let day = random.below(28) + 1;
        let any = match random.below(6) {
            0 => number.to_string(),
            1 => city.to_owned(),
            2 => format!("2024-05-{day:02}"),
            3 => "true".to_owned(),
            4 => format!("-{number}.5"),
            _ => String::new(),
        };
        let open = at.is_multiple_of(3);
        writeln!(text, "{}.25,{city},2024-02-{day:02},{open},{any}", number / 2).expect("fits");
    }
    text.into_bytes()
}

fn at_most(column: &str, number: f64) -> v1::RowFilter {
    let condition = v1::Condition {
        column: crate::tables::named(column),
        operator: v1::condition::Operator::LessOrEqual.into(),
        values: vec![v1::Value { kind: Some(v1::value::Kind::Number(number)) }],
        ignore_case: false,
    };
    v1::RowFilter { filter: Some(v1::row_filter::Filter::Condition(condition)) }
}

/// What both servers are asked.
fn views(file: &str) -> Vec<v1::MakeViewRequest> {
    vec![
        by(file, &["any"]),
        sorted(file, Some(equal("city", "straße")), &[("n", false), ("any", true)]),
        sorted(file, Some(at_most("n", 40.0)), &[]),
        sorted(file, Some(equal("city", "no such city")), &[("n", false)]),
    ]
}

fn summaries(file: &str) -> Vec<v1::SummarizeColumnRequest> {
    let filter = Some(equal("city", "a"));
    let all = ["n", "city", "day", "open", "any"].map(|column| values_of(file, column));
    let some = v1::SummarizeColumnRequest { filter, values: 1_000, ..values_of(file, "n") };
    all.into_iter().chain([some]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_answers_as_the_engine_in_the_server_and_both_executors_work() {
    let content = mixed(ROWS);
    let cluster = EngineCluster::start(2);
    let (_server, tables) = server_with(&cluster).await;
    let alone = Server::start();
    let others = Tables::sign_up(&alone).await;
    let (file, other) = (table_of(&tables, &content).await, table_of(&others, &content).await);
    for (asked, same) in views(&file).into_iter().zip(views(&other)) {
        let (view, expected) = (tables.view(asked).await, others.view(same).await);
        assert_eq!(view.rows, expected.rows);
        let rows = rows_of(&tables, &file, &view).await;
        let expected = rows_of(&others, &other, &expected).await;
        let odd = rows.iter().zip(&expected).position(|(one, other)| one != other);
        assert_eq!(odd.map(|at| (&rows[at], &expected[at])), None, "at {odd:?}");
    }
    for (asked, same) in summaries(&file).into_iter().zip(summaries(&other)) {
        let column = asked.column.clone();
        let summary = tables.summarize(asked).await.expect("a summary");
        let expected = others.summarize(same).await.expect("a summary");
        assert_eq!(summary, expected, "{column:?}");
    }
    let stages = cluster.stages().await;
    assert!(stages.iter().all(|stage| stage.state == "done"), "{stages:?}");
    let tasks = || stages.iter().flat_map(|stage| &stage.tasks);
    let workers: BTreeSet<String> = tasks().map(|task| task.worker.clone()).collect();
    assert_eq!(workers, cluster.executors().into_iter().collect(), "both have done tasks");
    // Of the rows of the first view none is read twice: each task has its own groups.
    let first = stages.iter().filter(|stage| stage.name.starts_with("view") && stage.id == 1);
    let most = first.map(|stage| stage.tasks.iter().map(|task| task.rows).sum::<u64>()).max();
    assert_eq!(most, Some(ROWS.into()));

    let listed = cluster.workers().await;
    let ids: BTreeSet<String> = listed.iter().map(|worker| worker.id.clone()).collect();
    assert_eq!(ids, workers);
    for worker in &listed {
        assert_eq!(worker.cores, 2);
        assert!(worker.memory_bytes > 0 && worker.last_heartbeat > 0, "{worker:?}");
        assert!(worker.address.starts_with("127.0.0.1:"), "{worker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sort_that_does_not_fit_the_memory_of_tasks_uses_their_disk() {
    let cluster = EngineCluster::start_with(1, &["--memory-mib=16"]);
    let (_server, tables) = server_with(&cluster).await;
    let content = crate::tables::numbers(ROWS);
    let file = table_of(&tables, &content).await;
    let view = tables.view(by(&file, &["at"])).await;
    let rows = rows_of(&tables, &file, &view).await;
    let backwards = rows.iter().map(|(position, _)| *position);
    assert!(backwards.eq((0..u64::from(ROWS)).rev()));
}
