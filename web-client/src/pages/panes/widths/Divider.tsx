// The divider at the left of a pane: dragged, or moved by arrow keys, with Shift in large steps. Home and End move it to
// its limits; Enter and a double click give both panes the same width.
import type { KeyboardEvent, PointerEvent } from "react";
import { evenOut, moveBorder, percents } from "./shares.ts";
import type { Widths } from "./use-shares.ts";

const STEP = 0.02;
const LARGE_STEP = 0.1;

interface DividerProps {
  /** The place of the pane at the right. */
  at: number;
  widths: Widths;
  label: string;
}

function stepOf({ key, shiftKey }: KeyboardEvent): number | undefined {
  const step = shiftKey ? LARGE_STEP : STEP;
  const steps: Record<string, number> = { ArrowLeft: -step, ArrowRight: step, Home: -1, End: 1 };
  return steps[key];
}

export function Divider({ at, widths: { shares, set }, label }: DividerProps) {
  const { now, least, most } = percents(shares, at);
  const even = () => set(evenOut(shares, at), true);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") even();
    else if (step === undefined) return;
    else set(moveBorder(shares, at, step), true);
    event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    // The grids would select cells under the mouse.
    event.preventDefault();
    event.currentTarget.focus();
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const { currentTarget, clientX, pointerId } = event;
    const width = currentTarget.closest(".panes")?.clientWidth ?? 0;
    if (!currentTarget.hasPointerCapture(pointerId) || width === 0) return;
    const { left } = currentTarget.getBoundingClientRect();
    const by = clientX - (left + currentTarget.offsetWidth / 2);
    set(moveBorder(shares, at, by / width), false);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line between texts is no divider that moves
    <div
      className="pane-divider"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={now}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuetext={`${now} %`}
      data-testid="pane-divider"
      onKeyDown={onKeyDown}
      onDoubleClick={even}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => set(shares, true)}
    />
  );
}
