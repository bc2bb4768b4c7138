// Renames a column in place, over its header. Enter and a click elsewhere save the name; Escape cancels.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useFocusReturn } from "../../ui/overlay/focus.ts";
import { isComposing } from "../keyboard/keys.ts";
import { newName } from "./new-name.ts";

/** The server's limit for a column's name is 1,024 bytes of UTF-8; a character takes at least one. */
const NAME_LONGEST = 1_024;

interface HeaderEditProps {
  name: string;
  bounds: { x: number; y: number; width: number; height: number };
  /** Receives each text; it is offered to the person when the column is deleted. */
  onType: (text: string) => void;
  onDone: (name: string) => void;
  onClose: () => void;
}

export function HeaderEdit({ name, bounds, onType, onDone, onClose }: HeaderEditProps) {
  const [text, setText] = useState(name);
  const input = useRef<HTMLInputElement>(null);
  /** Closing removes the focus, which would finish it a second time. */
  const over = useRef(false);
  useFocusReturn();
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const finish = (keep: boolean) => {
    if (over.current) return;
    over.current = true;
    const next = keep ? newName(name, text) : undefined;
    if (next !== undefined) onDone(next);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (isComposing(event.nativeEvent)) return;
    if (!["Enter", "Escape", "Tab"].includes(event.key)) return;
    // Otherwise the key would also reach the cell that has the focus next.
    event.preventDefault();
    if (event.key !== "Tab") finish(event.key === "Enter");
  };
  return (
    <input
      ref={input}
      className="header-edit"
      aria-label="Column name"
      data-testid="header-edit"
      style={{ left: bounds.x, top: bounds.y, width: bounds.width, height: bounds.height }}
      maxLength={NAME_LONGEST}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onType(event.target.value);
      }}
      onBlur={() => finish(true)}
      onKeyDown={onKeyDown}
    />
  );
}
