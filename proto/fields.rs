//! Counts the fields of an encoded request before it is decoded.
//!
//! A message of 4 MiB can hold two million empty values, which take 64 MiB once they are decoded. So the fields of a
//! request have a limit of their own. Not here: the size of a message, which the transport limits, and the form of a
//! request (`convert`).
//!
//! Invariant: no nested message and no element of a list is missed. Bytes that are not well-formed end the count; to
//! decode them fails. Cost: one pass over the bytes.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

use crate::FILE_DESCRIPTOR_SET;

/// Fields of one request, nested ones included.
pub const FIELDS_MOST: usize = 1_000_000;

/// The nested messages of each message: field numbers, and the shape of the field's message.
type Shape = HashMap<u32, usize>;

/// The shapes of all messages of the protocol.
struct Shapes {
    shapes: Vec<Shape>,
    by_name: HashMap<String, usize>,
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    // The descriptor set is compiled in, and a test decodes it.
    Shapes::of(&FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap_or_default())
});

impl Shapes {
    fn of(files: &FileDescriptorSet) -> Self {
        let mut found: Vec<(String, &DescriptorProto)> = Vec::new();
        for file in &files.file {
            collect(&format!(".{}", file.package()), &file.message_type, &mut found);
        }
        let numbered = found.iter().enumerate();
        let by_name: HashMap<String, usize> =
            numbered.map(|(at, (name, _))| (name.clone(), at)).collect();
        let shape = |message: &DescriptorProto| {
            let nested = message.field.iter().filter(|field| field.r#type() == Type::Message);
            let known = nested.filter_map(|field| {
                Some((u32::try_from(field.number()).ok()?, *by_name.get(field.type_name())?))
            });
            known.collect()
        };
        let shapes = found.iter().map(|(_, message)| shape(message)).collect();
        Self { shapes, by_name }
    }
}

fn collect<'a>(
    package: &str,
    messages: &'a [DescriptorProto],
    found: &mut Vec<(String, &'a DescriptorProto)>,
) {
    for message in messages {
        let name = format!("{package}.{}", message.name());
        collect(&name, &message.nested_type, found);
        found.push((name, message));
    }
}

/// The number of fields of an encoded message, such as `gridloom.v1.SendRequest`; at most one more than `most`.
#[must_use]
pub fn count_fields(message: &str, bytes: &[u8], most: usize) -> usize {
    let shapes = &*SHAPES;
    let Some(shape) = shapes.by_name.get(&format!(".{message}")) else { return 0 };
    let mut count = 0;
    // What is left of each message that is open, the innermost last.
    let mut open = vec![(*shape, bytes)];
    while let Some((shape, rest)) = open.last_mut() {
        if rest.is_empty() {
            open.pop();
            continue;
        }
        let Some((number, content)) = next_field(rest) else { return count };
        count += 1;
        if count > most {
            return count;
        }
        if let (Some(content), Some(nested)) = (content, shapes.shapes[*shape].get(&number)) {
            open.push((*nested, content));
        }
    }
    count
}

/// The next field: its number, and its content where it has a length. `None`: the bytes are not well-formed.
fn next_field<'a>(rest: &mut &'a [u8]) -> Option<(u32, Option<&'a [u8]>)> {
    let (number, wire_type) = decode_key(rest).ok()?;
    let length = match wire_type {
        WireType::Varint => {
            decode_varint(rest).ok()?;
            0
        }
        WireType::SixtyFourBit => 8,
        WireType::ThirtyTwoBit => 4,
        WireType::LengthDelimited => usize::try_from(decode_varint(rest).ok()?).ok()?,
        // The fields of an unknown group are counted as the message's own.
        WireType::StartGroup | WireType::EndGroup => 0,
    };
    let (content, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some((number, (wire_type == WireType::LengthDelimited).then_some(content)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::convert::any_message::any_message;
    use crate::v1;

    fn count(bytes: &[u8]) -> usize {
        count_fields("gridloom.v1.SendRequest", bytes, usize::MAX)
    }

    #[test]
    fn every_message_of_the_protocol_has_a_shape() {
        let shapes = &*SHAPES;
        assert!(shapes.by_name.len() > 60, "{}", shapes.by_name.len());
        let nested: usize = shapes.shapes.iter().map(HashMap::len).sum();
        assert!(nested > 80, "{nested}");
    }

    #[test]
    fn nested_values_are_counted_in_one_pass() {
        let block = v1::CellBlock { values: vec![v1::Value::default(); 500], ..Default::default() };
        let delta = v1::Delta { cells: vec![block], ..Default::default() };
        let edit = v1::Edit {
            sequence: 1,
            change: Some(v1::edit::Change::Delta(delta)),
            ..Default::default()
        };
        let frame = v1::ClientFrame { frame: Some(v1::client_frame::Frame::Edit(edit)) };
        let request = v1::SendRequest { frames: vec![frame; 3], ..Default::default() };
        // A frame has the frame, the edit, its number, the delta, the block and its values.
        assert_eq!(count(&request.encode_to_vec()), 3 * (5 + 500));
        assert_eq!(count_fields("gridloom.v1.SendRequest", &request.encode_to_vec(), 100), 101);
    }

    #[test]
    fn a_text_is_one_field_whatever_it_holds() {
        for text in ["0".repeat(100_000), "\n\0".repeat(50_000)] {
            let request = v1::CreateSheetRequest { name: text, ..Default::default() };
            let count = count_fields("gridloom.v1.CreateSheetRequest", &request.encode_to_vec(), 9);
            assert_eq!(count, 1);
        }
    }

    #[test]
    fn fields_after_a_group_are_counted() {
        // Field 15 as a group that is empty, then three empty frames.
        let mut bytes = vec![15 << 3 | 3, 15 << 3 | 4];
        bytes.extend([3 << 3 | 2, 0].repeat(3));
        assert_eq!(count(&bytes), 5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// A decoded message that is encoded again has no more fields than were counted.
        #[test]
        fn no_field_is_missed(bytes in any_message()) {
            let Ok(request) = v1::ApplyEditsRequest::decode(&*bytes) else { return Ok(()) };
            let name = "gridloom.v1.ApplyEditsRequest";
            let again = count_fields(name, &request.encode_to_vec(), usize::MAX);
            prop_assert!(again <= count_fields(name, &bytes, usize::MAX));
        }
    }
}
