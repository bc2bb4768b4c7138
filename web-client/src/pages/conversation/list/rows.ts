// The rows of a conversation: its messages, with a row before each day and before the unread ones.
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";

/** Messages of one author within this time follow each other without a name. */
const TOGETHER_MICROS = 5n * 60n * 1_000_000n;

export type Row =
  | { kind: "day"; key: string; at: Date }
  | { kind: "unread"; key: string }
  | { kind: "message"; key: string; message: Message; isFirst: boolean };

export function dateOf(micros: bigint): Date {
  return new Date(Number(micros / 1000n));
}

function sameDay(a: Message, b: Message): boolean {
  return dateOf(a.sentMicros).toDateString() === dateOf(b.sentMicros).toDateString();
}

/** Whether a message stands below the name of the one before it. */
function follows(before: Message, message: Message): boolean {
  const isSame = before.authorId === message.authorId && before.authorName === message.authorName;
  return isSame && message.sentMicros - before.sentMicros < TOGETHER_MICROS;
}

/** `line`: the number of the first unread message. */
export function rowsOf(messages: readonly Message[], line: bigint | undefined): Row[] {
  return messages.flatMap((message, at): Row[] => {
    const before = messages[at - 1];
    const newDay = before === undefined || !sameDay(before, message);
    const isLine = message.number === line;
    const key = String(message.number);
    const isFirst = newDay || isLine || !follows(before, message);
    return [
      ...(newDay
        ? [{ kind: "day" as const, key: `day-${key}`, at: dateOf(message.sentMicros) }]
        : []),
      ...(isLine ? [{ kind: "unread" as const, key: "unread" }] : []),
      { kind: "message", key, message, isFirst },
    ];
  });
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** "Today", "Yesterday", or the date. */
export function dayText(at: Date, now: Date): string {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  const near = [now, yesterday].findIndex((day) => day.toDateString() === at.toDateString());
  if (near < 0) return DAY.format(at);
  const text = RELATIVE.format(-near, "day");
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

export function clockText(at: Date): string {
  return TIME.format(at);
}

export function wholeText(at: Date): string {
  return WHOLE.format(at);
}
