// The deadline of calls about messages, comments, notices and people. A connection may be dead without an error; no call
// of these is slow, and each may be repeated.
//
// What it is not: a deadline of calls about sheets, such as an import or a restore, which may take long.
import type { Transport } from "@connectrpc/connect";

/** How long such a call may take. */
export const CALL_MILLIS = 20_000;

const BOUNDED = new Set(
  ["Chat", "Comment", "Notice", "People"].map((name) => `gridloom.v1.${name}Service`),
);

/** The transport with the deadline for unary calls without one of their own. */
export function withDeadline(transport: Transport): Transport {
  return {
    stream: transport.stream.bind(transport),
    unary: (method, signal, timeoutMs, ...rest) => {
      const isBounded = BOUNDED.has(method.parent.typeName);
      const deadline = timeoutMs ?? (isBounded ? CALL_MILLIS : undefined);
      return transport.unary(method, signal, deadline, ...rest);
    },
  };
}
