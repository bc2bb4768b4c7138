// The account that is signed in: the bell with its notices, and its menu with messages, files, jobs, workers for operators, its page
// and the sign-out.
import { isGuest, operatorId, type Session, session } from "../../api/session.ts";
import { linkPath, navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { messagesNotSent, unreadMessages } from "../notices/unread-messages.ts";
import { SIGN_UP } from "../shared/StatePage.tsx";
import { signOut } from "../shared/sign-out.ts";
import { Bell } from "./Bell.tsx";

/** A guest signs up at its link, which gives the new account the same role. */
function signUp({ link }: Session): void {
  const to = link === undefined ? "/sign-up" : `${linkPath(link)}${SIGN_UP}`;
  void signOut({ before: () => navigate(to) });
}

function openAccount(): void {
  navigate("/account");
}

function openFiles(): void {
  navigate("/files");
}

function openJobs(): void {
  navigate("/jobs");
}

function openWorkers(): void {
  navigate("/workers");
}

function openMessages(): void {
  navigate("/messages");
}

function messagesLabel(unread: number, notSent: number): string {
  const about = [unread > 0 ? `${unread} unread` : "", notSent > 0 ? `${notSent} not sent` : ""];
  const shown = about.filter((text) => text !== "").join(", ");
  return shown === "" ? "Messages" : `Messages (${shown})`;
}

export function AccountMenu() {
  const user = useStore(session);
  const unread = useStore(unreadMessages);
  const notSent = useStore(messagesNotSent);
  const operator = useStore(operatorId);
  if (user === null) return null;
  const called = isGuest(user) ? `${user.displayName} (guest)` : user.email;
  const signsUp = { label: "Sign up…", testId: "guest-sign-up", run: () => signUp(user) };
  const settings = { label: "Your account", testId: "account-open", run: openAccount };
  const files = { label: "Files", testId: "files-open", run: openFiles };
  const workers = { label: "Workers", testId: "workers-open", run: openWorkers };
  const isOperator = operator === user.accountId;
  const jobs = { label: "Jobs", testId: "jobs-open", run: openJobs };
  const messages = {
    label: messagesLabel(unread, notSent),
    testId: "messages-open",
    run: openMessages,
  };
  const signsOut = { label: "Sign out", testId: "sign-out", run: () => void signOut() };
  return (
    <>
      <Bell />
      <MenuButton
        label="Account"
        groups={[
          [{ label: called, testId: "account-name", disabled: true, run: () => undefined }],
          [
            messages,
            ...(isGuest(user) ? [signsUp] : [files, jobs, ...(isOperator ? [workers] : [])]),
            settings,
            signsOut,
          ],
        ]}
        button={
          <button
            type="button"
            className="icon-button"
            aria-label={`Account: ${user.displayName}`}
            title={`${user.displayName} · ${isGuest(user) ? "guest" : user.email}`}
            data-testid="account"
          >
            <Avatar name={user.displayName} account={user.accountId} />
          </button>
        }
      />
    </>
  );
}
