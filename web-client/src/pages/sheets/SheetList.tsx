// The rows of the list of sheets, and what replaces them: a skeleton, a problem, or the first steps.
import { type MouseEvent, useState } from "react";
import { navigate, sheetPath } from "../../base/router.ts";
import { ago, plural } from "../../base/text.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";

interface RowProps {
  sheet: Sheet;
  onRename: () => void;
  onDelete: () => void;
}

export function SheetRow({ sheet, onRename, onDelete }: RowProps) {
  const [menu, setMenu] = useState<{ x: number; y: number }>();
  const open = (event: MouseEvent) => {
    // The browser handles a click with a modifier: it opens a tab.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(sheetPath(sheet.id));
  };
  const onMore = (event: MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    setMenu({ x: box.right - 228, y: box.bottom + 4 });
  };
  const items = [
    { label: "Rename…", testId: "rename", run: onRename },
    { label: "Delete", testId: "delete", danger: true, run: onDelete },
  ];
  return (
    <li className="sheet-row" data-testid="sheet-row">
      <span className="sheet-tile">
        <Icon name="grid" />
      </span>
      <a className="sheet-name" href={sheetPath(sheet.id)} onClick={open}>
        {sheet.name}
      </a>
      <span className="sheet-facts">
        {plural(sheet.rowCount, "row")} · {plural(sheet.columnCount, "column")}
      </span>
      <span className="sheet-facts when">
        {ago(Number(sheet.changedMicros / 1000n), Date.now())}
      </span>
      <IconButton
        icon="dots"
        label={`More for ${sheet.name}`}
        onClick={onMore}
        data-testid="more"
      />
      {menu === undefined ? null : (
        <Menu at={menu} label={sheet.name} groups={[items]} onClose={() => setMenu(undefined)} />
      )}
    </li>
  );
}

export function EmptyList({ onCreate, onImport }: { onCreate: () => void; onImport: () => void }) {
  return (
    <section className="empty" data-testid="empty">
      <span className="sheet-tile">
        <Icon name="grid" size={26} />
      </span>
      <h2>Create your first sheet</h2>
      <p>Start from an empty grid or drop a CSV file – millions of rows are fine.</p>
      <div className="empty-actions">
        <Button icon="upload" onClick={onImport}>
          Import CSV
        </Button>
        <Button look="primary" icon="plus" onClick={onCreate}>
          New sheet
        </Button>
      </div>
    </section>
  );
}

export function ListSkeleton() {
  return (
    <ul className="sheet-list" aria-hidden="true">
      {["a", "b", "c"].map((row) => (
        <li key={row} className="sheet-row">
          <span className="sheet-tile" />
          <span className="skeleton" />
        </li>
      ))}
    </ul>
  );
}

export function ListProblem({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <section className="empty" role="alert">
      <h2>Couldn't load your sheets</h2>
      <p>{text}</p>
      <Button onClick={onRetry}>Try again</Button>
    </section>
  );
}
