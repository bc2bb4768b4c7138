// The rows of the list of sheets, and what replaces them: a skeleton, or the first steps.
import { sheetPath } from "../../base/router.ts";
import { ago, plural } from "../../base/text.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { mayEdit, roleName } from "../shared/roles.ts";

interface RowProps {
  sheet: Sheet;
  onRename: () => void;
  onDelete: () => void;
  onLeave: () => void;
}

/** Whose a shared sheet is, and what this person can do there. */
function sharedBy({ ownerName, role }: Sheet): string {
  const owner = ownerName === "" ? "Shared with you" : `Shared by ${ownerName}`;
  return `${owner} · ${roleName(role)}`;
}

export function SheetRow({ sheet, onRename, onDelete, onLeave }: RowProps) {
  const own = sheet.role === Role.OWNER;
  const items = [
    ...(mayEdit(sheet.role) ? [{ label: "Rename…", testId: "rename", run: onRename }] : []),
    own
      ? { label: "Delete", testId: "delete", danger: true, run: onDelete }
      : { label: "Leave…", testId: "leave", danger: true, run: onLeave },
  ];
  return (
    <li className="sheet-row" data-testid="sheet-row">
      <span className="sheet-tile">
        <Icon name="grid" />
      </span>
      <div className="sheet-names">
        <Link className="sheet-name" to={sheetPath(sheet.id)}>
          {sheet.name}
        </Link>
        {own ? null : (
          <span className="sheet-owner" data-testid="shared-by">
            {sharedBy(sheet)}
          </span>
        )}
      </div>
      <span className="sheet-facts">
        {plural(sheet.rowCount, "row")} · {plural(sheet.columnCount, "column")}
      </span>
      <span className="sheet-facts when">
        {ago(Number(sheet.changedMicros / 1000n), Date.now())}
      </span>
      <MenuButton
        label={sheet.name}
        groups={[items]}
        button={<IconButton icon="dots" label={`More for ${sheet.name}`} data-testid="more" />}
      />
    </li>
  );
}

/** A guest makes no sheets. */
export function EmptyGuestList() {
  return (
    <section className="empty" data-testid="empty">
      <h2>No sheets are shared with you</h2>
      <p>Open a link to a sheet, or sign up to make sheets of your own.</p>
    </section>
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
