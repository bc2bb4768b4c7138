//! Texts that are tested.
//!
//! Not their order: see `collation`. Source: `folded_text` and `normal_text` of the migrations compare so in Postgres.

use std::borrow::Cow;
use std::collections::HashSet;

use model::Comparison;

use super::compared::holds;
use crate::QueryError;
use crate::order::collation::Collation;

/// A test of texts.
#[derive(Debug)]
pub(super) struct Texts {
    ignore_case: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Contains(String),
    StartsWith(String),
    OneOf(HashSet<String>),
    Compare(Comparison, String, Box<Collation>),
}

impl Texts {
    pub(super) fn containing(part: &str, ignore_case: bool) -> Self {
        Self { ignore_case, test: Test::Contains(folded(part, ignore_case).into_owned()) }
    }

    pub(super) fn starting(start: &str, ignore_case: bool) -> Self {
        Self { ignore_case, test: Test::StartsWith(folded(start, ignore_case).into_owned()) }
    }

    /// The texts, which are [`folded`].
    pub(super) fn one_of(texts: HashSet<String>, ignore_case: bool) -> Self {
        Self { ignore_case, test: Test::OneOf(texts) }
    }

    pub(super) fn compared(
        comparison: Comparison,
        text: &str,
        ignore_case: bool,
    ) -> Result<Self, QueryError> {
        let wanted = folded(text, ignore_case).into_owned();
        let collation = Box::new(Collation::new()?);
        Ok(Self { ignore_case, test: Test::Compare(comparison, wanted, collation) })
    }

    /// Whether any text passes.
    pub(super) fn is_some_text(&self) -> bool {
        !matches!(&self.test, Test::OneOf(texts) if texts.is_empty())
    }

    pub(super) fn passes(&self, text: &str) -> bool {
        let text = folded(text, self.ignore_case);
        match &self.test {
            Test::Contains(part) => text.contains(&**part),
            Test::StartsWith(start) => text.starts_with(&**start),
            Test::OneOf(texts) => texts.contains(&*text),
            Test::Compare(comparison, wanted, collation) => {
                holds(*comparison, collation.compare(&text, wanted))
            }
        }
    }
}

/// A text as it is compared: without its letter case if that is ignored, and with one encoding of accented letters.
pub(super) fn folded(text: &str, ignore_case: bool) -> Cow<'_, str> {
    match ignore_case {
        true if is_folded(text) => Cow::Borrowed(text),
        true => Cow::Owned(values::fold(text)),
        false => values::normal(text),
    }
}

/// Whether folding leaves the text as it is, which ASCII shows at a glance.
fn is_folded(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}
