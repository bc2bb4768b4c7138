// The button that copies a text that was typed and not sent.
import { useState } from "react";
import { copyText } from "../../base/copy.ts";
import { Button } from "../../ui/Button.tsx";
import { showToast } from "../../ui/toasts.ts";

const REFUSED = "Your browser doesn't let this page use the clipboard. Select the text to copy it.";

export function CopyText({ text }: { text: string }) {
  const [copied, setCopied] = useState<string>();
  const copy = async () => {
    if (await copyText(text)) setCopied(text);
    else showToast("info", REFUSED);
  };
  return (
    <Button look="quiet" data-testid="left-copy" onClick={() => void copy()}>
      {copied === text ? "Copied" : "Copy"}
    </Button>
  );
}
