// Chooses the page for the address. Without a session every address shows the sign-in page, and signing in
// returns to the address. When a token becomes invalid, the page stays open behind a dialog.
import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Route, Switch, useRoute } from "wouter";
import { queries } from "../api/queries.ts";
import { session } from "../api/session.ts";
import { transport } from "../api/transport.ts";
import { useStore } from "../base/store.ts";
import { SignOutDialog } from "../pages/shared/SignOutDialog.tsx";
import { UnknownPage } from "../pages/shared/UnknownPage.tsx";
import { EmptySheet } from "../pages/sheet/EmptySheet.tsx";
import { SheetListPage } from "../pages/sheets/SheetListPage.tsx";
import { SignInAgain } from "../pages/sign/SignInAgain.tsx";
import { SignPage } from "../pages/sign/SignPage.tsx";
import { Boundary } from "../ui/Boundary.tsx";
import { Button } from "../ui/Button.tsx";
import { LazyPart, Part } from "../ui/Part.tsx";
import { Toasts } from "../ui/Toasts.tsx";

/** The grid and the engine load when a sheet is opened, so that the sign-in page loads fast. */
const SheetPage = new LazyPart(() => import("../pages/sheet/SheetPage.tsx"));

/** Few people open these, so they load when they are shown. */
const AccountPage = new LazyPart(() => import("../pages/account/AccountPage.tsx"));
const ConfirmPage = new LazyPart(() => import("../pages/sign/ConfirmPage.tsx"));
const ForgotPage = new LazyPart(() => import("../pages/sign/ForgotPage.tsx"));
const CallbackPage = new LazyPart(() => import("../pages/sign/provider/CallbackPage.tsx"));
const LinkPage = new LazyPart(() => import("../pages/link/LinkPage.tsx"));
const MessagesPage = new LazyPart(() => import("../pages/messages/MessagesPage.tsx"));
const ResetPage = new LazyPart(() => import("../pages/sign/ResetPage.tsx"));

function loadingSign(content: ReactNode) {
  return <main className="sign">{content}</main>;
}

/** The paths of the list; the sign-in pages lead there when an account is signed in. */
const LIST = /^\/(?:sheets|sign-in|sign-up)?\/?$/;

function Page() {
  const user = useStore(session);
  const [signUp] = useRoute("/sign-up");
  const [callback] = useRoute("/sign-in/callback");
  const [confirm] = useRoute("/confirm-email");
  const [forgot] = useRoute("/forgot-password");
  const [shared, link] = useRoute("/link/:token");
  const [reset] = useRoute("/reset-password");
  if (callback) return <Part key="callback" part={CallbackPage} given={{}} frame={loadingSign} />;
  if (confirm) return <Part key="confirm" part={ConfirmPage} given={{}} frame={loadingSign} />;
  if (forgot) return <Part key="forgot" part={ForgotPage} given={{}} frame={loadingSign} />;
  if (reset) return <Part key="reset" part={ResetPage} given={{}} frame={loadingSign} />;
  if (shared)
    return <Part key="link" part={LinkPage} given={{ token: link.token }} frame={loadingSign} />;
  if (user === null) return <SignPage first={signUp ? "sign-up" : "sign-in"} />;
  return (
    <Switch>
      <Route path={LIST}>
        <SheetListPage key={user.accountId} />
      </Route>
      <Route path="/sheets/:id">{({ id }) => <Sheet id={id} account={user.accountId} />}</Route>
      <Route path="/account">
        <Part key={user.accountId} part={AccountPage} given={{}} frame={loadingSign} />
      </Route>
      <Route path="/messages/:kind?/:id?">
        {(given) => (
          <Part key={user.accountId} part={MessagesPage} given={given} frame={loadingSign} />
        )}
      </Route>
      <Route>
        <UnknownPage />
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

export function App() {
  const user = useStore(session);
  return (
    <TransportProvider transport={transport}>
      <QueryClientProvider client={queries}>
        <Boundary fallback={() => <Broken />}>
          <Page />
        </Boundary>
        {user === null ? null : <SignInAgain user={user} />}
        <SignOutDialog />
        <Toasts />
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
