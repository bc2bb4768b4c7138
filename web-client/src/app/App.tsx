// Which page is shown. Without a session every page is the sign-in page, which leads back. A session
// that the server no longer takes leaves the page as it is, with a dialog over it.
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

/** The grid and the engine load when a sheet is opened, not before somebody can sign in. */
const SheetPage = new LazyPart(() => import("../pages/sheet/SheetPage.tsx"));

function Page() {
  const route = useRoute();
  const who = useStore(session);
  if (who === null) return <SignPage first={route.page === "sign-up" ? "sign-up" : "sign-in"} />;
  switch (route.page) {
    case "sheet":
      // Another account begins anew: what the page holds is the old one's.
      return (
        <Part
          key={`${who.accountId}/${route.id}`}
          part={SheetPage}
          given={{ id: route.id }}
          frame={(content) => <EmptySheet>{content}</EmptySheet>}
        />
      );
    case "unknown":
      return <UnknownPage />;
    default:
      return <SheetListPage key={who.accountId} />;
  }
}

export function App() {
  const who = useStore(session);
  return (
    <>
      <Boundary fallback={() => <Broken />}>
        <Page />
      </Boundary>
      {who === null ? null : <SignInAgain who={who} />}
      <Toasts />
    </>
  );
}

/** The last resort: something in the page can't be drawn. */
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
