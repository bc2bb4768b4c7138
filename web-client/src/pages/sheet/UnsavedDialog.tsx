// The dialog with the unsaved edits as text, for browsers that refuse access to the clipboard.
import { saveFile } from "../../base/save-file.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";

export function UnsavedDialog({ text, onClose }: { text: string; onClose: () => void }) {
  const save = () => saveFile(new Blob([text], { type: "text/csv" }), "unsaved edits.csv");
  return (
    <Dialog title="Your unsaved edits" onClose={onClose} testId="unsaved-edits">
      <div className="stack">
        <p>Your browser doesn't let this page use the clipboard. Copy the text, or save it.</p>
        <textarea className="plain-text" readOnly rows={8} value={text} />
        <div className="dialog-actions">
          <Button onClick={save}>Save as a file</Button>
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
