// The buttons that make a sheet or another file of the rows on the screen.
//
// Invariant: a dialog keeps the rows with which it was opened, and stays open while the page finds others.
import { FileOutput, Table2 } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { transfers } from "../../../api/transfers.ts";
import { useStore } from "../../../base/store.ts";
import { Button } from "../../../ui/Button.tsx";
import { type CurrentRows, currentRows } from "../query/current.ts";
import type { Save } from "./SaveDialog.tsx";
import { FillPart, SavePart } from "./TransferPart.tsx";
import { rowsText, sourceOf } from "./target.ts";

type What = "fill" | "save";

interface TransferButtonsProps {
  fileId: string;
  /** Whether the rows may be taken now. */
  isOffered: boolean;
}

/** No buttons while the page shows no rows, or while others are being made. */
export function TransferButtons({ fileId, isOffered }: TransferButtonsProps) {
  const current = useStore(currentRows);
  const [open, setOpen] = useState<{ what: What; of: CurrentRows }>();
  const isHere = current !== undefined && current.fileId === fileId && !current.isMaking;
  return (
    <>
      {isOffered && isHere ? <Buttons onOpen={(what) => setOpen({ what, of: current })} /> : null}
      {open === undefined ? null : <Opened {...open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Buttons({ onOpen }: { onOpen: (what: What) => void }) {
  return (
    <>
      <Button
        icon={Table2}
        look="quiet"
        aria-label="Make a sheet"
        data-testid="fill-open-dialog"
        onClick={() => onOpen("fill")}
      >
        <span className="file-wide">Make a sheet</span>
      </Button>
      <Button
        icon={FileOutput}
        look="quiet"
        aria-label="Save as a file"
        data-testid="save-open-dialog"
        onClick={() => onOpen("save")}
      >
        <span className="file-wide">Save as…</span>
      </Button>
    </>
  );
}

interface OpenedProps {
  what: What;
  of: CurrentRows;
  onClose: () => void;
}

function Opened({ what, of: { fileId, table, viewId, rows: count }, onClose }: OpenedProps) {
  const { number, name, columns, etag } = table;
  const rows = useMemo(
    () => ({ fileId, table: number, viewId, etag }),
    [fileId, number, viewId, etag],
  );
  const save = useCallback<Save>(
    async (saved, requestId) =>
      (await transfers.saveTable({ source: sourceOf(rows), saved, requestId })).job,
    [rows],
  );
  const about = rowsText(count, viewId !== "");
  return what === "fill" ? (
    <FillPart {...{ rows, name, columns, about, onClose }} />
  ) : (
    <SavePart {...{ name, about, save, onClose }} />
  );
}
