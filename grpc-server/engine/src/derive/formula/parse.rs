//! Reads a formula by recursive descent.
//!
//! From the weakest to the strongest: a comparison, `&`, `+` and `-`, `*` and `/`, `^`, a sign, `%`. Signs are stronger than `^`, and
//! powers are read from left to right, as in spreadsheets. Not the words and signs: see `tokens`. Invariant: the depth of the
//! recursion has a bound.

use std::sync::Arc;

use model::limits::derivations::FORMULA_DEPTH;
use ot_engine::{ColumnKind, Value};

use super::columns::{FormulaColumn, FormulaError};
use super::function::Need;
use super::kinds::{self, Kinded, Part};
use super::names::{self, Known};
use super::tokens::{Placed, Token, tokens};
use super::tree::{Compared, Expr, Operator};

type Read<T> = Result<T, FormulaError>;

const SUM: [(&str, Operator); 2] = [("+", Operator::Add), ("-", Operator::Subtract)];
const PRODUCT: [(&str, Operator); 2] = [("*", Operator::Multiply), ("/", Operator::Divide)];
const POWER: [(&str, Operator); 1] = [("^", Operator::Power)];
const COMPARED: [(&str, Compared); 6] = [
    ("=", Compared::Equal),
    ("<>", Compared::NotEqual),
    ("<", Compared::Less),
    ("<=", Compared::LessOrEqual),
    (">", Compared::Greater),
    (">=", Compared::GreaterOrEqual),
];

/// The parts of a formula that may use these columns, and may not use others by their names. A sign of equality may stand before
/// it, as in a cell.
pub(super) fn parse(text: &str, columns: &[FormulaColumn], left_out: &[Arc<str>]) -> Read<Part> {
    let tokens = tokens(text)?;
    let end = text.chars().count() + 1;
    let known = Known::new(columns, left_out);
    let mut parser = Parser { tokens: &tokens, next: 0, end, known, depth: 0 };
    parser.takes("=");
    if parser.peek().is_none() {
        return Err(FormulaError::new(parser.at(), "a formula is missing"));
    }
    let part = parser.comparison()?;
    match parser.peek() {
        None => Ok(part),
        Some(token) => {
            let rule = match token {
                Token::Sign(")") => "this parenthesis has no begin".to_owned(),
                Token::Sign("," | ";") => {
                    "this stands between arguments of a function alone; the decimal mark is a point"
                        .to_owned()
                }
                token => format!("an operator is missing before {}", shown(token)),
            };
            Err(FormulaError::new(parser.at(), rule))
        }
    }
}

struct Parser<'a> {
    tokens: &'a [Placed],
    next: usize,
    /// The position behind the last character.
    end: usize,
    known: Known<'a>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next).map(|placed| &placed.token)
    }

    /// Where the next token begins.
    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |placed| placed.at)
    }

    /// Takes the sign if it is the next token.
    fn takes(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.next += usize::from(is_next);
        is_next
    }

    /// Takes the next sign if it is one of these.
    fn taken<T: Copy>(&mut self, signs: &[(&str, T)]) -> Option<T> {
        signs.iter().find(|(sign, _)| self.takes(sign)).map(|(_, meaning)| *meaning)
    }

    /// Reads what stands one step deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= FORMULA_DEPTH {
            let rule = format!(
                "more than {FORMULA_DEPTH} parentheses, functions and signs inside of each other"
            );
            return Err(FormulaError::new(self.at(), rule));
        }
        self.depth += 1;
        let part = read(self);
        self.depth -= 1;
        part
    }

    fn comparison(&mut self) -> Read<Part> {
        let one = self.joined()?;
        let Some(compared) = self.taken(&COMPARED) else { return Ok(one) };
        let other = self.joined()?;
        kinds::check_compared(&one, &other)?;
        let at = self.at();
        if self.taken(&COMPARED).is_some() {
            let rule =
                "a comparison is compared again: put one of them in parentheses, or both in AND( )";
            return Err(FormulaError::new(at, rule));
        }
        let expr = Expr::Compared(Box::new(one.expr), compared, Box::new(other.expr));
        Ok(Part { expr, kinded: Kinded::exactly(ColumnKind::Bool), at: one.at })
    }

    fn joined(&mut self) -> Read<Part> {
        let first = self.sum()?;
        if !self.takes("&") {
            return Ok(first);
        }
        let at = first.at;
        let mut parts = vec![first.expr, self.sum()?.expr];
        while self.takes("&") {
            parts.push(self.sum()?.expr);
        }
        Ok(Part { expr: Expr::Joined(parts), kinded: Kinded::exactly(ColumnKind::Text), at })
    }

    /// A first part, and those behind operators of one precedence.
    fn chain(
        &mut self,
        signs: &[(&str, Operator)],
        part: fn(&mut Self) -> Read<Part>,
    ) -> Read<(Part, Vec<(Operator, Part)>)> {
        let first = part(self)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.taken(signs) {
            rest.push((operator, part(self)?));
        }
        Ok((first, rest))
    }

    fn sum(&mut self) -> Read<Part> {
        let (first, rest) = self.chain(&SUM, Self::product)?;
        if rest.is_empty() {
            return Ok(first);
        }
        let kinded = kinds::of_sum(&first, &rest)?;
        let expr = Expr::Sum(Box::new(first.expr), exprs(rest), kinded.kind);
        Ok(Part { expr, kinded, at: first.at })
    }

    fn product(&mut self) -> Read<Part> {
        let (first, rest) = self.chain(&PRODUCT, Self::power)?;
        product_of(first, rest)
    }

    fn power(&mut self) -> Read<Part> {
        let (first, rest) = self.chain(&POWER, Self::signed)?;
        product_of(first, rest)
    }

    fn signed(&mut self) -> Read<Part> {
        let at = self.at();
        if self.takes("+") {
            return self.deeper(Self::signed);
        }
        if !self.takes("-") {
            return self.hundredths();
        }
        let part = self.deeper(Self::signed)?;
        kinds::check(&part, Need::Number)?;
        let expr = Expr::Negative(Box::new(part.expr));
        Ok(Part { expr, kinded: Kinded::exactly(ColumnKind::Number), at })
    }

    fn hundredths(&mut self) -> Read<Part> {
        let part = self.single()?;
        let mut times = 0;
        while self.takes("%") {
            times += 1;
        }
        if times == 0 {
            return Ok(part);
        }
        kinds::check(&part, Need::Number)?;
        let expr = Expr::Percent(Box::new(part.expr), times);
        Ok(Part { expr, kinded: Kinded::exactly(ColumnKind::Number), at: part.at })
    }

    fn single(&mut self) -> Read<Part> {
        let at = self.at();
        let Some(token) = self.peek() else {
            return Err(FormulaError::new(at, "the formula ends where a value is missing"));
        };
        self.next += 1;
        match token {
            Token::Number(number) => Ok(written(at, Value::from(*number))),
            Token::Text(text) if text.is_empty() => Ok(written(at, Value::Empty)),
            Token::Text(text) => Ok(written(at, Value::from(text.as_str()))),
            Token::Column(name) => Ok(of_column(at, self.known.column(at, name)?)),
            Token::Word(name) if self.takes("(") => self.call(at, name),
            Token::Word(name) if name.eq_ignore_ascii_case("true") => Ok(written(at, true.into())),
            Token::Word(name) if name.eq_ignore_ascii_case("false") => {
                Ok(written(at, false.into()))
            }
            Token::Word(name) => Ok(of_column(at, self.known.bare(at, name)?)),
            Token::Sign("(") => {
                let part = self.deeper(Self::comparison)?;
                self.ends(at)?;
                Ok(part)
            }
            Token::Sign(sign) => {
                Err(FormulaError::new(at, format!("a value is missing before \"{sign}\"")))
            }
        }
    }

    fn call(&mut self, at: usize, name: &str) -> Read<Part> {
        let entry = names::function(at, name)?;
        let mut parts = Vec::new();
        if !self.takes(")") {
            loop {
                parts.push(self.deeper(Self::comparison)?);
                if !self.takes(",") && !self.takes(";") {
                    break;
                }
            }
            self.ends(at)?;
        }
        if !entry.count.contains(&parts.len()) {
            let (least, most) = (entry.count.start(), entry.count.end());
            let wanted = match (*least, *most) {
                (1, 1) => "1 argument".to_owned(),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) if most > parts.len().max(8) => format!("at least {least}"),
                (least, most) => format!("{least} to {most} arguments"),
            };
            let rule = format!("{} takes {wanted}, and here are {}", entry.name, parts.len());
            return Err(FormulaError::new(at, rule));
        }
        let kinded = kinds::of_call(entry, &parts)?;
        let parts = parts.into_iter().map(|part| part.expr).collect();
        Ok(Part { expr: Expr::Call(entry.function, parts), kinded, at })
    }

    /// Takes the parenthesis that ends what has begun at a position.
    fn ends(&mut self, begin: usize) -> Read<()> {
        if self.takes(")") {
            return Ok(());
        }
        let rule = match self.peek() {
            None => format!("\")\" is missing: what begins at character {begin} has no end"),
            Some(token) => format!("an operator or \")\" is missing before {}", shown(token)),
        };
        Err(FormulaError::new(self.at(), rule))
    }
}

fn exprs(parts: Vec<(Operator, Part)>) -> Vec<(Operator, Expr)> {
    parts.into_iter().map(|(operator, part)| (operator, part.expr)).collect()
}

fn product_of(first: Part, rest: Vec<(Operator, Part)>) -> Read<Part> {
    if rest.is_empty() {
        return Ok(first);
    }
    kinds::check(&first, Need::Number)?;
    rest.iter().try_for_each(|(_, part)| kinds::check(part, Need::Number))?;
    let expr = Expr::Product(Box::new(first.expr), exprs(rest));
    Ok(Part { expr, kinded: Kinded::exactly(ColumnKind::Number), at: first.at })
}

fn of_column(at: usize, (place, column): (usize, &FormulaColumn)) -> Part {
    Part { expr: Expr::Column(place), kinded: Kinded::of_column(column), at }
}

fn written(at: usize, value: Value) -> Part {
    let kinded = Kinded::of_value(&value);
    Part { expr: Expr::Value(value), kinded, at }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Number(number) => number.to_string(),
        Token::Text(_) => "the text".to_owned(),
        Token::Column(name) => format!("[{name}]"),
        Token::Word(word) => format!("\"{word}\""),
        Token::Sign(sign) => format!("\"{sign}\""),
    }
}
