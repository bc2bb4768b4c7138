//! The words and signs of a formula's text.
//!
//! Not their meaning: see `parse`. Invariant: each token has the position of its first character, counted from 1.

use super::columns::FormulaError;

/// A word or a sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(String),
    /// A name in brackets.
    Column(String),
    /// A bare name, of a function or a column.
    Word(String),
    /// An operator, a parenthesis, or what stands between arguments.
    Sign(&'static str),
}

/// A token and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) at: usize,
    pub(super) token: Token,
}

/// Longer ones first.
const SIGNS: [&str; 17] =
    ["<>", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "^", "&", "%", "(", ")", ",", ";"];

/// Below it a number has each whole one: 2^53.
const WHOLE_BELOW: f64 = 9_007_199_254_740_992.0;

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, FormulaError> {
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0 };
    let mut found = Vec::new();
    while let Some(char) = reader.peek() {
        if char.is_whitespace() {
            reader.at += 1;
            continue;
        }
        let at = reader.at + 1;
        found.push(Placed { at, token: reader.token(char)? });
    }
    Ok(found)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn is_next(&self, ahead: usize, test: impl Fn(char) -> bool) -> bool {
        self.chars.get(self.at + ahead).is_some_and(|char| test(*char))
    }

    fn token(&mut self, first: char) -> Result<Token, FormulaError> {
        let digit = |char: char| char.is_ascii_digit();
        match first {
            '"' => self
                .quoted('"', "a text begins here and has no end: it ends with \"")
                .map(Token::Text),
            '[' => self
                .quoted(']', "a column's name begins here and has no end: it ends with ]")
                .map(Token::Column),
            '.' if self.is_next(1, digit) => self.number(),
            _ if first.is_ascii_digit() => self.number(),
            _ if first.is_alphabetic() || first == '_' => {
                Ok(Token::Word(self.while_in(|char| char.is_alphanumeric() || char == '_')))
            }
            _ => self.sign(first),
        }
    }

    /// A text up to its end; an end that is doubled is a character of it.
    fn quoted(&mut self, end: char, without_end: &str) -> Result<String, FormulaError> {
        let begin = self.at + 1;
        self.at += 1;
        let mut text = String::new();
        while let Some(char) = self.peek() {
            self.at += 1;
            if char == end {
                if self.peek() != Some(end) {
                    return Ok(text);
                }
                self.at += 1;
            }
            if char == '\0' {
                return Err(FormulaError::new(self.at, "this character stands in no text"));
            }
            text.push(char);
        }
        Err(FormulaError::new(begin, without_end))
    }

    fn while_in(&mut self, test: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(char) = self.peek().filter(|char| test(*char)) {
            text.push(char);
            self.at += 1;
        }
        text
    }

    fn number(&mut self) -> Result<Token, FormulaError> {
        let begin = self.at + 1;
        let digit = |char: char| char.is_ascii_digit();
        let mut text = self.while_in(digit);
        if self.peek() == Some('.') {
            self.at += 1;
            text.push('.');
            text.push_str(&self.while_in(digit));
        }
        let has_power = self.is_next(0, |char| matches!(char, 'e' | 'E'))
            && (self.is_next(1, digit)
                || self.is_next(1, |char| matches!(char, '+' | '-')) && self.is_next(2, digit));
        if has_power {
            text.push('e');
            self.at += 1;
            text.push_str(&self.while_in(|char| matches!(char, '+' | '-')));
            text.push_str(&self.while_in(digit));
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let rule = "a number has digits with a point between them, such as 1.5, and no more than a cell holds";
        let number = number.ok_or_else(|| FormulaError::new(begin, rule))?;
        // Of smaller numbers decimals alone are rounded, as in each computation.
        if number >= WHOLE_BELOW && tables::exact_number(&text).is_none() {
            let rule = "this has more digits than a number holds; in quotes it is a text";
            return Err(FormulaError::new(begin, rule));
        }
        Ok(Token::Number(number))
    }

    fn sign(&mut self, first: char) -> Result<Token, FormulaError> {
        let is_here = |sign: &&str| {
            sign.chars().enumerate().all(|(ahead, char)| self.is_next(ahead, |it| it == char))
        };
        if let Some(sign) = SIGNS.into_iter().find(is_here) {
            self.at += sign.len();
            return Ok(Token::Sign(sign));
        }
        let rule = match first {
            '“' | '”' | '„' | '\'' | '‘' | '’' => {
                "a text stands in straight double quotes, as \"text\"".to_owned()
            }
            '!' => "\"is not\" is written <>, and its opposite is NOT( )".to_owned(),
            '{' | ']' | '}' => "a column's name stands in brackets, as [name]".to_owned(),
            other => format!("\"{}\" has no meaning in a formula", other.escape_debug()),
        };
        Err(FormulaError::new(self.at + 1, rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_words_and_signs() {
        let found = tokens("[a]]b]<>\"x\"\"y\" + .5e-2;If").expect("tokens");
        let expected = [
            (1, Token::Column("a]b".to_owned())),
            (7, Token::Sign("<>")),
            (9, Token::Text("x\"y".to_owned())),
            (16, Token::Sign("+")),
            (18, Token::Number(0.005)),
            (23, Token::Sign(";")),
            (24, Token::Word("If".to_owned())),
        ];
        let expected = expected.map(|(at, token)| Placed { at, token });
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_token_has_a_position() {
        for (text, at) in [("1 + \"a", 5), ("[a", 1), ("a ! b", 3), ("1 + ’x’", 5), ("1e999", 1)]
        {
            assert_eq!(tokens(text).expect_err(text).at, at, "{text}");
        }
    }

    #[test]
    fn a_number_whose_whole_digits_are_lost_is_refused() {
        let lost = [
            "9007199254740993",
            "12345678901234567890",
            "9007199254740993.5",
            "9007199254740993e0",
        ];
        for text in lost {
            let error = tokens(&format!("1 + {text}")).expect_err(text);
            assert_eq!(error.at, 5, "{text}");
            assert!(error.rule.contains("more digits than a number holds"), "{error}");
        }
        for (text, number) in [
            ("9007199254740992", 9_007_199_254_740_992.0),
            ("9007199254740994", 9_007_199_254_740_994.0),
            ("1e23", 1e23),
            ("1000000000000000000000.0", 1e21),
            ("3.14159265358979323846", std::f64::consts::PI),
        ] {
            let expected = Placed { at: 1, token: Token::Number(number) };
            assert_eq!(tokens(text).expect(text), [expected]);
        }
    }
}
