// The parts of the application that load when they are shown, and those that load before.
import { type Session, session } from "../api/session.ts";
import { loadMenus } from "../ui/Menu.tsx";
import { LazyPart } from "../ui/Part.tsx";

/** The grid and the engine load when a sheet is opened, so that the sign-in page loads fast. */
export const SheetPage = new LazyPart(() => import("../pages/sheet/SheetPage.tsx"));
export const SheetListPage = new LazyPart(() => import("../pages/sheets/SheetListPage.tsx"));
export const SignPage = new LazyPart(() => import("../pages/sign/SignPage.tsx"));

/** Few people open these. */
export const AccountPage = new LazyPart(() => import("../pages/account/AccountPage.tsx"));
export const CallbackPage = new LazyPart(() => import("../pages/sign/provider/CallbackPage.tsx"));
export const ConfirmPage = new LazyPart(() => import("../pages/sign/ConfirmPage.tsx"));
export const DeletedPage = new LazyPart(() => import("../pages/sign/DeletedPage.tsx"));
export const FilesPage = new LazyPart(() => import("../pages/files/FilesPage.tsx"));
export const ForgotPage = new LazyPart(() => import("../pages/sign/ForgotPage.tsx"));
export const LinkPage = new LazyPart(() => import("../pages/link/LinkPage.tsx"));
export const MessagesPage = new LazyPart(() => import("../pages/messages/MessagesPage.tsx"));
export const OtherPage = new LazyPart(() => import("../pages/other/OtherPage.tsx"));
export const ResetPage = new LazyPart(() => import("../pages/sign/ResetPage.tsx"));

/** Asked for in the moment in which the server is away, so it loads before. */
export const SessionDialogs = new LazyPart(() => import("../pages/sign/SessionDialogs.tsx"));

/** The short messages: the first paint has none. */
export const Toasts = new LazyPart(() => import("../ui/Toasts.tsx"));

/** The paths of the list; the sign-in pages lead there when an account is signed in. */
export const LIST = /^\/(?:sheets|sign-in|sign-up)?\/?$/;

/** Milliseconds after which the first paint no longer waits for its page. */
const FIRST_MILLIS = 3_000;

function firstOf(user: Session | null, path: string): Promise<unknown> | undefined {
  if (path.startsWith("/sheets/")) SheetPage.preload();
  if (LIST.test(path)) return (user === null ? SignPage : SheetListPage).fetch();
  return user === null ? SignPage.fetch() : undefined;
}

/** Resolves when the first paint has the page of the address, so that no spinner flashes before it. */
export async function firstPart(): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, FIRST_MILLIS));
  // A page that can't be loaded has a message in its place.
  await Promise.any([late, firstOf(session.get(), location.pathname)]);
}

/** Loads what the next clicks show, also without a server, and keeps the session. Once, after the page is there. */
export function loadLater(): void {
  loadMenus();
  for (const part of [SessionDialogs, SheetListPage, SignPage]) part.preload();
  // Without this part, a dialog asks to sign in once the token has ended.
  void import("../live/renewal/keep-session.ts").then(
    ({ keepSession }) => keepSession(),
    () => undefined,
  );
}
