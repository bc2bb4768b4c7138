//! The place where a page of jobs begins: the time and the id of the last job before it.
//!
//! Not the form of a token: see `edge::pages`. Invariant: a place needs no lookup, so that a token shows nothing about the
//! job that it names.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use uuid::Uuid;

use store::{JobId, JobPlace};

/// The place of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) struct Place(pub(in crate::service) JobPlace);

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.micros, self.0.job)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(token: &str) -> Result<Self, ()> {
        let (micros, id) = token.split_once('.').ok_or(())?;
        let micros: u64 = micros.parse().map_err(|_| ())?;
        let micros = i64::try_from(micros).map_err(|_| ())?;
        let job = Uuid::try_parse(id).map(JobId).map_err(|_| ())?;
        (micros <= JobPlace::LAST.micros).then_some(Self(JobPlace { micros, job })).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written_and_no_other_text_is_one() {
        let job = JobId(Uuid::from_u128(7));
        for micros in [0, 1, JobPlace::LAST.micros] {
            let place = Place(JobPlace { micros, job });
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        let beyond = i64::MAX;
        for text in ["", ".", "7", "7.", ".7", "x.7", "-1.7"] {
            assert_eq!(text.parse::<Place>(), Err(()), "{text}");
        }
        for micros in ["-1".to_owned(), beyond.to_string(), format!("{beyond}0")] {
            assert_eq!(format!("{micros}.{job}").parse::<Place>(), Err(()), "{micros}");
        }
    }
}
