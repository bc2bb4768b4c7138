//! `compose.yaml` and the `Dockerfile` use flags and variables that the server has. Not a run of the
//! containers: the server's own definition of its command line parses them.

#[path = "compose/roles.rs"]
mod roles;

use std::collections::HashSet;
use std::fs;

use clap::{Args as _, Parser};
use grpc_server::config::Options;
use grpc_server::config::proxies::Network;
use grpc_server::telemetry::LogOptions;
use integration::harness::binaries::repository;
use yaml_rust2::{Yaml, YamlLoader};

/// The command line of `gridloom serve`.
#[derive(Parser)]
struct Serve {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    _log: LogOptions,
}

fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The variables that the server reads.
fn variables() -> HashSet<String> {
    let serve = LogOptions::augment_args(Options::augment_args(clap::Command::new("serve")));
    let variables = serve.get_arguments().filter_map(|argument| argument.get_env());
    variables.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// A key of a service, taken from `<<` where the service lacks it.
fn merged(service: &Yaml, key: &str) -> Yaml {
    match (&service[key], &service["<<"]) {
        (Yaml::BadValue, Yaml::BadValue) => Yaml::BadValue,
        (Yaml::BadValue, base) => merged(base, key),
        (own, _) => own.clone(),
    }
}

/// The names of a list, or of the keys of a map.
fn names_of(list: &Yaml) -> Vec<String> {
    match list.as_hash() {
        Some(map) => map.keys().map(|name| name.as_str().expect("a name").to_owned()).collect(),
        None => texts(list),
    }
}

/// A text with a password in place of each variable that must be set, and the default of each other one.
fn substituted(text: &str) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let (variable, after) = rest.split_once('}').expect("a variable ends");
    let value = variable.split_once(":-").map_or("secret", |(_, default)| default);
    assert!(value != "secret" || variable.contains(":?"), "{variable} may be empty");
    format!("{before}{value}{}", substituted(after))
}

fn services(file: &str) -> Yaml {
    YamlLoader::load_from_str(&read(file)).expect("YAML")[0]["services"].clone()
}

/// Every container has the least rights, bounds and a health check; no password has a default.
#[test]
fn every_container_is_hardened() {
    let services = services("compose.yaml");
    for (name, service) in services.as_hash().expect("services") {
        let name = name.as_str().expect("a name");
        assert_eq!(merged(service, "read_only").as_bool(), Some(true), "{name}");
        assert_eq!(texts(&merged(service, "cap_drop")), ["ALL"], "{name}");
        assert_eq!(texts(&merged(service, "security_opt")), ["no-new-privileges:true"], "{name}");
        assert!(merged(service, "cap_add").is_badvalue(), "{name}");
        for bound in ["mem_limit", "pids_limit", "ulimits", "healthcheck", "networks"] {
            assert!(!merged(service, bound).is_badvalue(), "{name} has no {bound}");
        }
        let networks = names_of(&merged(service, "networks"));
        let expected: &[&str] = match name {
            "balancer" => &["front"],
            "postgres" | "redis" => &["data"],
            _ => &["front", "data"],
        };
        assert_eq!(networks, expected, "{name}");
        if let Some(image) = merged(service, "image").as_str() {
            let (_, tag) = image.split_once(':').expect("a tag");
            assert!(tag.contains('.'), "{image}: a minor release");
        }
        for port in merged(service, "ports").as_vec().into_iter().flatten() {
            assert!(
                port.as_str().is_some_and(|it| it.starts_with("127.0.0.1:")),
                "{name}: {port:?}"
            );
        }
    }
    for (number, line) in read("compose.yaml").lines().enumerate() {
        let value = line.split_once("PASSWORD: ").map(|(_, value)| value.trim());
        let is_required =
            value.is_none_or(|value| value.starts_with("\"${") && value.contains(":?"));
        assert!(is_required, "line {}: {line}", number + 1);
    }
    assert!(read("Dockerfile").contains("\nUSER 10001\n"), "the image does not run as root");
}

/// The files of TLS are named by variables that the server has, and the balancer checks by TLS.
#[test]
fn compose_with_tls_sets_what_the_server_reads() {
    let (with, known) = (services("deploy/compose.tls.yaml"), variables());
    for node in ["node1", "node2", "node3"] {
        let set = names_of(&with[node]["environment"]);
        assert_eq!(set.len(), 3, "{node}");
        assert!(set.iter().all(|name| known.contains(name)), "{node}: {set:?}");
    }
    let plain = read("deploy/haproxy.cfg");
    let checked =
        plain.replace("send-proxy-v2 check ", "send-proxy-v2 check check-ssl verify none ");
    let body = |text: &str| text.split_once("defaults\n").expect("settings").1.to_owned();
    assert_ne!(checked, plain);
    assert_eq!(body(&read("deploy/haproxy.tls.cfg")), body(&checked));
}

fn texts(list: &Yaml) -> Vec<String> {
    let list = list.as_vec().unwrap_or_else(|| panic!("{list:?} is no list"));
    list.iter().map(|item| item.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn compose_starts_servers_that_reach_each_other() {
    let services = services("compose.yaml");
    let known = variables();
    let names: HashSet<String> = services
        .as_hash()
        .expect("services")
        .keys()
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect();
    let balancer = read("deploy/haproxy.cfg");
    let mut nodes = 0;
    for name in names.iter().filter(|name| name.starts_with("node")) {
        let service = &services[name.as_str()];
        let command = texts(&service["command"]);
        assert_eq!(command[0], "serve", "{name}");
        let mut line = command.clone();
        for (variable, value) in merged(service, "environment").as_hash().expect("variables") {
            let variable = variable.as_str().expect("a name");
            assert!(known.contains(variable), "{name}: the server reads no {variable}");
            // By flag, since tests share one environment.
            let flag = variable.trim_start_matches("GRIDLOOM_").to_lowercase().replace('_', "-");
            line.extend([format!("--{flag}"), substituted(value.as_str().expect("a text"))]);
        }
        let options = Serve::try_parse_from(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        let options = options.options;
        assert_eq!(options.node_name.as_deref(), Some(name.as_str()));
        assert_eq!(options.node_address, Some(format!("{name}:7400")));
        assert!(options.database_url.is_some() && options.redis_url.is_some(), "{name}");
        let balanced = format!("server {name} {name}:7400");
        assert!(balancer.contains(&balanced), "the balancer does not know {name}");
        for needed in names_of(&merged(service, "depends_on")) {
            assert!(names.contains(&needed), "{name} needs {needed}");
        }
        let at = services["balancer"]["networks"]["front"]["ipv4_address"].as_str();
        let trusted: Vec<Network> = [at.expect("an address").parse().expect("an address")].into();
        assert_eq!(options.proxies.trusted_proxies, trusted, "{name}");
        nodes += 1;
    }
    assert_eq!(nodes, 3);
    // In each of the two backends.
    assert_eq!(balancer.matches("default-server send-proxy-v2 ").count(), 2);
}

/// A folder of its own at each server would be another place, which the second server refuses.
#[test]
fn all_servers_share_one_volume_for_files_that_the_image_s_account_owns() {
    let (services, dockerfile) = (services("compose.yaml"), read("Dockerfile"));
    let mut volumes = HashSet::new();
    for node in ["node1", "node2", "node3"] {
        let environment = merged(&services[node], "environment");
        let place = environment["GRIDLOOM_FILES"].as_str().expect("a place");
        let mounted = texts(&merged(&services[node], "volumes"));
        let end = format!(":{place}");
        let volume = mounted.iter().find_map(|volume| volume.strip_suffix(end.as_str()));
        volumes.insert(volume.expect("the place is a volume").to_owned());
        let line = dockerfile.lines().find(|line| line.ends_with(&format!(" {place}")));
        assert!(line.is_some_and(|line| line.contains("--owner=10001 ")), "{place}");
    }
    assert_eq!(volumes, HashSet::from(["files".to_owned()]));
    let declared = YamlLoader::load_from_str(&read("compose.yaml")).expect("YAML");
    assert!(names_of(&declared[0]["volumes"]).contains(&"files".to_owned()));
    let cluster = read("scripts/cluster");
    assert!(cluster.contains("export GRIDLOOM_FILES="), "so has `make cluster`");
}

/// The servers see the balancer's connections as one peer's, so it bounds what one source opens.
#[test]
fn the_balancer_counts_the_connections_of_each_source() {
    let plain = read("deploy/haproxy.cfg");
    let (_, front) = plain.split_once("\nfrontend all\n").expect("a frontend");
    let (front, _) = front.split_once("\nbackend ").expect("backends");
    let rules: Vec<&str> = front.lines().map(str::trim).collect();
    let place = |begin: &str| rules.iter().position(|rule| rule.starts_with(begin));
    let table = place("stick-table type ipv6 ").expect("a table of sources");
    for counter in ["conn_cur", "conn_rate(10s)"] {
        let (_, stored) = rules[table].split_once(" store ").expect("counters");
        assert!(stored.split(',').any(|name| name == counter), "{}", rules[table]);
    }
    let tracked = place("tcp-request connection track-sc0 src,ipmask(32,64)").expect("tracked");
    let refused = place("tcp-request connection reject if ").expect("refused");
    assert!(table < tracked && tracked < refused, "a source is counted before it is judged");
    for bound in ["{ sc0_conn_cur gt ", "{ sc0_conn_rate gt "] {
        let most = rules[refused].split_once(bound).and_then(|(_, rest)| rest.split_once(" }"));
        let most: u32 = most.expect(bound).0.parse().expect("a number");
        assert!((1..=10_000).contains(&most), "{}", rules[refused]);
    }
}

#[test]
fn the_image_sets_variables_that_the_server_reads() {
    let known = variables();
    let dockerfile = read("Dockerfile");
    let words = dockerfile.split_whitespace().filter_map(|word| word.split_once('='));
    let set: Vec<&str> =
        words.map(|(name, _)| name).filter(|name| name.starts_with("GRIDLOOM_")).collect();
    assert_eq!(set.len(), 3, "{set:?}");
    for name in set {
        assert!(known.contains(name), "the server reads no {name}");
    }
}
