//! Whether quotes say that a field is text, as those of an own export do.
//!
//! Programs that put each text in quotes, or each field, mean nothing by it. The export's part is in `quoting`. Invariant: no
//! quotes of an own export are taken for those of another program.

use super::infer::{self, Field};
use super::quoting::{Content, is_special};

/// The first line of a file and the rows of its sample.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) first: &'a [Field],
    pub(super) rows: &'a [Vec<Field>],
    /// Whether the first line has names.
    pub(super) has_names: bool,
    /// Whether there are no rows but these.
    pub(super) is_whole: bool,
}

impl Sample<'_> {
    /// Whether quotes say that a field is text, in a file with this delimiter.
    pub(super) fn quotes_say_text(&self, delimiter: u8) -> bool {
        let is_lone = self.first.len() == 1;
        let needs = |field: &Field| !field.is_text || needs_quotes(field, is_lone);
        let is_mark = |col: usize| self.has_names && self.may_be_marked(col);
        delimiter == b','
            && self.rows.iter().flatten().all(needs)
            && self.first.iter().enumerate().all(|(col, name)| needs(name) || is_mark(col))
            && (self.has_names || !self.are_in_quotes())
    }

    /// Whether all fields stand in quotes, a name among them that needs none.
    pub(super) fn are_all_quoted(&self) -> bool {
        let is_lone = self.first.len() == 1;
        let is_own = |name: &Field| !name.is_text || asks_for_quotes(name, is_lone);
        self.are_in_quotes() && !self.first.iter().all(is_own)
    }

    /// Whether all fields stand in quotes, and some of them have the form of other values than texts.
    fn are_in_quotes(&self) -> bool {
        let fields = || self.rows.iter().flatten().chain(self.first);
        fields().all(|field| field.is_text || field.text.is_empty())
            && fields().any(|field| infer::has_other_form(&field.text))
    }

    /// Whether quotes distinguish the texts of a column from its other values.
    pub(super) fn has_quotes(&self, col: usize) -> bool {
        let is_shown = |field: &Field| field.is_text && infer::has_other_form(&field.text);
        let is_marked =
            |first: &Field| if self.has_names { first.is_text } else { is_shown(first) };
        self.first.get(col).is_some_and(is_marked) || self.column(col).any(is_shown)
    }

    /// Whether an export marks the column by quotes around its name: its texts show that they are texts, and it has other
    /// values, too, here or in later rows.
    fn may_be_marked(&self, col: usize) -> bool {
        let content = Content::of_fields(self.column(col));
        content.has_plain && (content.has_other || !self.is_whole)
    }

    fn column(&self, col: usize) -> impl Iterator<Item = &Field> {
        self.rows.iter().filter_map(move |row| row.get(col))
    }
}

/// Whether an export would put a field in quotes that stands in them.
fn needs_quotes(field: &Field, is_lone: bool) -> bool {
    infer::has_other_form(&field.text) || asks_for_quotes(field, is_lone)
}

/// Whether a field needs quotes, whatever the kind of its value.
fn asks_for_quotes(Field { text, .. }: &Field, is_lone: bool) -> bool {
    is_special(text) || infer::begins_file(text) || (is_lone && text.is_empty())
}
