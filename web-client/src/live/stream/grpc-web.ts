// Calls of LiveService over grpc-web, with messages as bytes.
//
// What it is not: the transport of the page (`api/transport.ts`), which encodes messages and knows the session.
// Invariant: a call never rejects; it resolves to its status.
import type { StreamEnd } from "./messages.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const HEAD_BYTES = 5;
/** The flag of the last block of an answer. */
const TRAILERS = 0x80;
const UNAVAILABLE = 14;

/** Makes a call. `onMessage` receives each message of the answer. */
export async function call(
  method: string,
  token: string,
  request: Bytes,
  signal: AbortSignal,
  onMessage: (message: Bytes) => void,
): Promise<StreamEnd> {
  try {
    const response = await fetch(`/gridloom.v1.LiveService/${method}`, {
      method: "POST",
      headers: {
        "content-type": "application/grpc-web+proto",
        "x-grpc-web": "1",
        authorization: `Bearer ${token}`,
      },
      body: block(request),
      signal,
    });
    const inHead = statusOf((name) => response.headers.get(name));
    if (inHead !== undefined) return inHead;
    if (!response.ok) return { code: UNAVAILABLE, message: response.statusText, details: NONE };
    return await read(response, onMessage);
  } catch {
    return NETWORK;
  }
}

const NONE = new Uint8Array();
const NETWORK: StreamEnd = { code: UNAVAILABLE, message: "", details: NONE, why: "network" };

function block(message: Bytes): Bytes {
  const bytes = new Uint8Array(HEAD_BYTES + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, HEAD_BYTES);
  return bytes;
}

/** Reads blocks until the trailers; an answer that ends before them was cut. */
async function read(response: Response, onMessage: (message: Bytes) => void): Promise<StreamEnd> {
  const reader = response.body?.getReader();
  let left: Bytes = NONE;
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (value === undefined) return NETWORK;
    left = joined(left, value);
    for (let end = blockEnd(left); end !== undefined; end = blockEnd(left)) {
      const message = left.slice(HEAD_BYTES, end);
      if (((left[0] ?? 0) & TRAILERS) !== 0) return trailers(message);
      left = left.subarray(end);
      onMessage(message);
    }
  }
}

/** The end of the first block; undefined while it is not complete. */
function blockEnd(bytes: Bytes): number | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  return bytes.length < end ? undefined : end;
}

function joined(left: Bytes, more: Uint8Array): Bytes {
  const all = new Uint8Array(left.length + more.length);
  all.set(left);
  all.set(more, left.length);
  return all;
}

function trailers(bytes: Bytes): StreamEnd {
  const lines = new TextDecoder().decode(bytes).split("\r\n");
  const found = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) found.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return statusOf((name) => found.get(name) ?? null) ?? NETWORK;
}

/** The status in headers or trailers; undefined when there is none. */
function statusOf(value: (name: string) => string | null): StreamEnd | undefined {
  const code = value("grpc-status");
  if (code === null) return undefined;
  const details = decoded(value("grpc-status-details-bin") ?? "");
  return { code: Number(code), message: text(value("grpc-message") ?? ""), details };
}

function text(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function decoded(base64: string): Bytes {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return NONE;
  }
}
