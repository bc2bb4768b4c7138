// The bar over a sheet: its name, its state, and the actions on the whole sheet.
import { useMutation } from "@connectrpc/connect-query";
import { type ReactNode, useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import type { GridActions } from "../../grid/actions/page-actions.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import type { IconName } from "../../ui/Icon.tsx";
import { useNarrow } from "../../ui/narrow.ts";
import { LazyPart, Part } from "../../ui/Part.tsx";
import { PromptDialog } from "../../ui/PromptDialog.tsx";
import { usePane, useTitle } from "../../ui/panes/pane.ts";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { showToast } from "../../ui/toasts.ts";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { isReadOnly } from "../shared/roles.ts";
import { reloadLists } from "../shared/sheet-lists.ts";
import { checkSheetName } from "../shared/sheet-name.ts";
import { ExportButton } from "./ExportButton.tsx";
import type { PanelTab } from "./panel/panel-address.ts";
import type { Panel } from "./panel/use-panel.ts";
import type { Follow } from "./people/follow.ts";
import { PeopleBar } from "./people/PeopleBar.tsx";
import { SheetStatus } from "./SheetStatus.tsx";

/** Loads separately: most openings of a sheet share nothing. */
const ShareDialog = new LazyPart(() => import("../share/ShareDialog.tsx"));

interface SheetBarProps {
  id: string;
  sheet: LiveSheet;
  actions: GridActions;
  follow: Follow;
  panel: Panel;
}

/**
 * The sheet's name, also as the title of the window. A new name shows before the server has confirmed it, until the
 * sheet has received it or that of another person.
 */
function useName(id: string, storedName: string): [string, (next: string) => void] {
  const [renamed, setRenamed] = useState<string>();
  const [known, setKnown] = useState(storedName);
  if (known !== storedName) {
    setKnown(storedName);
    setRenamed(undefined);
  }
  const name = renamed ?? storedName;
  const pane = usePane();
  useTitle(name === "" ? "Gridloom" : `${name} · Gridloom`);
  useEffect(() => pane.name.set(name), [pane, name]);
  const renaming = useMutation(SheetService.method.updateSheet, {
    onError: (error) => {
      setRenamed(undefined);
      showToast("error", errorText(error));
    },
    onSettled: reloadLists,
  });
  const rename = (next: string) => {
    setRenamed(next);
    renaming.mutate({ sheetId: id, name: next });
  };
  return [name, rename];
}

export function SheetBar({ id, sheet, actions, follow, panel }: SheetBarProps) {
  const layout = useStore(sheet.layout);
  const lead = useStore(usePane().lead);
  const [asking, setAsking] = useState(false);
  const [sharing, setSharing] = useState(false);
  const [name, rename] = useName(id, layout.name);
  const readOnly = isReadOnly(layout.role);
  const narrow = useNarrow();
  const onRename = (next: string) => {
    setAsking(false);
    rename(next);
  };
  return (
    <header className="bar">
      <IconButton
        className="bar-back"
        icon="arrowLeft"
        label="All sheets"
        data-testid="back"
        onClick={() => navigate("/")}
      />
      {lead}
      <button
        type="button"
        className="sheet-title"
        title={readOnly ? name : "Rename"}
        disabled={readOnly}
        data-testid="sheet-title"
        onClick={() => setAsking(true)}
      >
        {name === "" ? "\u00a0" : name}
      </button>
      {narrow ? null : <SheetStatus sheet={sheet} />}
      <span className="space" />
      <PeopleBar {...{ sheet, follow }} />
      {layout.canEdit ? (
        <span className="roomy">
          <InsertButtons actions={actions} />
        </span>
      ) : null}
      <ExportButton id={id} name={name} />
      <Button
        look="quiet"
        icon="share"
        data-testid="share-open"
        aria-label="Share"
        title="Share"
        onClick={() => setSharing(true)}
      >
        <span className="label">Share</span>
      </Button>
      <PanelButtons panel={panel} />
      <span className="roomy">
        <span className="divider" />
        <IconButton
          icon="help"
          label="Keyboard shortcuts (Ctrl /)"
          data-testid="help"
          onClick={actions.help}
        />
        <ThemeToggle />
      </span>
      <span className="bar-account">
        <AccountMenu />
      </span>
      {asking ? (
        <PromptDialog
          title="Rename sheet"
          label="Name"
          initial={name}
          action="Rename"
          check={checkSheetName}
          onSubmit={onRename}
          onClose={() => setAsking(false)}
        />
      ) : null}
      {sharing ? <Sharing {...{ id, name, sheet }} onClose={() => setSharing(false)} /> : null}
    </header>
  );
}

/** The buttons that open the side panel at one of its tabs; on a phone one for all. */
function PanelButtons({ panel }: { panel: Panel }) {
  const narrow = useNarrow();
  const button = (tab: PanelTab, icon: IconName, label: string) => (
    <IconButton
      {...{ icon, label }}
      aria-pressed={panel.tab === tab}
      data-testid={`${tab}-open`}
      onClick={() => panel.toggle(tab)}
    />
  );
  if (narrow)
    return (
      <IconButton
        icon="comment"
        label="Comments, chat and history"
        aria-pressed={panel.tab !== undefined}
        data-testid="panel-open"
        onClick={() => panel.toggle("comments")}
      />
    );
  return (
    <>
      {button("chat", "chat", "Chat")}
      {button("comments", "comment", "Comments")}
      {button("history", "history", "History")}
    </>
  );
}

/** The dialog with the roles. While it loads, its frame closes like the dialog. */
function Sharing(given: { id: string; name: string; sheet: LiveSheet; onClose: () => void }) {
  const frame = (content: ReactNode) => (
    <Dialog title="Share" onClose={given.onClose} testId="share-loading" wide>
      <div className="share-wait">{content}</div>
    </Dialog>
  );
  return <Part part={ShareDialog} given={given} frame={frame} />;
}

function InsertButtons({ actions }: { actions: GridActions }) {
  return (
    <>
      <IconButton
        icon="rowPlus"
        label="Insert rows above the selection"
        data-testid="insert-rows"
        onClick={() => actions.run("insert-rows")}
      />
      <IconButton
        icon="columnPlus"
        label="Insert columns left of the selection"
        data-testid="insert-cols"
        onClick={() => actions.run("insert-cols")}
      />
    </>
  );
}
