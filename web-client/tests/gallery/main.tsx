// All parts of `ui` on one page, for the browser tests: with every state that the pages use.
//
// Not shipped. The scenario `controls` builds and opens it.
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Avatar } from "../../src/ui/Avatar.tsx";
import { Button, IconButton } from "../../src/ui/Button.tsx";
import { Dialog } from "../../src/ui/Dialog.tsx";
import { loadMenus, Menu, MenuButton, type MenuGroups } from "../../src/ui/Menu.tsx";
import { Popover } from "../../src/ui/overlay/Popover.tsx";
import { PagedList } from "../../src/ui/PagedList.tsx";
import { PromptDialog } from "../../src/ui/PromptDialog.tsx";
import { Select } from "../../src/ui/Select.tsx";
import { Tabs } from "../../src/ui/Tabs.tsx";
import { TextField } from "../../src/ui/TextField.tsx";
import Toasts from "../../src/ui/Toasts.tsx";
import { showToast } from "../../src/ui/toasts.ts";
import "../../src/styles/index.css";
import "../../src/styles/notices.css";

const ROLES = [
  { value: "viewer", label: "Viewer", about: "Reads the sheet" },
  { value: "commenter", label: "Commenter", about: "Reads and comments" },
  { value: "editor", label: "Editor", about: "Changes cells, rows and columns" },
] as const;

type Role = (typeof ROLES)[number]["value"];
type Over = "sharing" | { x: number; y: number } | undefined;

/** The items of all menus; each one that runs is shown as the last choice. */
function items(choose: (what: string) => void, onRename: () => void): MenuGroups {
  const action = (label: string) => ({ label, testId: label, run: () => choose(label) });
  const kinds = ["Text", "Number", "Date"].map((label) => ({
    ...action(label),
    checked: label === "Number",
  }));
  return [
    [action("Copy"), action("Paste"), { ...action("Cut"), disabled: true }],
    [
      { label: "Rename…", testId: "Rename", shortcut: "Shift F2", run: onRename },
      { label: "Kind", testId: "Kind", value: "Number", groups: [kinds] },
    ],
    [{ ...action("Delete"), danger: true }],
  ];
}

function Gallery() {
  const [over, setOver] = useState<Over>();
  const [renaming, setRenaming] = useState(false);
  const [last, setLast] = useState("nothing");
  const close = () => setOver(undefined);
  const groups = items(setLast, () => setRenaming(true));
  return (
    <main className="list-column stack">
      <h1>Parts of the page</h1>
      <p data-testid="last">{last}</p>
      <div className="dialog-actions">
        <Button data-testid="open-dialog" onClick={() => setOver("sharing")}>
          Dialog
        </Button>
        <Button data-testid="open-prompt" look="primary" onClick={() => setRenaming(true)}>
          Prompt
        </Button>
        <Button data-testid="toast" onClick={() => showToast("info", "One message.")}>
          Message
        </Button>
        <Button data-testid="toast-stays" look="quiet" onClick={() => keep("kept text")}>
          Message that stays
        </Button>
        <Button look="danger" data-testid="errors" onClick={manyErrors}>
          Many errors
        </Button>
        <MenuButton
          label="More"
          groups={groups}
          button={<IconButton icon="dots" label="More" data-testid="more" />}
        />
        <Panel choose={setLast} />
      </div>
      <section
        data-testid="place"
        aria-label="Place of a menu"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard opens the menu here
        tabIndex={0}
        onContextMenu={(event) => {
          event.preventDefault();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          setOver({ x: left, y: bottom });
        }}
      >
        A place with a menu
      </section>
      <Form />
      {typeof over === "object" ? (
        <Menu at={over} label="Cells" groups={groups} onClose={close} />
      ) : null}
      {over === "sharing" ? (
        <Dialog title="Share" onClose={close} testId="sharing" wide>
          <Form />
          <MenuButton
            label="Inside"
            groups={groups}
            button={<IconButton icon="dots" label="Inside" data-testid="inside" />}
          />
        </Dialog>
      ) : null}
      {renaming ? <Rename onClose={() => setRenaming(false)} onDone={setLast} /> : null}
      <Toasts />
    </main>
  );
}

function Panel({ choose }: { choose: (what: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label="Notices"
      testId="panel"
      button={<IconButton icon="dots" label="Notices" data-testid="open-panel" />}
      open={open}
      onOpenChange={setOpen}
    >
      <div className="notices-head">
        <h2>Notices</h2>
        <Button look="quiet" data-testid="in-panel" onClick={() => choose("Notices")}>
          Choose
        </Button>
      </div>
    </Popover>
  );
}

function keep(text: string): void {
  showToast("info", `Your text: “${text}”`, undefined, { stays: true });
}

function manyErrors(): void {
  for (let i = 1; i <= 6; i++) showToast("error", `Error ${i}.`);
}

function Rename({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  return (
    <PromptDialog
      title="Rename"
      label="Name"
      initial="Old name"
      action="Rename"
      maxLength={40}
      check={(text) => (text.trim() === "" ? "Give a name." : undefined)}
      onSubmit={(text) => {
        onDone(text);
        onClose();
      }}
      onClose={onClose}
    />
  );
}

const ADDRESSED = { email: "", error: "Enter an e-mail address." };

function Form() {
  const [email, setEmail] = useState(ADDRESSED.email);
  const [role, setRole] = useState<Role>("viewer");
  const [tab, setTab] = useState("people");
  const list = {
    loading: false,
    problem: "The server can't be reached.",
    hasMore: true,
    loadMore: () => undefined,
    reload: () => undefined,
  };
  const people = (
    <PagedList
      list={list}
      items={["Ada Lovelace", "Ben"]}
      className="sheet-list"
      row={(name) => (
        <li key={name} className="sheet-row">
          <Avatar name={name} color="#e67700" />
          {name}
        </li>
      )}
      placeholder={null}
      empty={null}
      failed="Couldn't load the people"
      more="Show more"
    />
  );
  return (
    <div className="stack">
      <TextField
        label="E-mail"
        value={email}
        onChange={setEmail}
        error={email === "" ? ADDRESSED.error : undefined}
        testId="email"
      />
      <Select label="Role" options={ROLES} value={role} onChange={setRole} testId="role" />
      <Tabs
        label="Access"
        value={tab}
        onChange={setTab}
        tabs={[
          { name: "people", label: "People", content: people },
          { name: "links", label: "Links", content: <p>No links.</p> },
        ]}
      />
    </div>
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
loadMenus();
createRoot(root).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
);
