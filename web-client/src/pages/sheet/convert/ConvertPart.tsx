// The dialog of a conversion, which is loaded when it is first shown.
import type { ReactNode } from "react";
import { Dialog } from "../../../ui/Dialog.tsx";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import type { ConvertProps } from "./ConvertDialog.tsx";

const ConvertDialog = new LazyPart(() => import("./ConvertDialog.tsx"));

/** The caller holds the column also while the dialog loads. */
export function ConvertPart(given: ConvertProps) {
  const frame = (content: ReactNode) => (
    <Dialog title="Change the kind" onClose={given.onClose} testId="convert-part">
      {content}
    </Dialog>
  );
  return <Part part={ConvertDialog} given={given} frame={frame} />;
}
