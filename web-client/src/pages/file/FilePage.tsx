// The page of one file: its preview before it is read, the progress while it is read, and then its rows.

import { Code } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { RotateCcw } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { hasCode } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { sizeText } from "../../base/size-text.ts";
import { type File, FileService } from "../../gen/gridloom/v1/files_pb.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { reloadFiles } from "../files/file-lists.ts";
import { originalText } from "../files/original/original-text.ts";
import { fileProblem } from "../files/problems/file-problem.ts";
import { mayEditFile } from "../files/share/file-roles.ts";
import { sharingText } from "../files/share/sharing-text.ts";
import { useRoleChanges } from "../files/share/use-role-changes.ts";
import type { FileTables } from "../files/tables/file-tables.ts";
import { reloadTables, useFileTables } from "../files/tables/use-file-tables.ts";
import { StatePage } from "../shared/StatePage.tsx";
import { DeriveMenu } from "./derive/DeriveMenu.tsx";
import { FileActions } from "./FileActions.tsx";
import { useTableNumber } from "./query/address/use-query.ts";
import { ReadFailure } from "./read/ReadFailure.tsx";
import { ReadForm } from "./read/ReadForm.tsx";
import { ReadProgress } from "./read/ReadProgress.tsx";
import { TableView } from "./rows/TableView.tsx";
import { TransferButtons } from "./transfer/TransferButtons.tsx";
import "../../styles/file.css";

const FILES = "/files";

export function FilePage({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(FileService.method.getFile, { fileId: id });
  const file = data?.file;
  useRoleChanges(reloadFiles);
  const isGone = error !== null && hasCode(error, Code.NotFound);
  const name = file?.name ?? "File";
  useEffect(() => {
    document.title = `${name} · Gridloom`;
  }, [name]);
  if (isGone || (file?.removedAtMicros ?? 0n) > 0n) return <Missing isRemoved={!isGone} />;
  if (error !== null && file === undefined)
    return (
      <Frame file={undefined}>
        <Failed problem={fileProblem(error)} onAgain={() => void refetch()} />
      </Frame>
    );
  return file === undefined ? (
    <Frame file={undefined}>
      <Waiting />
    </Frame>
  ) : (
    <Opened key={file.id} file={file} />
  );
}

function Missing({ isRemoved }: { isRemoved: boolean }) {
  const text = isRemoved
    ? "Restore it from the removed files to see its rows."
    : "It doesn't exist, or it is another person's.";
  const to = isRemoved ? `${FILES}?removed` : FILES;
  return (
    <StatePage
      title={isRemoved ? "This file is removed" : "No such file"}
      text={text}
      testId="file-missing"
      actions={
        <Button look="primary" onClick={() => navigate(to)}>
          {isRemoved ? "Removed files" : "All files"}
        </Button>
      }
    />
  );
}

/** Whose it is, and its size or that its original is gone. */
function factsOf(file: File): string {
  const size = originalText(file) ?? sizeText(file.sizeBytes);
  return [size, sharingText(file)].filter((text) => text !== undefined).join(" · ");
}

interface FrameProps {
  file: File | undefined;
  actions?: ReactNode;
  children: ReactNode;
}

function Frame({ file, actions, children }: FrameProps) {
  return (
    <div className="file-page">
      <header className="bar">
        <IconButton
          icon="arrowLeft"
          label="All files"
          data-testid="back"
          onClick={() => navigate(FILES)}
        />
        <h1 className="file-title" title={file?.name} data-testid="file-title">
          {file?.name ?? ""}
        </h1>
        <span className="file-facts" data-testid="file-facts">
          {file === undefined ? "" : factsOf(file)}
        </span>
        <span className="space" />
        {actions}
        <ThemeToggle />
        <AccountMenu />
      </header>
      <main className="file-main" data-testid="file-page">
        {children}
      </main>
    </div>
  );
}

function Opened({ file }: { file: File }) {
  const { found, problem, reload } = useFileTables(file.id);
  const [isAgain, setAgain] = useState(false);
  const begun = useCallback(() => {
    setAgain(false);
    reloadTables(file.id);
  }, [file.id]);
  const hasTables = found !== undefined && found.tables.length > 0;
  // Only the original is read again.
  const mayRead = mayEditFile(file) && file.originalDeletedAtMicros === 0n;
  const isForm = isAgain && mayRead && found?.reading === undefined;
  const label = isForm ? "Back to the rows" : "Read again";
  const again = (
    <Button
      icon={isForm ? "grid" : RotateCcw}
      look="quiet"
      aria-label={label}
      data-testid="read-again"
      onClick={() => setAgain(!isForm)}
    >
      <span className="file-wide">{label}</span>
    </Button>
  );
  const isRead = hasTables && found.reading === undefined;
  const actions = (
    <>
      <TransferButtons fileId={file.id} isOffered={isRead && !isForm} />
      <DeriveMenu fileId={file.id} isOffered={isRead && !isForm} />
      {isRead && mayRead ? again : null}
      <FileActions file={file} hasTables={isRead} />
    </>
  );
  return (
    <Frame file={file} actions={actions}>
      {problem === undefined ? null : <Failed problem={problem} onAgain={reload} />}
      {found === undefined ? (
        problem === undefined && <Waiting />
      ) : (
        <Content {...{ file, found, isForm, mayRead }} onBegun={begun} />
      )}
    </Frame>
  );
}

interface ContentProps {
  file: File;
  found: FileTables;
  /** The person chooses how the file is read again. */
  isForm: boolean;
  mayRead: boolean;
  onBegun: () => void;
}

function Content({ file, found, isForm, mayRead, onBegun }: ContentProps) {
  const { tables, reading, failure, isCancelled } = found;
  const hasTables = tables.length > 0;
  const isShown = reading === undefined && (isForm || !hasTables);
  return (
    <>
      {reading === undefined ? null : <ReadProgress fileId={file.id} job={reading} />}
      {/* The form names it itself, unless its preview has the same problem. */}
      {failure === undefined || isShown ? null : (
        <ReadFailure text={`${failure} The rows below are those of the last time.`} />
      )}
      {hasTables && !isForm ? <Tables fileId={file.id} found={found} /> : null}
      {isShown && !mayRead ? <Unread /> : null}
      {isShown && mayRead ? (
        <div className="file-form">
          {isCancelled && !hasTables ? <Cancelled /> : null}
          <ReadForm fileId={file.id} {...{ hasTables, failure, onBegun }} />
        </div>
      ) : null}
    </>
  );
}

/** For a person who may not read it. */
function Unread() {
  return (
    <div className="file-wait">
      <p data-testid="file-unread">
        This file is not read yet. Its owner reads it, or a person with the role of an editor.
      </p>
    </div>
  );
}

function Cancelled() {
  return (
    <div className="banner" role="status" data-testid="file-cancelled">
      <p>Reading this file was cancelled.</p>
    </div>
  );
}

/** The rows of a table; of several ones, that of the chosen tab. */
function Tables({ fileId, found: { tables } }: { fileId: string; found: FileTables }) {
  const [chosen, choose] = useTableNumber();
  const changed = useCallback(() => reloadTables(fileId), [fileId]);
  const [first] = tables;
  const view = (table: (typeof tables)[number]) => (
    <TableView key={table.etag} {...{ fileId, table }} onChanged={changed} />
  );
  if (tables.length < 2) return first === undefined ? null : view(first);
  const names = tables.map(({ number }) => String(number));
  return (
    <div className="table-tabs">
      <Tabs
        label="Tables"
        value={names.includes(String(chosen)) ? String(chosen) : (names[0] ?? "0")}
        onChange={(name) => choose(Number(name))}
        tabs={tables.map((table) => ({
          name: String(table.number),
          label: table.name,
          content: view(table),
        }))}
      />
    </div>
  );
}

function Waiting() {
  return (
    <div className="file-wait">
      <span className="spinner" role="status" aria-label="Loading" />
    </div>
  );
}

function Failed({ problem, onAgain }: { problem: string; onAgain: () => void }) {
  return (
    <div className="banner" role="alert" data-testid="file-problem">
      <p>{problem}</p>
      <Button onClick={onAgain}>Try again</Button>
    </div>
  );
}
