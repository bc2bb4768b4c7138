//! What is asked of a table: a filter and an order, checked, with each column by its position.
//!
//! Not the answer (the crate `engine`), and not the rules of a filter, which are those of searches in sheets. Invariant: two
//! requests that name the same columns, conditions and levels have one text, by which a view and its job are found again; a
//! text is read as the request was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::Question;
use gridloom::v1::{self, column_ref, row_filter};
use ot_engine::ColumnId;
use prost::Message as _;

use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::ColumnIndex;
use crate::service::sheets::queries::{self, filter};
use model::limits::tables::VIEW_QUESTION_BYTES;
use model::{ColumnRecord, RowFilter, TableColumn, TableFacts};

/// The columns of a table, as an index has them. The id of each is its position and 1, since that is what a query counts by.
pub(in crate::service) fn columns_of(facts: &TableFacts) -> Vec<ColumnRecord> {
    let column = |(id, column): (u64, &TableColumn)| ColumnRecord {
        id: ColumnId(id),
        name: column.name.as_str().into(),
        kind: column.kind,
        width: None,
        settings: "".into(),
    };
    (1..).zip(&facts.columns).map(column).collect()
}

/// The position of such a column.
pub(in crate::service) fn position(column: &ColumnRecord) -> Result<u32, ServiceError> {
    let position = column.id.0.checked_sub(1).and_then(|at| u32::try_from(at).ok());
    position.ok_or_else(|| ServiceError::internal("a column of a table has no position"))
}

/// A filter and an order that are checked.
pub(super) struct Asked {
    pub(super) question: Question,
    /// The same, with each column by its position.
    message: v1::MakeViewRequest,
}

impl Asked {
    /// Checks a filter and an order.
    pub(super) fn of(
        filter: Option<v1::RowFilter>,
        order_by: Vec<v1::RowOrder>,
        columns: &ColumnIndex<'_>,
    ) -> Result<Self, ServiceError> {
        let order = queries::order(&order_by, columns)?;
        let question = Question { filter: filter::read(filter.clone(), columns)?, order };
        // Every row passes, as without a filter.
        let is_filter = question.filter != RowFilter::All(Vec::new());
        let filter = filter.filter(|_| is_filter);
        let mut message = v1::MakeViewRequest { filter, order_by, ..Default::default() };
        for level in &mut message.order_by {
            by_position(&mut level.column, columns)?;
        }
        if let Some(filter) = &mut message.filter {
            all_by_position(filter, columns)?;
        }
        if message.encoded_len() > VIEW_QUESTION_BYTES {
            let rule = format!(
                "must take at most {VIEW_QUESTION_BYTES} bytes together with the order: name fewer or shorter values"
            );
            return Err(ServiceError::malformed("filter", rule));
        }
        Ok(Self { question, message })
    }

    /// The question of such a text. `None`: it is none of this release, or of another table.
    pub(super) fn of_text(text: &str, columns: &ColumnIndex<'_>) -> Option<Self> {
        let message = v1::MakeViewRequest::decode(&*STANDARD.decode(text).ok()?).ok()?;
        Self::of(message.filter, message.order_by, columns).ok()
    }

    pub(super) fn to_text(&self) -> String {
        STANDARD.encode(self.message.encode_to_vec())
    }

    /// Whether a condition may leave rows out.
    pub(super) fn has_condition(&self) -> bool {
        let mut has_condition = false;
        self.question.filter.columns(&mut |_| has_condition = true);
        has_condition
    }

    pub(super) const fn has_order(&self) -> bool {
        !self.question.order.is_empty()
    }
}

/// The same filter, whose levels are counted already, with each column by its position.
fn all_by_position(
    filter: &mut v1::RowFilter,
    columns: &ColumnIndex<'_>,
) -> Result<(), ServiceError> {
    use row_filter::Filter;
    match &mut filter.filter {
        Some(Filter::Condition(condition)) => by_position(&mut condition.column, columns),
        Some(Filter::All(list) | Filter::Any(list)) => {
            list.filters.iter_mut().try_for_each(|filter| all_by_position(filter, columns))
        }
        Some(Filter::Not(inner)) => all_by_position(inner, columns),
        None => Ok(()),
    }
}

fn by_position(
    reference: &mut Option<v1::ColumnRef>,
    columns: &ColumnIndex<'_>,
) -> Result<(), ServiceError> {
    let at = position(filter::column(reference.as_ref(), columns, "column")?)?;
    *reference = Some(v1::ColumnRef { column: Some(column_ref::Column::At(at)) });
    Ok(())
}

#[cfg(test)]
mod tests {
    use gridloom::v1::column_ref::Column;
    use gridloom::v1::condition::Operator;
    use gridloom::v1::row_filter::Filter;
    use ot_engine::ColumnKind;

    use super::*;
    use crate::service::sheets::columns::Holder;

    fn columns(names: &[&str]) -> Vec<ColumnRecord> {
        let column = |name: &&str| TableColumn {
            name: (*name).to_owned(),
            kind: ColumnKind::Any,
            file_type: String::new(),
            misfits: 0,
        };
        let columns = names.iter().map(column).collect();
        columns_of(&TableFacts { columns, ..TableFacts::default() })
    }

    fn reference(column: Column) -> Option<v1::ColumnRef> {
        Some(v1::ColumnRef { column: Some(column) })
    }

    fn condition(column: Option<v1::ColumnRef>) -> v1::RowFilter {
        let operator = Operator::IsEmpty.into();
        let condition = v1::Condition { column, operator, ..Default::default() };
        let inner = v1::RowFilter { filter: Some(Filter::Condition(condition)) };
        v1::RowFilter { filter: Some(Filter::Not(Box::new(inner))) }
    }

    fn asked(
        filter: Option<v1::RowFilter>,
        order: Option<v1::ColumnRef>,
    ) -> Result<Asked, ServiceError> {
        let columns = columns(&["state", "city", "x", "x"]);
        let order_by = order.map(|column| v1::RowOrder { column: Some(column), descending: true });
        let index = ColumnIndex::of(Holder::Table, &columns);
        Asked::of(filter, order_by.into_iter().collect(), &index)
    }

    #[test]
    fn names_ids_and_positions_of_one_column_are_one_text_which_is_read_back() {
        let ways = [Column::Name("city".to_owned()), Column::Id("1".to_owned()), Column::At(1)];
        let texts = ways.map(|way| {
            let filter = Some(condition(reference(way.clone())));
            let asked = asked(filter, reference(way)).expect("is read");
            assert!(asked.has_condition() && asked.has_order());
            assert_eq!(asked.question.order[0].column, ColumnId(2));
            asked.to_text()
        });
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        let columns = columns(&["state", "city"]);
        let index = ColumnIndex::of(Holder::Table, &columns);
        let read = Asked::of_text(&texts[0], &index).expect("is read back");
        assert_eq!(read.to_text(), texts[0]);
        assert!(Asked::of_text("no base64!", &index).is_none());
        let narrow = &columns[..1];
        assert!(Asked::of_text(&texts[0], &ColumnIndex::of(Holder::Table, narrow)).is_none());
    }

    #[test]
    fn a_filter_that_every_row_passes_is_none() {
        let all = v1::RowFilter { filter: Some(Filter::All(v1::RowFilterList::default())) };
        let [with, without] =
            [Some(all), None].map(|filter| asked(filter, reference(Column::At(0))));
        let (with, without) = (with.expect("is read"), without.expect("is read"));
        assert_eq!(with.to_text(), without.to_text());
        assert!(!with.has_condition() && with.has_order());
    }

    #[test]
    fn a_column_that_is_not_there_is_refused_by_its_field() {
        let cases = [
            (Column::At(4), "order_by[0].column.at", "the table has fewer columns"),
            (Column::Id("4".to_owned()), "order_by[0].column.id", "the table has no column"),
            (Column::Name("y".to_owned()), "order_by[0].column.name", "the table has no column"),
            (Column::Name("x".to_owned()), "order_by[0].column.name", "use a position"),
        ];
        for (column, expected, text) in cases {
            match asked(None, reference(column)) {
                Err(
                    ServiceError::OutOfRange { field, rule }
                    | ServiceError::Malformed { field, rule },
                ) => {
                    assert_eq!(field, expected);
                    assert!(rule.contains(text), "{rule}");
                }
                _ => panic!("{expected}: not refused"),
            }
        }
    }

    #[test]
    fn a_column_that_is_not_set_is_refused_by_its_field() {
        for (filter, order, expected) in [
            (None, Some(v1::ColumnRef::default()), "order_by[0].column"),
            (Some(condition(None)), None, "filter.not.condition.column"),
        ] {
            match asked(filter, order) {
                Err(ServiceError::Malformed { field, rule }) => {
                    assert_eq!((&*field, &*rule), (expected, "must be set"));
                }
                _ => panic!("{expected}: not refused"),
            }
        }
    }

    #[test]
    fn a_question_that_no_job_keeps_is_refused() {
        let value = v1::value::Kind::Text("x".repeat(VIEW_QUESTION_BYTES));
        let condition = v1::Condition {
            column: reference(Column::At(0)),
            operator: Operator::Equal.into(),
            values: vec![v1::Value { kind: Some(value) }],
            ignore_case: false,
        };
        let filter = v1::RowFilter { filter: Some(Filter::Condition(condition)) };
        let refused = asked(Some(filter), None).err();
        assert!(
            matches!(refused, Some(ServiceError::Malformed { field, .. }) if field == "filter")
        );
    }
}
