// The button that copies edits which are not saved; when the browser refuses, a dialog shows them.
import { useState } from "react";
import { copyText } from "../../base/copy.ts";
import { type UnsavedCell, unsavedCsv } from "../../live/engine/unsaved-csv.ts";
import { Button } from "../../ui/Button.tsx";
import { UnsavedDialog } from "./UnsavedDialog.tsx";

interface CopyProps {
  /** The edits as they are now, and what follows when these are copied. */
  read: () => { cells: readonly UnsavedCell[]; onCopied?: () => void };
  testId: string;
}

export function CopyEdits({ read, testId }: CopyProps) {
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState<string>();
  const copy = async () => {
    const { cells, onCopied } = read();
    const text = unsavedCsv(cells);
    if (!(await copyText(text))) return setShown(text);
    setCopied(true);
    onCopied?.();
  };
  return (
    <>
      <Button data-testid={testId} onClick={() => void copy()}>
        {copied ? "Copied" : "Copy my unsaved edits"}
      </Button>
      {shown === undefined ? null : (
        <UnsavedDialog text={shown} onClose={() => setShown(undefined)} />
      )}
    </>
  );
}
