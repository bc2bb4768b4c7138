//! Reads the filter of a query, and counts what it has read.
//!
//! Not the search. Invariant: a filter that is read has a bounded number of nodes and values, whatever its shape:
//! Postgres plans a statement without looking at any time limit.

use std::fmt::Display;
use std::sync::Arc;

use gridloom::convert;
use gridloom::v1::condition::Operator;
use gridloom::v1::{self, column_ref, row_filter};
use ot_engine::{Limits, Value, validate_value};

use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::{ColumnIndex, Holder, Named};
use model::limits::edge::{FILTER_CONDITIONS, FILTER_LEVELS, FILTER_NODES, FILTER_VALUES};
use model::{CellTest, ColumnRecord, Comparison, RowFilter};

/// The filter of a query; every row passes without one.
pub(in crate::service) fn read(
    filter: Option<v1::RowFilter>,
    columns: &ColumnIndex<'_>,
) -> Result<RowFilter, ServiceError> {
    let mut reader = Reader { columns, nodes: 0, conditions: 0, values: 0 };
    match filter {
        None => Ok(RowFilter::All(Vec::new())),
        Some(filter) => reader.read(filter, "filter", 1),
    }
}

/// The column that is meant. With no reference, the first one of a sheet; of a table of a file it must be set.
pub(in crate::service) fn column<'a>(
    reference: Option<&v1::ColumnRef>,
    columns: &ColumnIndex<'a>,
    path: &str,
) -> Result<&'a ColumnRecord, ServiceError> {
    let (what, instead) = match columns.holder() {
        Holder::Sheet => ("sheet", "an id"),
        Holder::Table => ("table", "a position"),
    };
    let missing = |field: &str, rule: &str| ServiceError::OutOfRange {
        field: format!("{path}{field}"),
        rule: format!("the {what} has {rule}"),
    };
    match reference.and_then(|reference| reference.column.as_ref()) {
        // The first column of many would be a mistake in silence.
        None if columns.holder() == Holder::Table => {
            Err(ServiceError::malformed(path, "must be set"))
        }
        None => columns.all().first().ok_or_else(|| missing("", "no columns")),
        Some(column_ref::Column::At(at)) => {
            let found = columns.all().get(*at as usize);
            found.ok_or_else(|| missing(".at", "fewer columns"))
        }
        Some(column_ref::Column::Id(id)) => {
            columns.with_id(id).ok_or_else(|| missing(".id", "no column with this id"))
        }
        Some(column_ref::Column::Name(name)) => match columns.named(name) {
            Some(Named::Once(at)) => Ok(&columns.all()[at]),
            None => Err(missing(".name", "no column with this name")),
            Some(Named::Often) => {
                let rule = format!("several columns have this name; use {instead}");
                Err(ServiceError::malformed(format!("{path}.name"), rule))
            }
        },
    }
}

struct Reader<'a> {
    columns: &'a ColumnIndex<'a>,
    nodes: u32,
    conditions: u32,
    values: usize,
}

impl Reader<'_> {
    fn read(
        &mut self,
        filter: v1::RowFilter,
        path: &str,
        level: u32,
    ) -> Result<RowFilter, ServiceError> {
        if level > FILTER_LEVELS {
            let rule = format!("must be at most {FILTER_LEVELS} levels deep");
            return Err(ServiceError::malformed("filter", rule));
        }
        self.nodes += 1;
        at_most(self.nodes, FILTER_NODES, "conditions, lists and negations together")?;
        match filter.filter {
            Some(row_filter::Filter::Condition(condition)) => {
                self.conditions += 1;
                at_most(self.conditions, FILTER_CONDITIONS, "conditions")?;
                self.condition(condition, &format!("{path}.condition"))
            }
            Some(row_filter::Filter::All(list)) => {
                Ok(RowFilter::All(self.list(list, &format!("{path}.all"), level)?))
            }
            Some(row_filter::Filter::Any(list)) => {
                Ok(RowFilter::Any(self.list(list, &format!("{path}.any"), level)?))
            }
            Some(row_filter::Filter::Not(inner)) => {
                let inner = self.read(*inner, &format!("{path}.not"), level + 1)?;
                Ok(RowFilter::Not(Box::new(inner)))
            }
            None => {
                Err(ServiceError::malformed(path, "must be one of condition, all, any and not"))
            }
        }
    }

    fn list(
        &mut self,
        list: v1::RowFilterList,
        path: &str,
        level: u32,
    ) -> Result<Vec<RowFilter>, ServiceError> {
        let filters = list.filters.into_iter().enumerate();
        filters
            .map(|(at, filter)| self.read(filter, &format!("{path}.filters[{at}]"), level + 1))
            .collect()
    }

    fn condition(
        &mut self,
        condition: v1::Condition,
        path: &str,
    ) -> Result<RowFilter, ServiceError> {
        let column = column(condition.column.as_ref(), self.columns, &format!("{path}.column"))?.id;
        let operator = condition.operator();
        let ignore_case = condition.ignore_case;
        self.values = self.values.saturating_add(condition.values.len());
        at_most(self.values, FILTER_VALUES, "values of all conditions together")?;
        let values = values(condition.values, path)?;
        let one = || match &values[..] {
            [value] => Ok(value.clone()),
            _ => Err(wrong_count(path, "must hold exactly one value")),
        };
        let text = || match one()? {
            Value::Text(text) => Ok::<Arc<str>, ServiceError>(text),
            _ => Err(ServiceError::malformed(format!("{path}.values[0]"), "must be a text")),
        };
        let none = || match values.is_empty() {
            true => Ok(CellTest::IsEmpty),
            false => Err(wrong_count(path, "must hold no value with this operator")),
        };
        let compare = |comparison| one().map(|value| CellTest::Compare(comparison, value));
        let (test, not) = match operator {
            Operator::Equal => (CellTest::In(vec![one()?]), false),
            Operator::NotEqual => (CellTest::In(vec![one()?]), true),
            Operator::Less => (compare(Comparison::Less)?, false),
            Operator::LessOrEqual => (compare(Comparison::LessOrEqual)?, false),
            Operator::Greater => (compare(Comparison::Greater)?, false),
            Operator::GreaterOrEqual => (compare(Comparison::GreaterOrEqual)?, false),
            Operator::Contains => (CellTest::Contains(text()?), false),
            Operator::StartsWith => (CellTest::StartsWith(text()?), false),
            Operator::IsEmpty => (none()?, false),
            Operator::IsNotEmpty => (none()?, true),
            Operator::In => (CellTest::In(values), false),
            Operator::Unspecified => {
                let rule = "must be one of the operators that the manual lists";
                return Err(ServiceError::malformed(format!("{path}.operator"), rule));
            }
        };
        let cell = RowFilter::Cell { column, test, ignore_case };
        Ok(if not { RowFilter::Not(Box::new(cell)) } else { cell })
    }
}

fn at_most<T: PartialOrd + Display>(count: T, most: T, what: &str) -> Result<(), ServiceError> {
    if count <= most {
        return Ok(());
    }
    Err(ServiceError::malformed("filter", format!("must have at most {most} {what}")))
}

fn wrong_count(path: &str, rule: impl Display) -> ServiceError {
    ServiceError::malformed(format!("{path}.values"), rule.to_string())
}

fn values(given: Vec<v1::Value>, path: &str) -> Result<Vec<Value>, ServiceError> {
    let value = |(at, value): (usize, v1::Value)| {
        let path = format!("{path}.values[{at}]");
        let value = convert::value_from_wire(value).map_err(|error| error.within(&path))?;
        if value.clone().normalized().is_empty() {
            return Err(ServiceError::malformed(path, "must hold a value; see OPERATOR_IS_EMPTY"));
        }
        validate_value(&value, &Limits::UNBOUNDED)
            .map_err(|rule| ServiceError::malformed(path, rule.to_string()))?;
        Ok(value)
    };
    given.into_iter().enumerate().map(value).collect()
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnId;
    use proptest::prelude::*;

    use super::*;

    type Filter = row_filter::Filter;

    fn node(filter: Filter) -> v1::RowFilter {
        v1::RowFilter { filter: Some(filter) }
    }

    fn list(filters: Vec<v1::RowFilter>) -> v1::RowFilterList {
        v1::RowFilterList { filters }
    }

    fn condition(values: usize) -> v1::RowFilter {
        let value = v1::Value { kind: Some(v1::value::Kind::Number(1.0)) };
        node(Filter::Condition(v1::Condition {
            operator: Operator::In.into(),
            values: vec![value; values],
            ..Default::default()
        }))
    }

    fn read_it(filter: v1::RowFilter) -> Result<RowFilter, String> {
        let kind = ot_engine::ColumnKind::Any;
        let column = ColumnRecord {
            id: ColumnId(1),
            name: "A".into(),
            kind,
            width: None,
            settings: "".into(),
        };
        read(Some(filter), &ColumnIndex::new(&[column])).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn a_missing_reference_is_the_first_column_of_a_sheet_and_refused_for_a_table() {
        let column = |id: u64| ColumnRecord {
            id: ColumnId(id),
            name: "A".into(),
            kind: ot_engine::ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        let columns = [column(7), column(8)];
        for reference in [None, Some(&v1::ColumnRef::default())] {
            let found = super::column(reference, &ColumnIndex::new(&columns), "column");
            assert_eq!(found.expect("the first").id, ColumnId(7));
            let of_table = ColumnIndex::of(Holder::Table, &columns);
            match super::column(reference, &of_table, "order_by[0].column") {
                Err(ServiceError::Malformed { field, rule }) => {
                    assert_eq!((&*field, &*rule), ("order_by[0].column", "must be set"));
                }
                other => panic!("is refused, not {other:?}"),
            }
        }
    }

    #[test]
    fn every_node_of_a_filter_counts() {
        let empty: [fn() -> v1::RowFilter; 4] = [
            || node(Filter::All(list(Vec::new()))),
            || node(Filter::Any(list(Vec::new()))),
            || node(Filter::Not(Box::new(node(Filter::All(list(Vec::new())))))),
            || node(Filter::All(list(vec![node(Filter::Any(list(Vec::new())))]))),
        ];
        for (shape, nodes) in empty.into_iter().zip([1, 1, 2, 2]) {
            let many = |count| (0..count).map(|_| shape()).collect::<Vec<_>>();
            // The list around them is a node, too.
            let most = 255 / nodes;
            assert!(read_it(node(Filter::Any(list(many(most))))).is_ok());
            for count in [most + 1, 100_000] {
                let refused = read_it(node(Filter::Any(list(many(count)))));
                assert!(refused.is_err_and(|error| error.contains("at most 256")), "{count}");
            }
        }
    }

    #[test]
    fn a_value_that_no_cell_has_is_refused_with_its_place() {
        use v1::value::Kind;
        let refused = |operator: Operator, kind: Kind| {
            let mut values = vec![v1::Value { kind: Some(kind) }];
            if operator == Operator::In {
                values.insert(0, v1::Value { kind: Some(Kind::Bool(true)) });
            }
            let condition =
                v1::Condition { operator: operator.into(), values, ..Default::default() };
            read_it(node(Filter::Condition(condition))).expect_err("refused")
        };
        for kind in [
            Kind::DateDays(106_751_992),
            Kind::DateDays(i32::MIN),
            Kind::DatetimeMicros(i64::MAX),
            Kind::LocalDatetimeMicros(i64::MIN),
        ] {
            let error = refused(Operator::Less, kind.clone());
            assert!(error.contains("filter.condition.values[0]"), "{error}");
            assert!(error.contains("years 1 to 9999"), "{error}");
            assert!(refused(Operator::In, kind).contains("filter.condition.values[1]"));
        }
        for operator in [Operator::Equal, Operator::Less, Operator::Contains] {
            let error = refused(operator, Kind::Text(String::new()));
            assert!(error.contains("OPERATOR_IS_EMPTY"), "{error}");
        }
    }

    fn any_tree() -> impl Strategy<Value = v1::RowFilter> {
        let leaf = prop_oneof![
            4 => (0..40_usize).prop_map(condition),
            1 => Just(node(Filter::All(list(Vec::new())))),
            1 => Just(v1::RowFilter::default()),
        ];
        leaf.prop_recursive(12, 400, 30, |inner| {
            let many = prop::collection::vec(inner.clone(), 0..40);
            prop_oneof![
                many.clone().prop_map(|filters| node(Filter::All(list(filters)))),
                many.prop_map(|filters| node(Filter::Any(list(filters)))),
                inner.prop_map(|inner| node(Filter::Not(Box::new(inner)))),
            ]
        })
    }

    /// Nodes, levels, conditions and values, and whether each node has a kind.
    fn count(filter: &v1::RowFilter) -> (u32, u32, u32, usize, bool) {
        let all = |filters: &[v1::RowFilter]| {
            filters.iter().map(count).fold((1, 1, 0, 0, true), |sum, it| {
                (sum.0 + it.0, sum.1.max(it.1 + 1), sum.2 + it.2, sum.3 + it.3, sum.4 && it.4)
            })
        };
        match &filter.filter {
            None => (1, 1, 0, 0, false),
            Some(Filter::Condition(condition)) => (1, 1, 1, condition.values.len(), true),
            Some(Filter::All(list) | Filter::Any(list)) => all(&list.filters),
            Some(Filter::Not(inner)) => all(std::slice::from_ref(inner)),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// Whatever its depth, its width, its empty lists and its negations.
        #[test]
        fn a_tree_is_read_exactly_when_all_its_counts_are_within_the_bounds(tree in any_tree()) {
            let (nodes, levels, conditions, values, is_whole) = count(&tree);
            let is_allowed = nodes <= FILTER_NODES
                && levels <= FILTER_LEVELS
                && conditions <= FILTER_CONDITIONS
                && values <= FILTER_VALUES
                && is_whole;
            let read = read_it(tree);
            prop_assert_eq!(read.is_ok(), is_allowed, "{:?}: {} {} {} {}", read, nodes, levels, conditions, values);
        }
    }

    #[test]
    fn the_values_of_all_conditions_count_together() {
        let with = |values: &[usize]| {
            read_it(node(Filter::All(list(values.iter().map(|it| condition(*it)).collect()))))
        };
        assert!(with(&[1_000]).is_ok() && with(&[500, 500]).is_ok());
        for values in [&[1_001][..], &[500, 501], &[16; 64]] {
            let refused = with(values);
            assert!(
                refused.is_err_and(|error| error.contains("at most 1000 values")),
                "{values:?}"
            );
        }
        assert!(with(&[1; 64]).is_ok());
        assert!(with(&[1; 65]).is_err_and(|error| error.contains("at most 64 conditions")));
    }
}
