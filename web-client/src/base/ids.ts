// Random ids for drafts, tabs, requests, places and groups. `crypto.randomUUID` is missing on plain http, except on localhost;
// `getRandomValues` exists on every page.

/** 128 random bits as 32 hexadecimal digits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function randomBits(bits: number): bigint {
  const [word = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return BigInt.asUintN(bits, word) | 1n;
}

/** A place of edits: 47 random bits, not 0. */
export function newPlace(): bigint {
  return randomBits(48);
}

/** A group of edits: 63 random bits, not 0. */
export function newGroup(): bigint {
  return randomBits(64);
}
