// The dialog that shares a file, which is loaded when it is first shown.
import type { ReactNode } from "react";
import { Dialog } from "../../../ui/Dialog.tsx";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import type { ShareFileProps } from "./ShareFileDialog.tsx";

const ShareFileDialog = new LazyPart<ShareFileProps>(() => import("./ShareFileDialog.tsx"));

export function ShareFilePart(given: ShareFileProps) {
  const frame = (content: ReactNode) => (
    <Dialog title={`Share “${given.file.name}”`} onClose={given.onClose} testId="share-part" wide>
      <div className="share-wait">{content}</div>
    </Dialog>
  );
  return <Part part={ShareFileDialog} given={given} frame={frame} />;
}
