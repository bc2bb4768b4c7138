// The list of files with the heads of its columns, and the questions about one of them.
import { useState } from "react";
import type { File } from "../../gen/gridloom/v1/files_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { PromptDialog } from "../../ui/PromptDialog.tsx";
import { ConfirmDialog } from "../shared/ConfirmDialog.tsx";
import { FileHead } from "./FileHead.tsx";
import { FILE_ICON, KeptRow, RemovedRow } from "./FileRow.tsx";
import { reloadFiles } from "./file-lists.ts";
import { checkFileName } from "./file-name.ts";
import { DeleteOriginal } from "./original/DeleteOriginal.tsx";
import { LEAVING, type Scope } from "./share/file-roles.ts";
import { ShareFilePart } from "./share/ShareFilePart.tsx";
import { NEWEST } from "./sorting.ts";
import { download } from "./transfers/download.ts";
import { type FileChanges, useFileChanges, useFiles } from "./use-files.ts";

type Asking = { what: "rename" | "delete" | "share" | "leave" | "original"; file: File };

interface FileListProps {
  filter: string;
  isRemoved: boolean;
  scope: Scope;
  onUpload: () => void;
}

export function FileList({ filter, isRemoved, scope, onUpload }: FileListProps) {
  const [sorting, setSorting] = useState(NEWEST);
  const [asking, setAsking] = useState<Asking>();
  const list = useFiles(filter, sorting, isRemoved, scope);
  const changes = useFileChanges();
  const ask = (what: Asking["what"], file: File) => () => setAsking({ what, file });
  const row = (file: File) =>
    isRemoved ? (
      <RemovedRow
        key={file.id}
        file={file}
        onRestore={() => changes.restore(file)}
        onDelete={ask("delete", file)}
      />
    ) : (
      <KeptRow
        key={file.id}
        file={file}
        onDownload={() => void download(file)}
        onRename={ask("rename", file)}
        onShare={ask("share", file)}
        onDeleteOriginal={ask("original", file)}
        onLeave={ask("leave", file)}
        onRemove={() => changes.remove(file)}
      />
    );
  return (
    <>
      {list.files.length === 0 ? null : (
        <FileHead {...{ sorting, isRemoved }} onChange={setSorting} />
      )}
      <PagedList
        list={list}
        items={list.files}
        className="sheet-list file-list"
        row={row}
        placeholder={<Skeleton />}
        empty={<Empty {...{ filter, isRemoved, scope, onUpload }} />}
        failed="Couldn't load your files"
        more="Show more"
      />
      {asking === undefined ? null : (
        <Question
          asking={current(asking, list.files)}
          changes={changes}
          onClose={() => setAsking(undefined)}
        />
      )}
    </>
  );
}

/** The question about an original names the file as it is now, and has its etag. */
function current(asking: Asking, files: readonly File[]): Asking {
  if (asking.what !== "original") return asking;
  return { ...asking, file: files.find(({ id }) => id === asking.file.id) ?? asking.file };
}

function Skeleton() {
  return (
    <ul className="sheet-list" aria-hidden="true">
      {["a", "b", "c"].map((row) => (
        <li key={row} className="sheet-row">
          <span className="sheet-tile" />
          <span className="skeleton" />
        </li>
      ))}
    </ul>
  );
}

function Empty({ filter, isRemoved, scope, onUpload }: FileListProps) {
  if (filter !== "")
    return (
      <section className="empty">
        <h2>No files match “{filter}”</h2>
      </section>
    );
  if (isRemoved)
    return (
      <section className="empty" data-testid="none-removed">
        <h2>No removed files</h2>
        <p>A file that you remove stays here for 30 days.</p>
      </section>
    );
  if (scope === "shared")
    return (
      <section className="empty" data-testid="none-shared">
        <h2>No files are shared with you</h2>
        <p>A file that another person shares with you appears here.</p>
      </section>
    );
  return (
    <section className="empty" data-testid="empty">
      <span className="sheet-tile">
        <Icon name={FILE_ICON} size={26} />
      </span>
      <h2>Upload your first file</h2>
      <p>Drop files of any kind here. An upload that is interrupted can be continued.</p>
      <div className="empty-actions">
        <Button look="primary" icon="upload" onClick={onUpload}>
          Upload files
        </Button>
      </div>
    </section>
  );
}

interface QuestionProps {
  asking: Asking;
  changes: FileChanges;
  onClose: () => void;
}

function Question({ asking: { what, file }, changes, onClose }: QuestionProps) {
  if (what === "share") {
    const onLeft = () => {
      onClose();
      reloadFiles();
    };
    return <ShareFilePart {...{ file, onLeft, onClose }} onChanged={reloadFiles} />;
  }
  if (what === "original") return <DeleteOriginal {...{ file, onClose }} onDone={reloadFiles} />;
  if (what === "leave")
    return (
      <ConfirmDialog
        title={`Leave “${file.name}”?`}
        text={LEAVING}
        action="Leave"
        busy={false}
        error={undefined}
        onConfirm={() => {
          onClose();
          changes.leave(file);
        }}
        onClose={onClose}
      />
    );
  if (what === "rename")
    return (
      <PromptDialog
        title="Rename file"
        label="Name"
        initial={file.name}
        action="Rename"
        check={checkFileName}
        onSubmit={(name) => {
          onClose();
          changes.rename(file, name);
        }}
        onClose={onClose}
      />
    );
  return (
    <ConfirmDialog
      title={`Delete “${file.name}” for good?`}
      text="The file can't be restored after that."
      action="Delete for good"
      busy={false}
      error={undefined}
      onConfirm={() => {
        onClose();
        changes.deleteForGood(file);
      }}
      onClose={onClose}
    />
  );
}
