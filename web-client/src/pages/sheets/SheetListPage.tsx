// The page with all sheets: find, open, create, import, rename, delete.
import { type ChangeEvent, type DragEvent, useEffect, useRef, useState } from "react";
import { isGuest, session } from "../../api/session.ts";
import { navigate, sheetPath } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { LazyPart, Part } from "../../ui/Part.tsx";
import { PromptDialog } from "../../ui/PromptDialog.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { showToast } from "../../ui/toasts.ts";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { ConfirmDialog, LEAVING } from "../shared/ConfirmDialog.tsx";
import { reloadLists } from "../shared/sheet-lists.ts";
import { checkSheetName } from "../shared/sheet-name.ts";
import { EmptyGuestList, EmptyList, ListSkeleton, SheetRow } from "./SheetList.tsx";
import { useFirstLocale } from "./use-first-locale.ts";
import { type SheetList, useSheets } from "./use-sheets.ts";

/** It reads a file's first rows, so it loads when a file is chosen. */
const ImportDialog = new LazyPart(() => import("../import/ImportDialog.tsx"));

type Asking =
  | { what: "create" }
  | { what: "rename"; sheet: Sheet }
  | { what: "leave"; sheet: Sheet }
  | { what: "import"; file: File };

/** Handlers for a file that is dropped on the page; `dropping` while one is dragged over it. */
function useDrop(onFile: (file: File) => void) {
  const [dropping, setDropping] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined) onFile(file);
  };
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setDropping(true);
  };
  return { dropping, handlers: { onDrop, onDragOver, onDragLeave: () => setDropping(false) } };
}

export default function SheetListPage() {
  const [filter, setFilter] = useState("");
  const [asking, setAsking] = useState<Asking>();
  const picker = useRef<HTMLInputElement>(null);
  const list = useSheets(filter);
  useFirstLocale();
  const user = useStore(session);
  const guest = user !== null && isGuest(user);
  const onFile = (file: File) => {
    if (guest) showToast("info", "A guest makes no sheets. Sign up to import this file.");
    else setAsking({ what: "import", file });
  };
  const { dropping, handlers } = useDrop(onFile);
  useEffect(() => {
    document.title = "Sheets · Gridloom";
  }, []);
  const onPick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // Without this, the browser would ignore a second choice of the same file.
    event.target.value = "";
    if (file !== undefined) onFile(file);
  };
  const onImport = () => picker.current?.click();
  const onCreate = () => setAsking({ what: "create" });

  return (
    <div className={dropping ? "list-page dropping" : "list-page"} {...handlers}>
      <header className="bar">
        <Logo />
        <span className="space" />
        <ThemeToggle />
        <AccountMenu />
      </header>
      <main className="list-main">
        <div className="list-column">
          <div className="list-head">
            <h1>Sheets</h1>
            <Search value={filter} onChange={setFilter} />
            {guest ? null : (
              <>
                <Button icon="upload" onClick={onImport}>
                  Import CSV
                </Button>
                <Button look="primary" icon="plus" onClick={onCreate} data-testid="new-sheet">
                  New sheet
                </Button>
              </>
            )}
          </div>
          <Body {...{ list, filter, guest, onCreate, onImport, setAsking }} />
        </div>
      </main>
      <input
        ref={picker}
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="CSV file to import"
        data-testid="import-file"
        onChange={onPick}
      />
      <Question asking={asking} list={list} onClose={() => setAsking(undefined)} />
    </div>
  );
}

function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Find sheets"
        placeholder="Find sheets"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid="search"
      />
    </div>
  );
}

interface BodyProps {
  list: SheetList;
  filter: string;
  guest: boolean;
  onCreate: () => void;
  onImport: () => void;
  setAsking: (asking: Asking) => void;
}

function Body({ list, filter, guest, onCreate, onImport, setAsking }: BodyProps) {
  const none =
    filter === "" && guest ? (
      <EmptyGuestList />
    ) : filter === "" ? (
      <EmptyList onCreate={onCreate} onImport={onImport} />
    ) : (
      <section className="empty">
        <h2>No sheets match “{filter}”</h2>
      </section>
    );
  return (
    <PagedList
      list={list}
      items={list.sheets}
      className="sheet-list"
      row={(sheet) => (
        <SheetRow
          key={sheet.id}
          sheet={sheet}
          onRename={() => setAsking({ what: "rename", sheet })}
          onDelete={() => list.remove(sheet)}
          onLeave={() => setAsking({ what: "leave", sheet })}
        />
      )}
      placeholder={<ListSkeleton />}
      empty={none}
      failed="Couldn't load your sheets"
      more="Show more"
    />
  );
}

interface QuestionProps {
  asking: Asking | undefined;
  list: SheetList;
  onClose: () => void;
}

function Question({ asking, list, onClose }: QuestionProps) {
  if (asking === undefined) return null;
  if (asking.what === "import")
    return (
      <Part
        part={ImportDialog}
        given={{
          file: asking.file,
          onDone: (sheet) => {
            reloadLists();
            navigate(sheetPath(sheet.id));
          },
          onClose,
        }}
        frame={(content) => (
          <Dialog
            title={`Import ${asking.file.name}`}
            onClose={onClose}
            testId="import-loading"
            wide
          >
            {content}
          </Dialog>
        )}
      />
    );
  if (asking.what === "leave")
    return (
      <ConfirmDialog
        title={`Leave “${asking.sheet.name}”?`}
        text={LEAVING}
        action="Leave"
        busy={false}
        error={undefined}
        onConfirm={() => {
          onClose();
          list.leave(asking.sheet);
        }}
        onClose={onClose}
      />
    );
  const renaming = asking.what === "rename" ? asking.sheet : undefined;
  const onSubmit = (name: string) => {
    onClose();
    if (renaming === undefined) list.create(name);
    else list.rename(renaming, name);
  };
  return (
    <PromptDialog
      title={renaming === undefined ? "New sheet" : "Rename sheet"}
      label="Name"
      initial={renaming?.name ?? ""}
      placeholder="Inventory"
      action={renaming === undefined ? "Create" : "Rename"}
      check={checkSheetName}
      onSubmit={onSubmit}
      onClose={onClose}
    />
  );
}
