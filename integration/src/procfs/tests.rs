//! The parser reads the fields of `/proc` correctly for every process name.

use proptest::prelude::*;

use super::*;

/// A line of `/proc/PID/stat` as the kernel writes it.
fn stat(pid: u32, name: &[u8], parent: u32, times: [u64; 4]) -> Vec<u8> {
    let [user, system, reaped_user, reaped_system] = times;
    let mut line = format!("{pid} (").into_bytes();
    line.extend_from_slice(name);
    let rest = format!(
        ") S {parent} 5 5 0 -1 4194560 1 2 3 4 {user} {system} {reaped_user} {reaped_system} 20 0 9 0 77 8 9\n"
    );
    line.extend_from_slice(rest.as_bytes());
    line
}

fn numbered(pid: u32, parent: u32, own: u64, reaped: u64) -> Process {
    Process { pid, parent, name: b"x".to_vec(), own, reaped, started: 0 }
}

#[test]
fn a_hostile_name_moves_no_field() {
    let names: [&[u8]; 7] = [
        b"postgres",
        b"a) b",
        b"a) R 1 2 3 (b",
        b"((((",
        b") ) )",
        b"two\nlines) S 9",
        b"\xff\xfe not utf-8 )",
    ];
    for name in names {
        let process = parse_process(&stat(42, name, 7, [10, 20, 300, 400])).expect("well formed");
        let expected =
            Process { pid: 42, parent: 7, name: name.to_vec(), own: 30, reaped: 700, started: 77 };
        assert_eq!(process, expected);
    }
}

#[test]
fn what_is_not_a_stat_is_refused() {
    let whole = stat(42, b"x", 7, [1, 2, 3, 4]);
    for text in [&b""[..], b"42", b"42 (x", b"42 (x)", b")(", b"x (x) S 1", &whole[..30]] {
        assert_eq!(parse_process(text), None, "{:?}", String::from_utf8_lossy(text));
    }
    assert_eq!(parse_machine("cpu 1 2 3\n"), None);
    assert_eq!(parse_machine("intr 1 2 3 4 5 6 7 8\n"), None);
}

#[test]
fn the_machine_is_the_sum_of_its_cpus() {
    let text = "cpu  100 20 30 4000 500 6 7 8 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
    assert_eq!(parse_machine(text), Some(Machine { busy: 163, stolen: 8 }));
}

#[test]
fn a_tree_is_a_process_and_all_below_it() {
    let list = [
        numbered(1, 0, 1, 0),
        numbered(10, 1, 10, 5),
        numbered(12, 11, 12, 0),
        numbered(11, 10, 11, 0),
        numbered(20, 1, 20, 0),
        // A loop, as a list can hold that was read while ids were used again.
        numbered(30, 31, 30, 0),
        numbered(31, 30, 31, 0),
    ];
    let pids: Vec<u32> = tree(10, &list).iter().map(|process| process.pid).collect();
    assert_eq!(pids, [10, 11, 12]);
    assert!(tree(99, &list).is_empty());
}

#[test]
fn this_process_is_found_below_its_parent() {
    let pid = std::process::id();
    let own = process(pid).expect("runs");
    assert_eq!(own.pid, pid);
    assert!(processes().expect("listed").iter().any(|found| found.pid == pid));
    assert!(tree_ticks(pid).expect("runs") >= own.own);
    assert!(machine().expect("is readable").busy > 0);
    assert!(resident_bytes(pid).expect("is readable") > 0);
}

#[test]
fn the_time_of_a_child_that_has_ended_is_kept() {
    let pid = std::process::id();
    let before = tree_ticks(pid).expect("runs");
    // Works until it has used some ticks, on a machine of any load.
    let work = "while [ \"$(cut -d' ' -f14 /proc/$$/stat)\" -lt 3 ]; do i=0; \
                while [ $i -lt 9999 ]; do i=$((i+1)); done; done";
    let status = std::process::Command::new("sh").args(["-c", work]).status().expect("runs");
    assert!(status.success());
    assert!(tree_ticks(pid).expect("runs") >= before + 3);
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_fail(text: Vec<u8>, name: Vec<u8>) {
        let _ = parse_process(&text);
        let process = parse_process(&stat(1, &name, 2, [3, 4, 5, 6]));
        prop_assert_eq!(process.map(|process| (process.own, process.reaped)), Some((7, 11)));
    }
}
