// The rows of the list of files: one that is kept, and one that is removed.
import { File as FileIcon, RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { filePath } from "../../base/file-path.ts";
import { sizeText } from "../../base/size-text.ts";
import { ago, day } from "../../base/text.ts";
import type { File } from "../../gen/gridloom/v1/files_pb.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { MenuButton, type MenuGroups } from "../../ui/Menu.tsx";
import { DownloadButton } from "./original/DownloadButton.tsx";
import { originalText } from "./original/original-text.ts";
import { mayEditFile, ownsFile } from "./share/file-roles.ts";
import { sharingText } from "./share/sharing-text.ts";

export const FILE_ICON = FileIcon;

interface KeptProps {
  file: File;
  onDownload: () => void;
  onRename: () => void;
  onShare: () => void;
  onDeleteOriginal: () => void;
  onLeave: () => void;
  onRemove: () => void;
}

function millis(micros: bigint): number {
  return Number(micros / 1000n);
}

/** What a person can do with a file by its role on it. */
function groupsOf(props: KeptProps): MenuGroups {
  const { file, onDownload, onRename, onShare, onDeleteOriginal, onLeave, onRemove } = props;
  const reason = originalText(file);
  const isOwn = ownsFile(file);
  const download = {
    label: "Download",
    testId: "download-item",
    disabled: reason !== undefined,
    note: reason,
    run: onDownload,
  };
  const share = { label: isOwn ? "Share…" : "People…", testId: "share-item", run: onShare };
  const rename = { label: "Rename…", testId: "rename", run: onRename };
  const original = {
    label: "Delete the original…",
    testId: "delete-original",
    danger: true,
    run: onDeleteOriginal,
  };
  const leave = { label: "Leave…", testId: "leave-item", danger: true, run: onLeave };
  const remove = { label: "Remove", testId: "remove", danger: true, run: onRemove };
  return [
    [download, share, ...(mayEditFile(file) ? [rename] : [])],
    isOwn ? [...(reason === undefined ? [original] : []), remove] : [leave],
  ];
}

export function KeptRow(props: KeptProps) {
  const { file } = props;
  const { name } = file;
  const facts = [sharingText(file), originalText(file)].filter((text) => text !== undefined);
  return (
    <Row file={file} isOpenable {...(facts.length > 0 && { note: facts.join(" · ") })}>
      <DownloadButton file={file} />
      <MenuButton
        label={name}
        groups={groupsOf(props)}
        button={<IconButton icon="dots" label={`More for ${name}`} data-testid="more" />}
      />
    </Row>
  );
}

interface RemovedProps {
  file: File;
  onRestore: () => void;
  onDelete: () => void;
}

export function RemovedRow({ file, onRestore, onDelete }: RemovedProps) {
  const { name, deletedAtMicros } = file;
  return (
    <Row file={file} note={`Deleted for good on ${day(millis(deletedAtMicros))}`}>
      <Button
        icon={RotateCcw}
        aria-label={`Restore ${name}`}
        data-testid="restore"
        onClick={onRestore}
      >
        Restore
      </Button>
      <MenuButton
        label={name}
        groups={[
          [{ label: "Delete for good…", testId: "delete-for-good", danger: true, run: onDelete }],
        ]}
        button={<IconButton icon="dots" label={`More for ${name}`} data-testid="more" />}
      />
    </Row>
  );
}

interface RowProps {
  file: File;
  note?: string;
  /** Whether its name leads to its rows. */
  isOpenable?: boolean;
  children: ReactNode;
}

function Row({ file, note, isOpenable = false, children }: RowProps) {
  const size = sizeText(file.sizeBytes);
  const created = ago(millis(file.createdAtMicros), Date.now());
  return (
    <li className="sheet-row" data-testid="file-row" data-name={file.name}>
      <span className="sheet-tile">
        <Icon name={FILE_ICON} />
      </span>
      <div className="sheet-names">
        {isOpenable ? (
          <Link
            className="sheet-name"
            to={filePath(file.id)}
            title={file.name}
            data-testid="file-link"
          >
            {file.name}
          </Link>
        ) : (
          <span className="sheet-name file-name" title={file.name}>
            {file.name}
          </span>
        )}
        {/* On a phone, the columns have no room. */}
        <span className="sheet-owner file-narrow">
          {size} · {created}
        </span>
        {note === undefined ? null : (
          <span className="sheet-owner" data-testid="file-note">
            {note}
          </span>
        )}
      </div>
      <span className="sheet-facts file-size" data-testid="file-size">
        {size}
      </span>
      <span className="sheet-facts when">{created}</span>
      {children}
    </li>
  );
}
