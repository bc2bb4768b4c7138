//! The name of the program that signs in, for the list of an account's tokens.
//!
//! Not a check: a program may call itself anything. Invariant: a name has a bounded length and no control characters.

use tonic::metadata::MetadataMap;

/// Characters of the name by which a program calls itself; the rest is cut.
const DEVICE_CHARACTERS: usize = 200;
/// Browsers and libraries of gRPC send the first; the other is for programs that may not set it.
const DEVICE_HEADERS: [&str; 2] = ["user-agent", "x-user-agent"];

/// The program that calls, as it calls itself.
pub(super) fn name(metadata: &MetadataMap) -> String {
    let named = |name: &&str| metadata.get(*name)?.to_str().ok();
    let name = DEVICE_HEADERS.iter().find_map(named).unwrap_or_default();
    name.chars().filter(|letter| !letter.is_control()).take(DEVICE_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_its_headers_within_a_limit() {
        let of = |header: &'static str, value: &str| {
            let mut metadata = MetadataMap::new();
            metadata.insert(header, value.parse().expect("ASCII"));
            name(&metadata)
        };
        assert_eq!(of("user-agent", "gridctl/0.1"), "gridctl/0.1");
        assert_eq!(of("x-user-agent", "connect-es/2"), "connect-es/2");
        assert_eq!(of("user-agent", &"x".repeat(500)).len(), DEVICE_CHARACTERS);
        assert_eq!(of("other", "x"), "");
    }
}
