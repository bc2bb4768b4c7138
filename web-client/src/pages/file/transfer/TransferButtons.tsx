// The buttons that make a sheet or another file of the rows on the screen.
import { FileOutput, Table2 } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { transfers } from "../../../api/transfers.ts";
import { useStore } from "../../../base/store.ts";
import { Button } from "../../../ui/Button.tsx";
import { type CurrentRows, currentRows } from "../query/current.ts";
import type { Save } from "./SaveDialog.tsx";
import { FillPart, SavePart } from "./TransferPart.tsx";
import { sourceOf } from "./target.ts";

/** Nothing while the page shows no rows, or while others are being made. */
export function TransferButtons({ fileId }: { fileId: string }) {
  const current = useStore(currentRows);
  if (current === undefined || current.fileId !== fileId || current.isMaking) return null;
  return <Buttons current={current} />;
}

function Buttons({ current }: { current: CurrentRows }) {
  const [open, setOpen] = useState<"fill" | "save">();
  const close = () => setOpen(undefined);
  const { fileId, table, viewId } = current;
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
  return (
    <>
      <Button
        icon={Table2}
        look="quiet"
        aria-label="Make a sheet"
        data-testid="fill-open-dialog"
        onClick={() => setOpen("fill")}
      >
        <span className="file-wide">Make a sheet</span>
      </Button>
      <Button
        icon={FileOutput}
        look="quiet"
        aria-label="Save as a file"
        data-testid="save-open-dialog"
        onClick={() => setOpen("save")}
      >
        <span className="file-wide">Save as…</span>
      </Button>
      {open === "fill" ? <FillPart {...{ rows, name, columns }} onClose={close} /> : null}
      {open === "save" ? <SavePart {...{ name, save }} onClose={close} /> : null}
    </>
  );
}
