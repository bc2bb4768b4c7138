// The menu of what is made of the rows on the screen: computed columns, groups, a join, the answers of an API.
//
// Invariant: a dialog keeps the rows with which it was opened, and stays open while the page finds others.
import { FilePlus2 } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useStore } from "../../../base/store.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import { MenuButton } from "../../../ui/Menu.tsx";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import { type CurrentRows, currentRows } from "../query/current.ts";
import { rowsText } from "../transfer/target.ts";
import type { DeriveProps } from "./made/derive-props.ts";

const WAYS = {
  add: {
    label: "Computed columns…",
    part: new LazyPart<DeriveProps>(() => import("./add/AddDialog.tsx")),
  },
  group: {
    label: "Group rows…",
    part: new LazyPart<DeriveProps>(() => import("./group/GroupDialog.tsx")),
  },
  join: {
    label: "Join another file…",
    part: new LazyPart<DeriveProps>(() => import("./join/JoinDialog.tsx")),
  },
  enrich: {
    label: "Enrich from a web API…",
    part: new LazyPart<DeriveProps>(() => import("./enrich/EnrichDialog.tsx")),
  },
} as const;

type Way = keyof typeof WAYS;
const ORDER: readonly Way[] = ["add", "group", "join", "enrich"];

interface DeriveMenuProps {
  fileId: string;
  /** Whether the rows may be taken now. */
  isOffered: boolean;
}

/** No menu while the page shows no rows, or while others are being made. */
export function DeriveMenu({ fileId, isOffered }: DeriveMenuProps) {
  const current = useStore(currentRows);
  const [open, setOpen] = useState<{ way: Way; of: CurrentRows }>();
  const isHere = current !== undefined && current.fileId === fileId && !current.isMaking;
  const items = ORDER.map((way) => ({
    label: WAYS[way].label,
    testId: `derive-${way}-item`,
    run: () => {
      if (current !== undefined) setOpen({ way, of: current });
    },
  }));
  return (
    <>
      {isOffered && isHere ? (
        <MenuButton
          label="New file from this"
          groups={[items]}
          button={
            <Button
              icon={FilePlus2}
              look="quiet"
              aria-label="New file from this"
              data-testid="derive-menu"
            >
              <span className="file-wide">New file…</span>
            </Button>
          }
        />
      ) : null}
      {open === undefined ? null : <Opened {...open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

interface OpenedProps {
  way: Way;
  of: CurrentRows;
  onClose: () => void;
}

function Opened({ way, of: { fileId, table, viewId, rows: count }, onClose }: OpenedProps) {
  const { number, name, columns, etag } = table;
  const rows = useMemo(
    () => ({ fileId, table: number, viewId, etag }),
    [fileId, number, viewId, etag],
  );
  const about = rowsText(count, viewId !== "");
  const frame = (content: ReactNode) => (
    <Dialog title="New file from this" onClose={onClose} testId="derive-part" wide>
      {content}
    </Dialog>
  );
  return (
    <Part part={WAYS[way].part} given={{ rows, name, columns, about, onClose }} frame={frame} />
  );
}
