// The dialogs of transfers, which are loaded when they are first shown.
import type { ReactNode } from "react";
import { Dialog } from "../../../ui/Dialog.tsx";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import type { FillProps } from "./FillDialog.tsx";
import type { SaveProps } from "./SaveDialog.tsx";

const FillDialog = new LazyPart<FillProps>(() => import("./FillDialog.tsx"));
const SaveDialog = new LazyPart<SaveProps>(() => import("./SaveDialog.tsx"));

export function FillPart(given: FillProps) {
  const frame = (content: ReactNode) => (
    <Dialog title="Rows into a sheet" onClose={given.onClose} testId="fill-part">
      {content}
    </Dialog>
  );
  return <Part part={FillDialog} given={given} frame={frame} />;
}

export function SavePart(given: SaveProps) {
  const frame = (content: ReactNode) => (
    <Dialog title="Save as a file" onClose={given.onClose} testId="save-part">
      {content}
    </Dialog>
  );
  return <Part part={SaveDialog} given={given} frame={frame} />;
}
