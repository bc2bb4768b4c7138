// What a person does with a file as a whole, by its role: share it, download it, delete its original, or leave it.
import { useState } from "react";
import { navigate } from "../../base/router.ts";
import type { File } from "../../gen/gridloom/v1/files_pb.ts";
import { IconButton } from "../../ui/Button.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { reloadFiles } from "../files/file-lists.ts";
import { DeleteOriginal } from "../files/original/DeleteOriginal.tsx";
import { DownloadButton } from "../files/original/DownloadButton.tsx";
import { ownsFile } from "../files/share/file-roles.ts";
import { ShareFilePart } from "../files/share/ShareFilePart.tsx";

const FILES = "/files";

/** `hasTables`: it was read, and is not being read. */
export function FileActions({ file, hasTables }: { file: File; hasTables: boolean }) {
  const [asking, setAsking] = useState<"share" | "original">();
  const isOwn = ownsFile(file);
  const onClose = () => setAsking(undefined);
  const onLeft = () => {
    reloadFiles();
    navigate(FILES);
  };
  const mayDelete = isOwn && hasTables && file.originalDeletedAtMicros === 0n;
  return (
    <>
      <IconButton
        icon="share"
        label={isOwn ? "Share" : "People with this file"}
        data-testid="share-open"
        onClick={() => setAsking("share")}
      />
      <DownloadButton file={file} />
      {mayDelete ? (
        <MenuButton
          label={file.name}
          groups={[
            [
              {
                label: "Delete the original…",
                testId: "delete-original",
                danger: true,
                run: () => setAsking("original"),
              },
            ],
          ]}
          button={<IconButton icon="dots" label={`More for ${file.name}`} data-testid="more" />}
        />
      ) : null}
      {asking === "share" ? (
        <ShareFilePart {...{ file, onLeft, onClose }} onChanged={reloadFiles} />
      ) : null}
      {asking === "original" ? (
        <DeleteOriginal {...{ file, onClose }} onDone={reloadFiles} />
      ) : null}
    </>
  );
}
