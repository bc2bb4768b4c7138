//! Converts client ids: 128 bits in the engine, a UUID as text on the wire, which a person can copy.
//!
//! It assigns no ids. Invariant: an id survives the wire unchanged.

use ot_engine::ClientId;

use super::ConvertError;

/// Hexadecimal digits of a client id.
const DIGITS: usize = 32;
/// The positions of the hyphens of a UUID, in digits.
const HYPHENS: [usize; 4] = [8, 12, 16, 20];

/// A client id from the wire: 32 hexadecimal digits, with hyphens or without. The error names the
/// field `client_id`.
///
/// # Errors
/// A text that is not a UUID.
pub fn client_id_from_wire(text: &str) -> Result<ClientId, ConvertError> {
    let refused = || ConvertError::new("client_id", "must be a UUID");
    let (mut id, mut digits) = (0_u128, 0);
    for char in text.chars().filter(|char| *char != '-') {
        let digit = char.to_digit(16).ok_or_else(refused)?;
        id = id << 4 | u128::from(digit);
        digits += 1;
        if digits > DIGITS {
            return Err(refused());
        }
    }
    if digits == DIGITS { Ok(ClientId(id)) } else { Err(refused()) }
}

/// A client id for the wire: lower case, with hyphens.
#[must_use]
pub fn client_id_to_wire(id: ClientId) -> String {
    let mut text = String::with_capacity(DIGITS + HYPHENS.len());
    for digit in 0..DIGITS {
        if HYPHENS.contains(&digit) {
            text.push('-');
        }
        let nibble = (id.0 >> (4 * (DIGITS - 1 - digit))) as u32 & 0xf;
        text.extend(char::from_digit(nibble, 16));
    }
    text
}
