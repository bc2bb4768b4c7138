// The button that copies edits which are not saved; when the browser refuses, a dialog shows them.
import { useState } from "react";
import { copyText } from "../../base/copy.ts";
import { type UnsavedCell, unsavedCsv } from "../../live/engine/unsaved-csv.ts";
import { Button } from "../../ui/Button.tsx";
import { UnsavedDialog } from "./UnsavedDialog.tsx";

interface CopyProps {
  read: () => readonly UnsavedCell[];
  testId: string;
}

export function CopyEdits({ read, testId }: CopyProps) {
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState<string>();
  const copy = async () => {
    const text = unsavedCsv(read());
    if (await copyText(text)) setCopied(true);
    else setShown(text);
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
