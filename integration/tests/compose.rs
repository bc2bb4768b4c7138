//! `compose.yaml` and the `Dockerfile` use flags and variables that the server has. Not a run of the
//! containers: the server's own definition of its command line parses them.

use std::collections::HashSet;
use std::fs;

use clap::{Args as _, Parser};
use grpc_server::config::Options;
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
    match &service[key] {
        Yaml::BadValue => service["<<"][key].clone(),
        own => own.clone(),
    }
}

fn texts(list: &Yaml) -> Vec<String> {
    let list = list.as_vec().unwrap_or_else(|| panic!("{list:?} is no list"));
    list.iter().map(|item| item.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn compose_starts_servers_that_reach_each_other() {
    let document = YamlLoader::load_from_str(&read("compose.yaml")).expect("YAML");
    let services = &document[0]["services"];
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
            line.extend([format!("--{flag}"), value.as_str().expect("a text").to_owned()]);
        }
        let options = Serve::try_parse_from(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        let options = options.options;
        assert_eq!(options.node_name.as_deref(), Some(name.as_str()));
        assert_eq!(options.node_address, Some(format!("{name}:7400")));
        assert!(options.database_url.is_some() && options.redis_url.is_some(), "{name}");
        let balanced = format!("server {name} {name}:7400");
        assert!(balancer.contains(&balanced), "the balancer does not know {name}");
        for needed in texts(&merged(service, "depends_on")) {
            assert!(names.contains(&needed), "{name} needs {needed}");
        }
        nodes += 1;
    }
    assert_eq!(nodes, 3);
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
