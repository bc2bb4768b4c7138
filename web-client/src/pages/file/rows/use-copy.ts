// Copies the selected cells of a table. Those that are not loaded are loaded first.
import { type RefObject, useEffect, useRef } from "react";
import { isCanceled } from "../../../api/errors.ts";
import { copyToSystem } from "../../../grid/clipboard/system-clipboard.ts";
import { showToast } from "../../../ui/toasts.ts";
import { fileProblem } from "../../files/problems/file-problem.ts";
import { clipOf, isCopyable, loadArea } from "./copy-rows.ts";
import { areaOf } from "./marked.ts";
import type { OpenTable } from "./use-table.ts";

const TOO_MUCH = "That is too much to copy at once. Download the file instead.";
const REFUSED = "These rows could not be copied. Try again.";

async function copyLater(open: OpenTable, signal: AbortSignal): Promise<void> {
  const { table, load, marked, rows } = open;
  const area = areaOf(marked, rows, table.columns.length);
  showToast("info", "Loading the rows to copy…");
  try {
    const cells = await loadArea(load, area, signal);
    const done = await copyToSystem(clipOf(cells, table.columns, area.col));
    showToast(done ? "info" : "error", done ? "Copied." : REFUSED);
  } catch (error) {
    if (!signal.aborted && !isCanceled(error)) showToast("error", fileProblem(error));
  }
}

/** Copies; fills the event where all cells are loaded. */
function copy(open: OpenTable, data: DataTransfer | null, signal: AbortSignal): void {
  const { table, windows, marked, rows } = open;
  const area = areaOf(marked, rows, table.columns.length);
  if (area.height * area.width === 0) return;
  if (!isCopyable(area)) {
    showToast("error", TOO_MUCH);
    return;
  }
  const { row: start, height: count } = area;
  const cells = windows.cells({ start, count }, { start: area.col, count: area.width });
  if (cells === undefined || data === null) return void copyLater(open, signal);
  const { text, html } = clipOf(cells, table.columns, area.col);
  data.setData("text/plain", text);
  data.setData("text/html", html);
}

/** The grid has no text that is selected, so the browser sends the event to it or to the page. */
export function useCopy(open: OpenTable, area: RefObject<HTMLElement | null>): void {
  const now = useRef(open);
  now.current = open;
  useEffect(() => {
    const abort = new AbortController();
    const onCopy = (event: ClipboardEvent) => {
      if (document.activeElement !== area.current) return;
      event.preventDefault();
      copy(now.current, event.clipboardData, abort.signal);
    };
    document.addEventListener("copy", onCopy);
    return () => {
      document.removeEventListener("copy", onCopy);
      abort.abort();
    };
  }, [area]);
}
