// Notices that an account may open a sheet (again), for a page that shows it as closed.
import { NoticeKind } from "../../gen/gridloom/v1/notices_pb.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import { inbox } from "../../live/inbox/inbox.ts";

/** Calls back when the account gets a role on the sheet, which is closed now. Gives the end of that. */
export function onShared(sheetId: string, shared: () => void): () => void {
  inbox.countAgain();
  return inbox.onEvent(({ event }) => {
    if (event.case !== "notice" || event.value.sheetId !== sheetId) return;
    const { kind, role } = event.value;
    const isRole = kind === NoticeKind.SHARE || kind === NoticeKind.ROLE;
    if (isRole && role !== Role.UNSPECIFIED) shared();
  });
}
