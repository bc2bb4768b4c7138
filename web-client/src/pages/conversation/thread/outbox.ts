// The messages of a thread that are on their way: sent one after the other, each once, whatever the network does.
//
// Invariant: a message keeps the id that it got at first until the server has answered, so a repeated call never makes a
// second message. It leaves the outbox by that answer, by the event about it, or when the person deletes it.
import { Code } from "@connectrpc/connect";
import { errorText, hasCode, isCanceled, isTransient, networkGone } from "../../../api/errors.ts";
import { Store } from "../../../base/store.ts";
import type { Message, SendMessageResponse } from "../../../gen/gridloom/v1/chat_pb.ts";
import type { Draft, Kept, Mentioned, Unsent } from "./kept.ts";

export interface Outgoing extends Unsent {
  /**
   * sending: on its way, or behind others. waiting: it is sent again after a while. held: it is sent again when the
   * person asks for it.
   */
  progress: "sending" | "waiting" | "held";
  problem: string | undefined;
}

interface Surroundings {
  kept: Kept;
  send: (unsent: Unsent, signal: AbortSignal) => Promise<SendMessageResponse>;
  newId: () => string;
  now: () => number;
  /** Runs after a while; returns a function that stops it. */
  after: (millis: number, then: () => void) => () => void;
  /** Names of persons who are mentioned and can't read the thread, while no conversation shows the message. */
  onUnmentioned: (names: readonly string[]) => void;
}

/** Milliseconds before a message is sent again after an error that may pass; each further wait is twice as long. */
const RETRY_MILLIS = 2_000;
const RETRY_MOST_MILLIS = 60_000;

/** `unmentioned`: the names of persons who are mentioned and can't read the thread. */
type OnSent = (message: Message, unmentioned: readonly string[]) => void;

interface Call {
  clientId: string;
  abort: AbortController;
}

export class Outbox {
  readonly messages = new Store<readonly Outgoing[]>([]);
  readonly #around: Surroundings;
  /** The call that is under way. */
  #call: Call | undefined;
  #failures = 0;
  #onSent: OnSent | undefined;
  #stopRetry: () => void = () => undefined;

  constructor(around: Surroundings) {
    this.#around = around;
    // The page that sent these has ended: the person decides whether they are still to be sent.
    const left = around.kept.unsent();
    this.messages.set(left.map((unsent) => outgoing(unsent, "held")));
  }

  /** Passes each message on that the server has taken, to one conversation; returns a function that ends it. */
  onSent(then: OnSent): () => void {
    this.#onSent = then;
    return () => {
      if (this.#onSent === then) this.#onSent = undefined;
    };
  }

  /** Puts a message at the end. */
  add(draft: Draft): void {
    const unsent = { ...draft, clientId: this.#around.newId(), at: this.#around.now() };
    this.#around.kept.keep(unsent);
    this.messages.set([...this.messages.get(), outgoing(unsent, "sending")]);
    this.#next();
  }

  /** Sends a message again. */
  retry(clientId: string): void {
    this.#set(clientId, "sending", undefined);
    this.#next();
  }

  /** Sends all again that failed for a reason that may have passed, or whose call may wait on a dead connection. */
  retryAll(): void {
    this.#stopRetry();
    this.#giveUp();
    for (const { clientId, progress } of this.messages.get())
      if (progress === "waiting") this.#set(clientId, "sending", undefined);
    this.#next();
  }

  /** The network is gone: the call that is under way gets no answer any more. */
  networkLost(): void {
    const clientId = this.#giveUp();
    if (clientId !== undefined) this.#failed(clientId, networkGone());
  }

  /** Removes a message that the person does not want to send any more. */
  remove(clientId: string): void {
    this.#around.kept.forget(clientId);
    this.messages.set(this.messages.get().filter((message) => message.clientId !== clientId));
  }

  /** The messages that the server has are out of the outbox. */
  received(messages: readonly Message[]): void {
    const ids = new Set(messages.map(({ clientId }) => plain(clientId)));
    for (const { clientId } of this.messages.get())
      if (ids.has(plain(clientId))) this.remove(clientId);
  }

  /** Sends nothing more; what is left stays in the storage. */
  stop(): void {
    this.#stopRetry();
    this.#giveUp();
    this.messages.set([]);
  }

  /** Ends the call that is under way, and returns the id of its message. */
  #giveUp(): string | undefined {
    const call = this.#call;
    this.#call = undefined;
    call?.abort.abort();
    return call?.clientId;
  }

  #set(clientId: string, progress: Outgoing["progress"], problem: string | undefined): void {
    const change = (message: Outgoing) =>
      message.clientId === clientId ? { ...message, progress, problem } : message;
    this.messages.set(this.messages.get().map(change));
  }

  /** Sends the first message that waits, unless one is on its way. */
  #next(): void {
    if (this.#call !== undefined) return;
    const unsent = this.messages.get().find(({ progress }) => progress === "sending");
    if (unsent === undefined) return;
    const call = { clientId: unsent.clientId, abort: new AbortController() };
    this.#call = call;
    // The message of a call that was given up is sent again, under the same id.
    const ended = () => {
      const isLast = this.#call === call;
      if (isLast) this.#call = undefined;
      return isLast;
    };
    this.#around.send(unsent, call.abort.signal).then(
      (response) => ended() && this.#sent(unsent, response),
      (error: unknown) => ended() && this.#failed(unsent.clientId, error),
    );
  }

  #sent(unsent: Unsent, response: SendMessageResponse): void {
    this.#failures = 0;
    const { message, withoutAccess } = response;
    const unmentioned = namesOf(withoutAccess, unsent.mentions);
    // First the message: the conversation never shows none of the two.
    if (message !== undefined) this.#onSent?.(message, unmentioned);
    this.remove(unsent.clientId);
    if (unmentioned.length > 0 && this.#onSent === undefined)
      this.#around.onUnmentioned(unmentioned);
    this.#next();
  }

  #failed(clientId: string, error: unknown): void {
    const problem = errorText(error);
    if (!mayPass(error)) {
      this.#set(clientId, "held", problem);
      this.#next();
      return;
    }
    // Later messages wait, too: they must not come before this one.
    for (const message of this.messages.get())
      if (message.progress === "sending") this.#set(message.clientId, "waiting", problem);
    const wait = Math.min(RETRY_MOST_MILLIS, RETRY_MILLIS * 2 ** this.#failures++);
    this.#stopRetry();
    this.#stopRetry = this.#around.after(wait, () => this.retryAll());
  }
}

/** The names of accounts that a draft mentions. */
export function namesOf(ids: readonly string[], mentions: readonly Mentioned[]): string[] {
  return mentions.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
}

/** A person who signs in again sends what the ended session could not; a proxy may have canceled the call. */
function mayPass(error: unknown): boolean {
  return isTransient(error) || isCanceled(error) || hasCode(error, Code.Unauthenticated);
}

function outgoing(unsent: Unsent, progress: Outgoing["progress"]): Outgoing {
  return { ...unsent, progress, problem: undefined };
}

/** The server writes an id with dashes. */
function plain(clientId: string): string {
  return clientId.replaceAll("-", "");
}
