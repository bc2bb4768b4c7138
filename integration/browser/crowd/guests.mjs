// A crowd on one sheet: guests of a link over gRPC, as programs would be. Some of them move once a second.
//
// Not browsers. Invariant: each guest has an account of its own, so each is a person of the list.

import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { field, message, stringOf } from "./wire.mjs";

/** Guests that share a connection. */
const EACH_CONNECTION = 8;
/** Guests that come from one address: a server takes a hundred new accounts of a network at once. */
const EACH_ADDRESS = 96;
const MOVE_MILLIS = 1_000;
/** The addresses of one run: of a second run soon after, the server takes no accounts from them. */
const ADDRESSES = `127.${1 + Math.floor(Math.random() * 254)}.1`;

export class Crowd {
  #sessions = [];
  #streams = [];
  #timers = [];
  /** Pieces of data that the crowd has received. */
  frames = 0;

  /** Enters as `count` guests, and opens the sheet as each of them. */
  static async of(url, link, count) {
    const crowd = new Crowd();
    for (let number = 0; number < count; number++) {
      if (number % EACH_CONNECTION === 0) crowd.#sessions.push(dialed(url, number));
      const session = crowd.#sessions.at(-1);
      const name = `Guest ${number + 1}`;
      const answer = await unary(session, "/gridloom.v1.SharingService/EnterAsGuest", [
        field(1, link),
        field(2, name),
      ]);
      crowd.#open(session, stringOf(answer, 2), stringOf(answer, 4));
    }
    return crowd;
  }

  get size() {
    return this.#streams.filter(({ closed }) => !closed).length;
  }

  /** The first `count` move over the rows of the sheet, spread over each second. */
  move(count, rows) {
    for (const [number, stream] of this.#streams.slice(0, count).entries()) {
      let row = number;
      const step = () => {
        row += 1;
        // Presence with a cursor.
        const cursor = message(field(1, row % rows), field(2, number % 5));
        send(stream, field(6, message(field(2, cursor))));
      };
      const begin = setTimeout(
        () => this.#timers.push(setInterval(step, MOVE_MILLIS)),
        (number * MOVE_MILLIS) / count,
      );
      this.#timers.push(begin);
    }
  }

  end() {
    for (const timer of this.#timers) clearInterval(timer);
    for (const session of this.#sessions) session.destroy();
  }

  #open(session, token, sheet) {
    const stream = begun(session, "/gridloom.v1.LiveService/Collaborate", token);
    stream.on("data", () => {
      this.frames += 1;
    });
    stream.on("error", () => undefined);
    // Hello with a window without rows: a guest receives presence alone.
    send(stream, field(1, message(field(1, sheet), field(4, message(field(1, message()))))));
    this.#streams.push(stream);
  }
}

function dialed(url, number) {
  const { hostname, port } = new URL(url);
  const localAddress = `${ADDRESSES}.${1 + Math.floor(number / EACH_ADDRESS)}`;
  const createConnection = () => connectTcp({ host: hostname, port: Number(port), localAddress });
  return connect(url, { createConnection });
}

function begun(session, path, token) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { ":method": "POST", ":path": path, te: "trailers", ...authorization };
  return session.request({ ...headers, "content-type": "application/grpc" });
}

/** A message of a stream: its length, and the message. */
function framed(bytes) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Sends a frame of the client, which is the first field of a request. */
function send(stream, frame) {
  if (!stream.closed) stream.write(framed(field(1, message(frame))));
}

function unary(session, path, fields) {
  return new Promise((resolve, reject) => {
    const stream = begun(session, path, undefined);
    const parts = [];
    let status = "";
    const note = (headers) => {
      if (headers["grpc-status"] !== undefined)
        status = `${headers["grpc-status"]} ${headers["grpc-message"] ?? ""}`;
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("data", (part) => parts.push(part));
    stream.on("error", reject);
    stream.on("end", () => {
      if (status.startsWith("0 ")) resolve(Buffer.concat(parts).subarray(5));
      else reject(new Error(`${path} was refused: ${status}`));
    });
    stream.end(framed(message(...fields)));
  });
}
