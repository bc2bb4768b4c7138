//! Addresses of pages and of persons, as far as a form can tell.
//!
//! Not a proof that an address exists. Invariant: an address has no white space and no control characters.

/// Schemes that a browser or a mail program opens. A link of another one could run code.
const SCHEMES: [&str; 5] = ["http", "https", "ftp", "mailto", "tel"];
/// Bytes of an e-mail address, and of the part before its `@`: RFC 5321, section 4.5.3.1.
const EMAIL: usize = 254;
const LOCAL_PART: usize = 64;
/// Bytes of a label of a host's name: RFC 1035, section 2.3.4.
const LABEL: usize = 63;

/// Whether a text is the address of a page, a file, a person or a telephone.
pub(crate) fn is_link(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&&*scheme) || !is_dense(rest) {
        return false;
    }
    match &*scheme {
        "mailto" => is_email(rest.split('?').next().unwrap_or(rest)),
        "tel" => rest.bytes().any(|byte| byte.is_ascii_digit()),
        _ => rest.strip_prefix("//").is_some_and(has_host),
    }
}

/// Whether a text is an e-mail address, without a name and brackets.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let is_local = !local.is_empty()
        && local.len() <= LOCAL_PART
        && !local.contains(['@', '<', '>', ',', ';', '"', '(', ')'])
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    text.len() <= EMAIL && is_dense(text) && is_local && is_host(host) && host.contains('.')
}

fn has_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(address) = host.strip_prefix('[') {
        return address.contains(']');
    }
    is_host(host.split(':').next().unwrap_or(host))
}

fn is_host(host: &str) -> bool {
    host.strip_suffix('.').unwrap_or(host).split('.').all(|label| {
        let is_allowed = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
        (1..=LABEL).contains(&label.len())
            && label.chars().all(is_allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

fn is_dense(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|char| char.is_whitespace() || char.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_a_scheme_that_is_safe_and_a_host() {
        for link in [
            "https://example.org",
            "HTTP://example.org:8080/a?b#c",
            "https://müller.example/",
            "http://[::1]/",
            "ftp://user@example.org/file",
            "mailto:ada@example.org?subject=x",
            "tel:+4912345",
            "http://localhost/",
        ] {
            assert!(is_link(link), "{link}");
        }
        for text in [
            "",
            "example.org",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "http:///x",
            "https://exa mple.org",
            "https://a..b/",
            "mailto:ada",
            "//example.org",
            "file:///etc",
        ] {
            assert!(!is_link(text), "{text}");
        }
    }

    #[test]
    fn email_addresses_have_one_person_and_a_host_with_a_domain() {
        for address in ["ada@example.org", "a.b+c@mail.example.co", "o'neil@müller.example"] {
            assert!(is_email(address), "{address}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for text in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "ada@localhost",
            "a b@example.org",
            &long,
            "Ada <ada@example.org>",
            "a@b@example.org",
            ".a@example.org",
            "a..b@example.org",
            "a@-x.org",
            "a@x..org",
            "ada@example.org\n",
        ] {
            assert!(!is_email(text), "{text:?}");
        }
    }
}
