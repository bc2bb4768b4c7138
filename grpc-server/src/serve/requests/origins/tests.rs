//! Hosts and origins: which pass, and which are refused.

use http::Request;

use super::*;
use crate::config::origins::OriginOptions;

fn origins(hosts: &[&str], allowed: &[&str]) -> Origins {
    let origins = OriginOptions {
        hosts: hosts.iter().map(|&it| it.to_owned()).collect(),
        allow_origins: allowed.iter().map(|&it| it.to_owned()).collect(),
    };
    let options = Options { origins, ..Options::default() };
    Origins::new(&options, Some("node.internal.example:7400"))
}

fn ask(origins: &Origins, uri: &str, headers: &[(&str, &str)]) -> Option<Refused> {
    let mut request = Request::builder().uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    origins.refuse(&request.body(()).expect("valid").into_parts().0)
}

#[test]
fn the_servers_own_names_are_known_and_others_are_not() {
    let origins = origins(&["Sheets.example.org"], &[]);
    for host in [
        "localhost",
        "LOCALHOST:7400",
        "localhost.",
        "app.localhost:1",
        "127.0.0.1",
        "10.1.2.3:80",
        "[::1]",
        "[2001:db8::1]:7400",
        "node1:7400",
        "x",
        "sheets.example.org",
        "sheets.EXAMPLE.org.:443",
        "node.internal.example",
    ] {
        assert_eq!(ask(&origins, "/", &[("host", host)]), None, "{host}");
        assert_eq!(ask(&origins, &format!("http://{host}/"), &[]), None, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:7400",
        "evil.example.",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "sheets.example.org.evil.example",
        "xsheets.example.org",
        "1.2.3",
        "node.internal.example.evil.example",
    ] {
        let refused = Some(Refused::Host(host.to_owned()));
        assert_eq!(ask(&origins, "/", &[("host", host)]), refused, "{host}");
        assert_eq!(ask(&origins, &format!("http://{host}/x"), &[]), refused, "{host}");
        assert_eq!(ask(&origins, HEALTH, &[("host", host)]), None, "a balancer's check");
    }
    assert_eq!(ask(&self::origins(&["*"], &[]), "/", &[("host", "evil.example")]), None);
    // Old HTTP names no host.
    assert_eq!(ask(&origins, "/", &[]), None);
}

#[test]
fn a_request_names_one_host() {
    let origins = origins(&["a.example", "b.example"], &[]);
    for headers in [
        &[("host", "a.example"), ("host", "b.example")][..],
        &[("host", "a.example"), ("host", "a.example")],
        &[("host", "me@a.example")],
        &[("host", "")],
        &[("host", "a.example/b")],
        &[("host", "a.example, b.example")],
        &[("host", "a.example:x")],
    ] {
        assert_eq!(ask(&origins, "/", headers), Some(Refused::Unclear), "{headers:?}");
        assert_eq!(ask(&origins, HEALTH, headers), Some(Refused::Unclear), "{headers:?}");
    }
    let differs = ask(&origins, "http://b.example/", &[("host", "a.example")]);
    assert_eq!(differs, Some(Refused::Unclear));
    assert_eq!(ask(&origins, "http://a.example/", &[("host", "A.example")]), None);
}

#[test]
fn the_page_of_the_server_calls_it_and_others_do_not() {
    let allowed = "https://portal.example";
    let origins = origins(&["sheets.example.org"], &[allowed]);
    for (host, origin) in [
        ("localhost:7400", "http://localhost:7400"),
        ("LOCALHOST:7400", "http://localhost:7400"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("sheets.example.org", "https://sheets.example.org"),
        ("sheets.example.org:443", "https://sheets.example.org"),
        ("[::1]:7400", "http://[::1]:7400"),
        ("localhost:7400", allowed),
        ("localhost:7400", "HTTPS://portal.example"),
    ] {
        let headers = [("host", host), ("origin", origin)];
        assert_eq!(ask(&origins, "/", &headers), None, "{origin} at {host}");
    }
    for (host, origin) in [
        ("localhost:7400", "http://localhost:5173"),
        ("localhost:7400", "http://localhost"),
        ("localhost:7400", "http://127.0.0.1:7400"),
        ("localhost:7400", "http://evil.example"),
        ("localhost:7400", "null"),
        ("localhost:7400", ""),
        ("localhost:7400", "localhost:7400"),
        ("localhost:7400", "file://localhost:7400"),
        ("sheets.example.org", "http://sheets.example.org:8080"),
        ("sheets.example.org", "https://portal.example.evil.example"),
        ("sheets.example.org", "https://portal.example:8443"),
    ] {
        let headers = [("host", host), ("origin", origin)];
        let refused = Some(Refused::Origin(origin.to_owned()));
        assert_eq!(ask(&origins, "/", &headers), refused, "{origin} at {host}");
    }
    let twice = [("host", "x"), ("origin", "http://x"), ("origin", "http://x")];
    assert!(matches!(ask(&origins, "/", &twice), Some(Refused::Origin(_))));
    // Without a host there is no own page.
    assert!(matches!(ask(&origins, "/", &[("origin", "http://x")]), Some(Refused::Origin(_))));
}
