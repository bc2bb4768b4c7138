// The button that puts a link to the selected cell into the text of a message.
import { Link2 } from "lucide-react";
import type { RefObject } from "react";
import { IconButton } from "../../../ui/Button.tsx";
import type { Draft } from "../thread/kept.ts";

/** The cell that is selected beside a conversation. */
export interface SelectedCell {
  name: string;
  /** Its address; undefined where it has none yet. */
  address: () => string | undefined;
}

interface LinkButtonProps {
  /** Without one there is no button. */
  cell: SelectedCell | undefined;
  field: RefObject<HTMLTextAreaElement | null>;
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** The text with an address at a place, apart from the words around it. */
export function withAddress(text: string, at: number, address: string): string {
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const start = /(^|\s)$/.test(before) ? before : `${before} `;
  return `${start}${address}${/^\s/.test(after) ? after : ` ${after}`}`;
}

export function LinkButton({ cell, field, draft, onChange }: LinkButtonProps) {
  if (cell === undefined) return null;
  const insert = () => {
    const address = cell.address();
    if (address === undefined) return;
    const at = field.current?.selectionStart ?? draft.text.length;
    onChange({ ...draft, text: withAddress(draft.text, at, address) });
    field.current?.focus();
  };
  return (
    <IconButton
      icon={Link2}
      label={`Link to ${cell.name}`}
      data-testid="link-cell"
      onClick={insert}
    />
  );
}
