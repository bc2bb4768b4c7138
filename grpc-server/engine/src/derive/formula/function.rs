//! The table of functions: names, arguments and results.
//!
//! Not what they compute: see `functions`. Invariant: each function stands here once, and `docs/formulas.md` lists it.

use std::ops::RangeInclusive;

use ot_engine::ColumnKind;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    If,
    And,
    Or,
    Not,
    IsEmpty,
    Coalesce,
    Round,
    Floor,
    Ceiling,
    Abs,
    Mod,
    Min,
    Max,
    Sqrt,
    Len,
    Left,
    Right,
    Mid,
    Upper,
    Lower,
    Trim,
    Substitute,
    Contains,
    StartsWith,
    Concat,
    Text,
    Number,
    Date,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Weekday,
    Days,
}

/// What an argument has to be. An empty cell fits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Any,
    Number,
    Truth,
    Time,
    /// A number, a day or a time.
    Ordered,
    /// A text or a number.
    Written,
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Kind(ColumnKind),
    /// The kind of the arguments from this one on.
    Arguments(usize),
}

/// A function in the table.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// What the arguments have to be; the last one stands for all further ones.
    pub(super) needs: &'static [Need],
    /// How many there may be.
    pub(super) count: RangeInclusive<usize>,
    pub(super) gives: Gives,
}

/// The most arguments of a function that takes any number of them: a formula has no room for more.
const MANY: usize = 1_000;

const NUMBER: Gives = Gives::Kind(ColumnKind::Number);
const TEXT: Gives = Gives::Kind(ColumnKind::Text);
const TRUTH: Gives = Gives::Kind(ColumnKind::Bool);
const DAY: Gives = Gives::Kind(ColumnKind::Date);

const fn entry(
    name: &'static str,
    function: Function,
    needs: &'static [Need],
    count: RangeInclusive<usize>,
    gives: Gives,
) -> Entry {
    Entry { name, function, needs, count, gives }
}

/// All functions.
pub(super) static FUNCTIONS: [Entry; 35] = [
    entry("IF", Function::If, &[Need::Truth, Need::Any], 2..=3, Gives::Arguments(1)),
    entry("AND", Function::And, &[Need::Truth], 1..=MANY, TRUTH),
    entry("OR", Function::Or, &[Need::Truth], 1..=MANY, TRUTH),
    entry("NOT", Function::Not, &[Need::Truth], 1..=1, TRUTH),
    entry("ISEMPTY", Function::IsEmpty, &[Need::Any], 1..=1, TRUTH),
    entry("COALESCE", Function::Coalesce, &[Need::Any], 1..=MANY, Gives::Arguments(0)),
    entry("ROUND", Function::Round, &[Need::Number], 1..=2, NUMBER),
    entry("FLOOR", Function::Floor, &[Need::Number], 1..=2, NUMBER),
    entry("CEILING", Function::Ceiling, &[Need::Number], 1..=2, NUMBER),
    entry("ABS", Function::Abs, &[Need::Number], 1..=1, NUMBER),
    entry("MOD", Function::Mod, &[Need::Number], 2..=2, NUMBER),
    entry("MIN", Function::Min, &[Need::Ordered], 1..=MANY, Gives::Arguments(0)),
    entry("MAX", Function::Max, &[Need::Ordered], 1..=MANY, Gives::Arguments(0)),
    entry("SQRT", Function::Sqrt, &[Need::Number], 1..=1, NUMBER),
    entry("LEN", Function::Len, &[Need::Any], 1..=1, NUMBER),
    entry("LEFT", Function::Left, &[Need::Any, Need::Number], 1..=2, TEXT),
    entry("RIGHT", Function::Right, &[Need::Any, Need::Number], 1..=2, TEXT),
    entry("MID", Function::Mid, &[Need::Any, Need::Number], 3..=3, TEXT),
    entry("UPPER", Function::Upper, &[Need::Any], 1..=1, TEXT),
    entry("LOWER", Function::Lower, &[Need::Any], 1..=1, TEXT),
    entry("TRIM", Function::Trim, &[Need::Any], 1..=1, TEXT),
    entry("SUBSTITUTE", Function::Substitute, &[Need::Any], 3..=3, TEXT),
    entry("CONTAINS", Function::Contains, &[Need::Any], 2..=2, TRUTH),
    entry("STARTSWITH", Function::StartsWith, &[Need::Any], 2..=2, TRUTH),
    entry("CONCAT", Function::Concat, &[Need::Any], 1..=MANY, TEXT),
    entry("TEXT", Function::Text, &[Need::Any], 1..=1, TEXT),
    entry("NUMBER", Function::Number, &[Need::Written], 1..=1, NUMBER),
    entry("DATE", Function::Date, &[Need::Number], 3..=3, DAY),
    entry("YEAR", Function::Year, &[Need::Time], 1..=1, NUMBER),
    entry("MONTH", Function::Month, &[Need::Time], 1..=1, NUMBER),
    entry("DAY", Function::Day, &[Need::Time], 1..=1, NUMBER),
    entry("HOUR", Function::Hour, &[Need::Time], 1..=1, NUMBER),
    entry("MINUTE", Function::Minute, &[Need::Time], 1..=1, NUMBER),
    entry("WEEKDAY", Function::Weekday, &[Need::Time, Need::Number], 1..=2, NUMBER),
    entry("DAYS", Function::Days, &[Need::Time], 2..=2, NUMBER),
];

impl Entry {
    /// What the argument at this place has to be.
    pub(super) fn need(&self, place: usize) -> Need {
        self.needs.get(place).or(self.needs.last()).copied().unwrap_or(Need::Any)
    }
}
