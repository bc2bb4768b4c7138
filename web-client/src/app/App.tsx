// Chooses the page for the address. Without a session every address shows the sign-in page, and signing in
// returns to the address. When a token becomes invalid, the page stays open behind a dialog.
import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { Route, Switch, useRoute } from "wouter";
import { queries } from "../api/queries.ts";
import { deleted, session, signInLater, tokenState } from "../api/session.ts";
import { transport } from "../api/transport.ts";
import { useStore } from "../base/store.ts";
import { question } from "../pages/shared/sign-out.ts";
import { EmptySheet } from "../pages/sheet/EmptySheet.tsx";
import { Boundary } from "../ui/Boundary.tsx";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Part } from "../ui/Part.tsx";
import { toasts } from "../ui/toasts.ts";
import {
  AccountPage,
  CallbackPage,
  ConfirmPage,
  DeletedPage,
  FilesPage,
  ForgotPage,
  LIST,
  LinkPage,
  MessagesPage,
  OtherPage,
  ResetPage,
  SessionDialogs,
  SheetListPage,
  SheetPage,
  SignPage,
  Toasts,
} from "./parts.ts";

function loadingSign(content: ReactNode) {
  return <main className="sign">{content}</main>;
}

function Page() {
  const user = useStore(session);
  const [signUp] = useRoute("/sign-up");
  const [callback] = useRoute("/sign-in/callback");
  const [confirm] = useRoute("/confirm-email");
  const [forgot] = useRoute("/forgot-password");
  const [shared, link] = useRoute("/link/:token");
  const [reset] = useRoute("/reset-password");
  const isDeleted = useStore(deleted);
  if (callback) return <Part key="callback" part={CallbackPage} given={{}} frame={loadingSign} />;
  if (confirm) return <Part key="confirm" part={ConfirmPage} given={{}} frame={loadingSign} />;
  if (forgot) return <Part key="forgot" part={ForgotPage} given={{}} frame={loadingSign} />;
  if (reset) return <Part key="reset" part={ResetPage} given={{}} frame={loadingSign} />;
  if (shared)
    return <Part key="link" part={LinkPage} given={{ token: link.token }} frame={loadingSign} />;
  if (user === null && isDeleted)
    return <Part key="deleted" part={DeletedPage} given={{}} frame={loadingSign} />;
  if (user === null) {
    const first = signUp ? "sign-up" : "sign-in";
    return <Part key="sign" part={SignPage} given={{ first }} frame={loadingSign} />;
  }
  return (
    <Switch>
      <Route path={LIST}>
        <Part key={user.accountId} part={SheetListPage} given={{}} frame={loadingSign} />
      </Route>
      <Route path="/sheets/:id">{({ id }) => <Sheet id={id} account={user.accountId} />}</Route>
      <Route path="/account">
        <Part key={user.accountId} part={AccountPage} given={{}} frame={loadingSign} />
      </Route>
      <Route path="/files">
        <Part key={user.accountId} part={FilesPage} given={{}} frame={loadingSign} />
      </Route>
      <Route path="/messages/:kind?/:id?">
        {(given) => (
          <Part key={user.accountId} part={MessagesPage} given={given} frame={loadingSign} />
        )}
      </Route>
      <Route>
        <Part key={user.accountId} part={OtherPage} given={{}} frame={loadingSign} />
      </Route>
    </Switch>
  );
}

/** The key opens the sheets again for another account; the page itself goes from one sheet to another. */
function Sheet({ id, account }: { id: string; account: string }) {
  return (
    <Part
      key={account}
      part={SheetPage}
      given={{ id }}
      frame={(content) => <EmptySheet>{content}</EmptySheet>}
    />
  );
}

/** While nothing is asked, there is no dialog. */
function Dialogs() {
  const isEnded = useStore(tokenState) === "ended";
  const isAsked = useStore(question) !== undefined;
  if (!isEnded && !isAsked) return null;
  // A dialog of its own, so that its buttons are reached by keyboard, also from a cell.
  const frame = (content: ReactNode) => (
    <Dialog
      title={isEnded ? "Sign in again" : "Sign out"}
      onClose={isEnded ? signInLater : () => question.set(undefined)}
      testId="session-dialog"
    >
      <div className="session-wait">{content}</div>
    </Dialog>
  );
  return <Part part={SessionDialogs} given={{}} frame={frame} />;
}

/** The short messages. Where their part does not load, it is asked for again with each message. */
function Messages() {
  const [Content, setContent] = useState<ComponentType>();
  const { length } = useStore(toasts);
  const missing = Content === undefined ? length : undefined;
  useEffect(() => {
    if (missing === undefined) return;
    Toasts.fetch().then(
      (content) => setContent(() => content),
      () => undefined,
    );
  }, [missing]);
  return Content === undefined ? null : <Content />;
}

export function App() {
  return (
    <TransportProvider transport={transport}>
      <QueryClientProvider client={queries}>
        <Boundary fallback={() => <Broken />}>
          <Page />
        </Boundary>
        <Dialogs />
        <Messages />
      </QueryClientProvider>
    </TransportProvider>
  );
}

/** Replaces a page that fails to render. */
function Broken() {
  useEffect(() => {
    document.title = "Gridloom";
  }, []);
  return (
    <main className="sign" data-testid="page-broken">
      <div className="sign-head">
        <h1>Something went wrong</h1>
        <p className="state-text" role="alert">
          This page can't be shown. Your edits are kept: reload the page to continue.
        </p>
        <Button look="primary" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </div>
    </main>
  );
}
