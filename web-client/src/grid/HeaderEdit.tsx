// Renames a column in place, over its header.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";

/** UTF-8 bytes at most for a column's name; characters never take fewer. */
const NAME_LONGEST = 1_024;

interface HeaderEditProps {
  name: string;
  bounds: { x: number; y: number; width: number; height: number };
  onDone: (name: string) => void;
  onClose: () => void;
}

export function HeaderEdit({ name, bounds, onDone, onClose }: HeaderEditProps) {
  const [text, setText] = useState(name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const finish = () => {
    if (text.trim() !== name) onDone(text.trim());
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") finish();
    if (event.key === "Escape") onClose();
    event.stopPropagation();
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
      onChange={(event) => setText(event.target.value)}
      onBlur={finish}
      onKeyDown={onKeyDown}
    />
  );
}
