// Whose changes a frame of the server has.
import type { ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";

/** The account of all changes of a frame; undefined where they are of several, or of this page's account. */
export function authorOf({ frame }: ServerFrame, own: string): string | undefined {
  if (frame.case !== "changes") return undefined;
  const [author, ...others] = new Set(frame.value.changes.map(({ authorId }) => authorId));
  return others.length > 0 || author === own ? undefined : author;
}
