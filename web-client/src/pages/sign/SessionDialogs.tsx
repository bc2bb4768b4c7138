// The dialogs over any page: to sign in again, and what becomes of unsent edits at a sign-out.
import { session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { SignOutDialog } from "../shared/SignOutDialog.tsx";
import { SignInAgain } from "./SignInAgain.tsx";

export default function SessionDialogs() {
  const user = useStore(session);
  return (
    <>
      {user === null ? null : <SignInAgain user={user} />}
      <SignOutDialog />
    </>
  );
}
