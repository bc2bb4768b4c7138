// The line below a sheet: its size, the selection, and the button to go to a row; on a phone also its state.
import type { GridSelection } from "@glideapps/glide-data-grid";
import { useStore } from "../../base/store.ts";
import { count, plural } from "../../base/text.ts";
import type { Area } from "../../cells/area.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { cellLink } from "../../grid/links/follow.ts";
import { areas } from "../../grid/selection/selection.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Layout } from "../../live/view/sheet-view.ts";
import { useNarrow } from "../../ui/narrow.ts";
import { SheetStatus } from "./SheetStatus.tsx";

interface SheetFootProps {
  sheet: LiveSheet;
  selection: GridSelection;
  onGoToRow: () => void;
}

function describe(selected: readonly Area[], { columns, rowCount }: Layout): string {
  const [area] = selected;
  if (area === undefined) return "";
  const counted = (of: (one: Area) => number, one: string) =>
    `${plural(
      selected.reduce((all, next) => all + of(next), 0),
      one,
    )} selected`;
  if (selected.every(({ width }) => width === columns.length))
    return counted(({ height }) => height, "row");
  if (selected.every(({ height }) => height === rowCount))
    return counted(({ width }) => width, "column");
  if (selected.length > 1) return counted(({ height, width }) => height * width, "cell");
  const name = columnTitle(columns[area.col], area.col);
  if (area.height === 1 && area.width === 1) return `${name}, row ${count(area.row + 1)}`;
  return `${count(area.height)} × ${count(area.width)} selected`;
}

/** Why the value of a single selected cell does not fit its column. */
function misfitOf(sheet: LiveSheet, selected: readonly Area[]): string | undefined {
  const [area] = selected;
  const isOne = selected.length === 1 && area?.height === 1 && area.width === 1;
  return isOne ? sheet.misfit(area.row, area.col) : undefined;
}

export function SheetFoot({ sheet, selection, onGoToRow }: SheetFootProps) {
  const layout = useStore(sheet.layout);
  const { columns, rowCount, known } = layout;
  const selected = areas(selection, rowCount, columns.length);
  useStore(sheet.version);
  const misfit = misfitOf(sheet, selected);
  const cell = selection.current?.cell;
  const link = cell && cellLink(sheet, cell);
  return (
    <footer className="foot">
      {useNarrow() ? <SheetStatus sheet={sheet} /> : null}
      <span
        className="foot-size"
        data-testid="size"
        data-rows={rowCount}
        data-columns={columns.length}
      >
        {known ? `${plural(rowCount, "row")} · ${plural(columns.length, "column")}` : ""}
      </span>
      <span className="foot-selection" data-testid="selection">
        {describe(selected, layout)}
      </span>
      {misfit === undefined ? null : (
        <span className="foot-misfit" data-testid="misfit" title={misfit}>
          Does not fit: {misfit}
        </span>
      )}
      {link === undefined ? null : (
        <a
          className="link"
          href={link}
          target="_blank"
          rel="noopener noreferrer"
          data-testid="open-link"
        >
          {link.startsWith("mailto:") ? "Write an e-mail" : "Open the link"}
        </a>
      )}
      <span className="space" />
      <button type="button" className="foot-go" data-testid="go-to-row" onClick={onGoToRow}>
        Go to row…
      </button>
    </footer>
  );
}
