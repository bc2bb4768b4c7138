// The buttons that make a sheet or another file of the rows of a table.
import { Table2 } from "lucide-react";
import { useCallback, useState } from "react";
import { transfers } from "../../../api/transfers.ts";
import type { Table } from "../../../gen/gridloom/v1/tables_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import type { Save } from "./SaveDialog.tsx";
import { FillPart, SavePart } from "./TransferPart.tsx";
import { type Rows, sourceOf } from "./target.ts";

interface TransferButtonsProps {
  rows: Rows;
  table: Table;
}

export function TransferButtons({ rows, table }: TransferButtonsProps) {
  const [open, setOpen] = useState<"fill" | "save">();
  const close = () => setOpen(undefined);
  const save = useCallback<Save>(
    async (saved, requestId) =>
      (await transfers.saveTable({ source: sourceOf(rows), saved, requestId })).job,
    [rows],
  );
  const { name, columns } = table;
  return (
    <>
      <Button icon={Table2} data-testid="fill-open-dialog" onClick={() => setOpen("fill")}>
        Make a sheet
      </Button>
      <Button icon="download" data-testid="save-open-dialog" onClick={() => setOpen("save")}>
        Save as…
      </Button>
      {open === "fill" ? <FillPart {...{ rows, name, columns }} onClose={close} /> : null}
      {open === "save" ? <SavePart {...{ name, save }} onClose={close} /> : null}
    </>
  );
}
