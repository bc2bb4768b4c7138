// The few messages of Protocol Buffers that a crowd sends: strings, numbers and messages as fields.

function varint(number) {
  const bytes = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** A message of fields. */
export function message(...fields) {
  return Buffer.concat(fields);
}

/** A field: a number, a string, or a message. */
export function field(id, value) {
  if (typeof value === "number") return Buffer.concat([varint(id * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(id * 8 + 2), varint(bytes.length), bytes]);
}

/** The string in a field of a message. */
export function stringOf(bytes, wanted) {
  let at = 0;
  const read = () => {
    let [number, factor] = [0, 1];
    for (; bytes[at] > 127; at++, factor *= 128) number += (bytes[at] - 128) * factor;
    return number + bytes[at++] * factor;
  };
  while (at < bytes.length) {
    const tag = read();
    const length = read();
    if (tag % 8 !== 2) continue;
    if (Math.floor(tag / 8) === wanted) return bytes.toString("utf8", at, at + length);
    at += length;
  }
  return "";
}
