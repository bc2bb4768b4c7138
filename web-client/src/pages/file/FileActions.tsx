// What a person does with a file as a whole, by its role: share it, download it, delete its original, or leave it.
//
// On a phone, all of it is in one menu once the bar has the buttons for the rows, too.
import { useState } from "react";
import { navigate } from "../../base/router.ts";
import type { File } from "../../gen/gridloom/v1/files_pb.ts";
import { IconButton } from "../../ui/Button.tsx";
import { MenuButton, type MenuItem } from "../../ui/Menu.tsx";
import { useNarrow } from "../../ui/narrow.ts";
import { reloadFiles } from "../files/file-lists.ts";
import { DeleteOriginal } from "../files/original/DeleteOriginal.tsx";
import { DownloadButton } from "../files/original/DownloadButton.tsx";
import { originalText } from "../files/original/original-text.ts";
import { ownsFile } from "../files/share/file-roles.ts";
import { ShareFilePart } from "../files/share/ShareFilePart.tsx";
import { download } from "../files/transfers/download.ts";

const FILES = "/files";

type Asking = "share" | "original";

interface FileActionsProps {
  file: File;
  /** It was read, and is not being read. */
  hasTables: boolean;
}

export function FileActions({ file, hasTables }: FileActionsProps) {
  const [asking, setAsking] = useState<Asking>();
  // Before it is read, the bar has no other buttons.
  const isNarrow = useNarrow() && hasTables;
  const isOwn = ownsFile(file);
  const label = isOwn ? "Share" : "People with this file";
  const share = () => setAsking("share");
  const original: MenuItem = {
    label: "Delete the original…",
    testId: "delete-original",
    danger: true,
    run: () => setAsking("original"),
  };
  const mayDelete = isOwn && hasTables && file.originalDeletedAtMicros === 0n;
  const last = mayDelete ? [original] : [];
  const items = isNarrow ? [shareItem(label, share), downloadItem(file), ...last] : last;
  return (
    <>
      {isNarrow ? null : (
        <>
          <IconButton icon="share" label={label} data-testid="share-open" onClick={share} />
          <DownloadButton file={file} />
        </>
      )}
      {items.length === 0 ? null : (
        <MenuButton
          label={file.name}
          groups={[items]}
          button={<IconButton icon="dots" label={`More for ${file.name}`} data-testid="more" />}
        />
      )}
      <Asked {...{ asking, file }} onClose={() => setAsking(undefined)} />
    </>
  );
}

function shareItem(label: string, run: () => void): MenuItem {
  return { label: `${label}…`, testId: "share-open", run };
}

function downloadItem(file: File): MenuItem {
  const reason = originalText(file);
  return {
    label: "Download",
    testId: "download",
    disabled: reason !== undefined,
    note: reason,
    run: () => void download(file),
  };
}

interface AskedProps {
  asking: Asking | undefined;
  file: File;
  onClose: () => void;
}

function Asked({ asking, file, onClose }: AskedProps) {
  const onLeft = () => {
    reloadFiles();
    navigate(FILES);
  };
  switch (asking) {
    case "share":
      return <ShareFilePart {...{ file, onLeft, onClose }} onChanged={reloadFiles} />;
    case "original":
      return <DeleteOriginal {...{ file, onClose }} onDone={reloadFiles} />;
    default:
      return null;
  }
}
