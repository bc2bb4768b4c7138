// The id of an upload's request: the same for the same file, also after a reload, so that its upload continues.
//
// What it is not: a digest of the content, which a page would have to read first. A file that was changed has another time
// of its last change, and so another id.

/** The most bytes of an id that the server takes. */
const BYTES_MOST = 100;
/** Characters at each end of a long name that stay. */
const KEPT = 6;

/** 32 bits of a text, by FNV-1a: long names that differ in their middle alone have different ids. */
function checksum(bytes: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}

/** `nth`: from 1 on another upload of the same file, after one whose file was renamed or removed. */
export function requestIdOf(file: Pick<File, "name" | "size" | "lastModified">, nth = 0): string {
  const head = `${file.size}/${file.lastModified}/${nth === 0 ? "" : `${nth}/`}`;
  const encoder = new TextEncoder();
  const name = encoder.encode(file.name);
  if (head.length + name.length <= BYTES_MOST) return head + file.name;
  const characters = [...file.name];
  const [begin, end] = [characters.slice(0, KEPT), characters.slice(-KEPT)];
  return `${head}${begin.join("")}~${checksum(name)}~${end.join("")}`;
}
