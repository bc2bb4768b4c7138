// The button that copies edits which are not saved; when the browser refuses, a dialog shows them.
import { useState } from "react";
import { copyText } from "../../base/copy.ts";
import { type UnsavedCell, unsavedCsv } from "../../live/engine/unsaved-csv.ts";
import { Button } from "../../ui/Button.tsx";
import { UnsavedDialog } from "./UnsavedDialog.tsx";

interface CopyProps {
  read: () => readonly UnsavedCell[];
  testId: string;
  onCopied?: () => void;
}

export function CopyEdits({ read, testId, onCopied }: CopyProps) {
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState<string>();
  const copy = async () => {
    const text = unsavedCsv(read());
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
