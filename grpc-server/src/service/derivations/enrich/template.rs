//! An address with columns in braces, such as `https://api.example.org/items/{gtin}`.
//!
//! Not the requests. Invariants: columns stand behind the host alone, so no cell decides where a header is sent; the value of a cell
//! is percent-encoded, and no value changes the parts of the path.

use std::fmt::Write as _;

use gridloom::v1;
use outbound::{Address, OutboundError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::ColumnIndex;
use crate::service::sheets::queries::filter::column;
use crate::service::tables::position;
use model::limits::outbound::ENRICH_URL_BYTES;

/// The field of the request.
pub(super) const FIELD: &str = "enrichment.url";
/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A value with which an address is checked.
const SAMPLE: &str = "x";

/// An address with columns. Not printed: its query may be secret.
pub(super) struct Template {
    parts: Vec<Part>,
    /// Its host.
    host: String,
    /// The number of parts of its path, and of those that are empty.
    path_parts: (usize, usize),
}

enum Part {
    Text(String),
    /// The position of a column in the table.
    Column(usize),
}

impl Template {
    /// Reads an address over the columns of a table.
    pub(super) fn of(url: &str, columns: &ColumnIndex<'_>) -> Result<Self, ServiceError> {
        let malformed = |rule: &str| ServiceError::malformed(FIELD, rule);
        if url.is_empty() {
            return Err(malformed("must be set"));
        }
        if url.len() > ENRICH_URL_BYTES {
            return Err(malformed(&format!("must have at most {ENRICH_URL_BYTES} bytes")));
        }
        if url.contains('#') {
            return Err(malformed("must have no #: what follows it is never sent"));
        }
        let parts = parts(url, columns)?;
        let mut template = Self { parts, host: String::new(), path_parts: (0, 0) };
        let sample = template.sample()?;
        template.host = sample.host_text().to_owned();
        template.path_parts = sample.path_parts();
        Ok(template)
    }

    /// The positions of its columns, each once, in the order in which they stand.
    pub(super) fn columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        for part in &self.parts {
            if let Part::Column(at) = part
                && !columns.contains(at)
            {
                columns.push(*at);
            }
        }
        columns
    }

    /// An address that leads to the same host as each key.
    pub(super) fn sample(&self) -> Result<Address, ServiceError> {
        let text = self.text(&|_| SAMPLE);
        Address::parse(&text).map_err(|error| match error {
            OutboundError::Malformed(rule) => ServiceError::malformed(FIELD, rule),
            error => ServiceError::malformed(FIELD, error.to_string()),
        })
    }

    /// The address with these values of its columns. The error is a sentence for a person.
    pub(super) fn address<'a>(&self, value: &dyn Fn(usize) -> &'a str) -> Result<Address, String> {
        let address = Address::parse(&self.text(value)).map_err(|error| error.to_string())?;
        let is_same = address.host_text() == self.host && address.path_parts() == self.path_parts;
        match is_same {
            true => Ok(address),
            false => Err("its value would change the path of the address".to_owned()),
        }
    }

    fn text<'a>(&self, value: &dyn Fn(usize) -> &'a str) -> String {
        let mut text = String::new();
        for part in &self.parts {
            // A text takes whatever is written.
            let _ = match part {
                Part::Text(part) => text.write_str(part),
                Part::Column(at) => write!(text, "{}", utf8_percent_encode(value(*at), ENCODED)),
            };
        }
        text
    }
}

fn parts(url: &str, columns: &ColumnIndex<'_>) -> Result<Vec<Part>, ServiceError> {
    let malformed = |rule: &str| ServiceError::malformed(FIELD, rule);
    let (mut parts, mut rest) = (Vec::new(), url);
    while let Some((text, behind)) = rest.split_once('{') {
        if parts.is_empty() && !has_host(text) {
            return Err(malformed(
                "must have its columns behind the host, as in https://host/{column}",
            ));
        }
        let Some((name, behind)) = behind.split_once('}') else {
            return Err(malformed("has a { without its }"));
        };
        if text.contains('}') || name.contains('{') {
            return Err(malformed("has braces that are no pair"));
        }
        let reference =
            v1::ColumnRef { column: Some(v1::column_ref::Column::Name(name.to_owned())) };
        let at = position(column(Some(&reference), columns, FIELD)?)?;
        let at = usize::try_from(at).map_err(ServiceError::internal)?;
        parts.extend([Part::Text(text.to_owned()), Part::Column(at)]);
        rest = behind;
    }
    if rest.contains('}') {
        return Err(malformed("has a } without its {"));
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

/// Whether a begin of an address has the host and what ends it. Further slashes before a host are passed over by the parser.
fn has_host(begin: &str) -> bool {
    let end = begin.split_once("://").and_then(|(_, rest)| rest.find(['/', '\\', '?']));
    end.is_some_and(|end| end > 0)
}

#[cfg(test)]
mod tests {
    use model::{TableColumn, TableFacts};
    use ot_engine::ColumnKind;

    use super::*;
    use crate::service::sheets::columns::Holder;
    use crate::service::tables::columns_of;

    fn template(url: &str) -> Result<Template, ServiceError> {
        let column = |name: &str| TableColumn {
            name: name.to_owned(),
            kind: ColumnKind::Any,
            file_type: String::new(),
            misfits: 0,
        };
        let columns = ["gtin", "a b", "twice", "twice"].map(column).to_vec();
        let records = columns_of(&TableFacts { columns, ..TableFacts::default() });
        Template::of(url, &ColumnIndex::of(Holder::Table, &records))
    }

    #[test]
    fn values_are_encoded_and_change_no_part_of_the_path() {
        let template = template("https://a.org/i/{gtin}/{a b}?q={gtin}").expect("is one");
        assert_eq!(template.columns(), [0, 1]);
        let of = |value: &'static str| template.text(&|at| if at == 0 { value } else { "y" });
        assert_eq!(
            of("a/b?c&d=é"),
            "https://a.org/i/a%2Fb%3Fc%26d%3D%C3%A9/y?q=a%2Fb%3Fc%26d%3D%C3%A9"
        );
        assert_eq!(of("A-1_.~"), "https://a.org/i/A-1_.~/y?q=A-1_.~");
        for (value, is_taken) in [("a/b", true), ("...", true), ("..", false), (".", false)] {
            let address = template.address(&|at| if at == 0 { value } else { "y" });
            assert_eq!(address.is_ok(), is_taken, "{value}");
        }
        let last = self::template("https://a.org/i/{gtin}").expect("is one");
        for (value, is_taken) in [("a", true), (".", false), ("..", false), ("/", true)] {
            assert_eq!(last.address(&|_| value).is_ok(), is_taken, "{value}");
        }
    }

    #[test]
    fn an_address_without_braces_has_no_columns() {
        let template = template("http://a.org").expect("is one");
        assert!(template.columns().is_empty());
        assert_eq!(template.text(&|_| "x"), "http://a.org");
    }

    #[test]
    fn braces_that_are_no_column_behind_the_host_are_refused() {
        for url in [
            "",
            "https://{gtin}/x",
            "https://{gtin}.a.org/x",
            "{gtin}://a.org/x",
            "https:///{gtin}/x",
            "https://\\{gtin}/x",
            "https:////{gtin}/x",
            "https://a.org:{gtin}/x",
            "https://a.org/{gtin",
            "https://a.org/gtin}",
            "https://a.org/{a{b}",
            "https://a.org/{none}",
            "https://a.org/{twice}",
            "https://a.org/{}",
            "https://a.org/x#{gtin}",
            "ftp://a.org/{gtin}",
            "https://me:hunter2@a.org/{gtin}",
        ] {
            let refused = template(url).map(drop).expect_err(url);
            let (ServiceError::Malformed { field, rule }
            | ServiceError::OutOfRange { field, rule }) = refused
            else {
                panic!("{url}: {refused:?}")
            };
            assert!(field.starts_with(FIELD) && !rule.contains("hunter2"), "{url}: {rule}");
        }
    }
}
