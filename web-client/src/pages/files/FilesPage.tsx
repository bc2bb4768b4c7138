// The page with all files: upload, find, download, rename, remove and restore.
import { Files, Trash2 } from "lucide-react";
import { type ChangeEvent, type DragEvent, useEffect, useRef, useState } from "react";
import { useSearch } from "wouter";
import { navigate } from "../../base/router.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { showToast } from "../../ui/toasts.ts";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { droppedFiles } from "./dropped.ts";
import { FileList } from "./FileList.tsx";
import { reloadFiles } from "./file-lists.ts";
import { SCOPES, type Scope } from "./share/file-roles.ts";
import { Scopes } from "./share/Scopes.tsx";
import { useRoleChanges } from "./share/use-role-changes.ts";
import { TransferList } from "./TransferList.tsx";
import { isPageShown, upload } from "./transfers/own-transfers.ts";
import { Unfinished } from "./Unfinished.tsx";
import { Usage } from "./Usage.tsx";
import "../../styles/files.css";

const PATH = "/files";
/** The query of the address of the removed files. */
const REMOVED = "removed";

/** Whose files an address lists. */
function scopeOf(search: string): Scope {
  return SCOPES.find(({ scope }) => scope === search)?.scope ?? "all";
}

function scopePath(scope: Scope): string {
  return scope === "all" ? PATH : `${PATH}?${scope}`;
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes("Files");
}

/** Handlers for files that are dropped on the page; `dropping` while some are dragged over it. */
function useDrop(onFiles: (files: readonly File[]) => void) {
  const [dropping, setDropping] = useState(false);
  const onDrop = (event: DragEvent) => {
    setDropping(false);
    // Text is for the field that it is dropped on.
    if (!hasFiles(event)) return;
    event.preventDefault();
    const { files, folders } = droppedFiles(event.dataTransfer);
    if (folders.length > 0)
      showToast("info", `“${folders[0]}” is a folder. Drop the files that are in it.`);
    onFiles(files);
  };
  const onDragOver = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setDropping(true);
  };
  return { dropping, handlers: { onDrop, onDragOver, onDragLeave: () => setDropping(false) } };
}

export default function FilesPage() {
  const search = useSearch();
  const isRemoved = search === REMOVED;
  const picker = useRef<HTMLInputElement>(null);
  const { dropping, handlers } = useDrop((files) => upload(files));
  const title = isRemoved ? "Removed files" : "Files";
  useEffect(() => {
    document.title = `${title} · Gridloom`;
  }, [title]);
  useEffect(() => {
    isPageShown.set(true);
    return () => isPageShown.set(false);
  }, []);
  const onPick = (event: ChangeEvent<HTMLInputElement>) => {
    upload([...(event.target.files ?? [])]);
    // Without this, the browser would ignore a second choice of the same file.
    event.target.value = "";
  };
  const onUpload = () => picker.current?.click();
  return (
    <div className={`list-page files-page${dropping ? " dropping" : ""}`} {...handlers}>
      <header className="bar">
        <IconButton
          icon="arrowLeft"
          label={isRemoved ? "All files" : "All sheets"}
          data-testid="back"
          onClick={() => navigate(isRemoved ? PATH : "/")}
        />
        <Logo />
        <span className="space" />
        <ThemeToggle />
        <AccountMenu />
      </header>
      <main className="list-main" data-testid="files-page">
        <div className="list-column">
          <Content key={title} {...{ title, isRemoved, onUpload }} scope={scopeOf(search)} />
        </div>
        <input
          ref={picker}
          type="file"
          multiple
          className="visually-hidden"
          tabIndex={-1}
          aria-label="Files to upload"
          data-testid="upload-files"
          onChange={onPick}
        />
      </main>
    </div>
  );
}

interface ContentProps {
  title: string;
  isRemoved: boolean;
  scope: Scope;
  onUpload: () => void;
}

/** The key is the title: a filter is not that of the other files. */
function Content({ title, isRemoved, scope, onUpload }: ContentProps) {
  const [filter, setFilter] = useState("");
  useRoleChanges(reloadFiles);
  return (
    <>
      <div className="list-head">
        <h1>{title}</h1>
        <Search value={filter} label={`Find ${title.toLowerCase()}`} onChange={setFilter} />
        <Button
          icon={isRemoved ? Files : Trash2}
          data-testid={isRemoved ? "kept-files" : "removed-files"}
          onClick={() => navigate(isRemoved ? PATH : `${PATH}?${REMOVED}`)}
        >
          {isRemoved ? "All files" : "Removed files"}
        </Button>
        <Button look="primary" icon="upload" onClick={onUpload} data-testid="upload">
          Upload files
        </Button>
      </div>
      <Usage />
      <TransferList />
      <Unfinished />
      {isRemoved ? null : (
        <Scopes scope={scope} onChange={(next) => navigate(scopePath(next), "replace")} />
      )}
      <FileList {...{ filter, isRemoved, scope, onUpload }} />
    </>
  );
}

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function Search({ label, value, onChange }: SearchProps) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid="search"
      />
    </div>
  );
}
