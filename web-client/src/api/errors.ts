// What an error means to a person. The server's own sentences are written for people, so they stand
// as they are; only what never reached a server is put into words here.
import { Code, ConnectError } from "@connectrpc/connect";

/** True when the request never got an answer from a server. */
export function isNetworkError(error: unknown): boolean {
  const e = ConnectError.from(error);
  // Browsers report a dropped connection as a TypeError, which Connect wraps.
  return e.cause instanceof TypeError;
}

/** True when trying the same again later may help. */
export function isTransient(error: unknown): boolean {
  if (isNetworkError(error)) return true;
  const { code } = ConnectError.from(error);
  return (
    code === Code.Unavailable ||
    code === Code.DeadlineExceeded ||
    code === Code.Aborted ||
    code === Code.ResourceExhausted ||
    code === Code.Internal ||
    code === Code.Unknown
  );
}

export function isCanceled(error: unknown): boolean {
  return ConnectError.from(error).code === Code.Canceled;
}

export function hasCode(error: unknown, code: Code): boolean {
  return ConnectError.from(error).code === code;
}

/** One sentence for a person. */
export function errorText(error: unknown): string {
  if (isNetworkError(error))
    return "The server can't be reached. Check the connection and try again.";
  const e = ConnectError.from(error);
  const text = e.rawMessage.trim();
  if (text === "") return "Something went wrong. Try again.";
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
