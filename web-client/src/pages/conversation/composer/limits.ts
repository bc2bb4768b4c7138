// The limits of a message, as the server has them.
import { plural } from "../../../base/text.ts";

/** Bytes of UTF-8 in a text. */
const MOST_BYTES = 8 * 1024;
const MOST_MENTIONS = 32;
/** Bytes that are left when the field begins to show them. */
const SHOWN_BELOW = 1024;

const encoder = new TextEncoder();

/** The note below the field of a text; `wrong`: it can't be sent. */
export interface Check {
  wrong: boolean;
  text: string;
}

export function check(text: string, mentions: number): Check {
  const left = MOST_BYTES - encoder.encode(text).length;
  if (left < 0) return { wrong: true, text: `The message is ${plural(-left, "byte")} too long.` };
  if (mentions > MOST_MENTIONS)
    return { wrong: true, text: `A message mentions ${MOST_MENTIONS} people at most.` };
  return { wrong: false, text: left < SHOWN_BELOW ? `${plural(left, "byte")} left.` : "" };
}
