// Which page is shown. Without a session every page is the sign-in page, which leads back.
import { lazy, Suspense } from "react";
import { session } from "../api/session.ts";
import { SheetListPage } from "../pages/SheetListPage.tsx";
import { SignPage } from "../pages/SignPage.tsx";
import { UnknownPage } from "../pages/UnknownPage.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import { useRoute } from "./router.ts";
import { useStore } from "./store.ts";

/** The grid and the engine load when a sheet is opened, not before somebody can sign in. */
const SheetPage = lazy(() => import("../pages/SheetPage.tsx"));

function Page() {
  const route = useRoute();
  const signedIn = useStore(session) !== null;
  if (!signedIn) return <SignPage first={route.page === "sign-up" ? "sign-up" : "sign-in"} />;
  switch (route.page) {
    case "sheet":
      return (
        <Suspense fallback={null}>
          <SheetPage key={route.id} id={route.id} />
        </Suspense>
      );
    case "unknown":
      return <UnknownPage />;
    default:
      return <SheetListPage />;
  }
}

export function App() {
  return (
    <>
      <Page />
      <Toasts />
    </>
  );
}
