// Chooses the page for the address. Without a session every address shows the sign-in page, and signing in
// returns to the address. When a token becomes invalid, the page stays open behind a dialog.
import { useEffect } from "react";
import { session } from "../api/session.ts";
import { useRoute } from "../base/router.ts";
import { useStore } from "../base/store.ts";
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

function Page() {
  const route = useRoute();
  const user = useStore(session);
  if (user === null) return <SignPage first={route.page === "sign-up" ? "sign-up" : "sign-in"} />;
  switch (route.page) {
    case "sheet":
      // The key opens the sheet again for another account.
      return (
        <Part
          key={`${user.accountId}/${route.id}`}
          part={SheetPage}
          given={{ id: route.id }}
          frame={(content) => <EmptySheet>{content}</EmptySheet>}
        />
      );
    case "unknown":
      return <UnknownPage />;
    default:
      return <SheetListPage key={user.accountId} />;
  }
}

export function App() {
  const user = useStore(session);
  return (
    <>
      <Boundary fallback={() => <Broken />}>
        <Page />
      </Boundary>
      {user === null ? null : <SignInAgain user={user} />}
      <Toasts />
    </>
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
