// Random ids for drafts, tabs and requests. `crypto.randomUUID` is missing on plain http, except on localhost;
// `getRandomValues` exists on every page.

/** 128 random bits as 32 hexadecimal digits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
