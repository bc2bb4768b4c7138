//! The position in a body that consists of messages, each behind a head with its length.
//!
//! Plain data. Invariant: it knows the length of the message to which the last byte belongs.

/// The head of each message: whether it is compressed, and its length.
const HEAD_BYTES: usize = 5;

/// The position in a stream of messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    head: [u8; HEAD_BYTES],
    /// Bytes of the head that have arrived.
    known: usize,
    /// The length of the message.
    length: usize,
    /// Bytes of the message that have not arrived.
    left: usize,
}

/// The messages that some bytes belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// One of them has ended.
    pub(crate) ended: bool,
    /// The length of the longest that has ended.
    pub(crate) longest: usize,
}

impl Place {
    /// Passes over these bytes.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) -> Passed {
        let mut passed = Passed::default();
        while let Some(first) = bytes.first() {
            if self.left > 0 {
                let count = self.left.min(bytes.len());
                bytes = &bytes[count..];
                self.left -= count;
            } else {
                self.head[self.known] = *first;
                bytes = &bytes[1..];
                self.known += 1;
                if self.known < HEAD_BYTES {
                    continue;
                }
                self.known = 0;
                let [_, length @ ..] = self.head;
                self.length = u32::from_be_bytes(length) as usize;
                self.left = self.length;
            }
            if self.left == 0 {
                passed.ended = true;
                passed.longest = passed.longest.max(self.length);
            }
        }
        passed
    }

    /// The length of the message that began last.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    pub(crate) const fn is_between(&self) -> bool {
        self.known == 0 && self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_message_of_a_part_is_known_however_the_body_is_divided() {
        let message = |length: usize| {
            let length = u32::try_from(length).expect("it is short").to_be_bytes();
            [&[0][..], &length, &vec![7; u32::from_be_bytes(length) as usize]].concat()
        };
        let body = [message(3), message(200), message(0), message(9)].concat();
        for size in 1..body.len() {
            let mut place = Place::default();
            let parts: Vec<_> = body.chunks(size).map(|part| place.pass(part)).collect();
            assert_eq!(parts.iter().map(|part| part.longest).max(), Some(200));
            assert!(place.is_between(), "in parts of {size}");
            // The last part of the large message is known as such, and no earlier part is.
            let last = (3 + HEAD_BYTES + 200 + HEAD_BYTES - 1) / size;
            let large = parts.iter().position(|part| part.longest == 200);
            assert_eq!(large, Some(last), "in parts of {size}");
            assert!(parts[last].ended);
        }
    }
}
