// The state of a sheet for this person: the role where it does not allow edits, and whether all edits are saved.
//
// It stands in the bar; on a phone, whose bar has no room for words, in the line below the sheet.
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { isReadOnly, roleName } from "../shared/roles.ts";
import { StatusPill } from "./StatusPill.tsx";

const READ_ONLY = "You can view this sheet but not change it.";

export function SheetStatus({ sheet }: { sheet: LiveSheet }) {
  const { role } = useStore(sheet.layout);
  return (
    <>
      {isReadOnly(role) ? (
        <span className="badge" title={READ_ONLY} data-testid="role-badge">
          {roleName(role)}
          <span className="badge-rest"> · read only</span>
        </span>
      ) : null}
      <StatusPill sheet={sheet} />
    </>
  );
}
