// The dialog with the persons and links that have a role on a sheet. The owner changes them; other persons see the
// list, and leave the sheet.
import { useEffect, useRef } from "react";
import { errorText } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import type { ListSharesResponse } from "../../gen/gridloom/v1/sharing_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { showToast } from "../../ui/toasts.ts";
import { LEAVING } from "../shared/ConfirmDialog.tsx";
import { Leave } from "./Leave.tsx";
import { Links } from "./Links.tsx";
import { Loading } from "./Loading.tsx";
import { People } from "./People.tsx";
import { reloadShares, sheetShareable, useLeave, useShares } from "./use-shares.ts";

interface ShareDialogProps {
  id: string;
  name: string;
  sheet: LiveSheet;
  onClose: () => void;
}

/** Loads the roles again when some of them have changed while the dialog is open. */
function useChanges(sheet: LiveSheet): void {
  const { role } = useStore(sheet.layout);
  const now = `${role}/${useStore(sheet.sharing)}`;
  const shown = useRef(now);
  useEffect(() => {
    if (shown.current !== now) void reloadShares();
    shown.current = now;
  }, [now]);
}

export default function ShareDialog({ id, name, sheet, onClose }: ShareDialogProps) {
  const shares = useShares(id);
  useChanges(sheet);
  const { data, error } = shares;
  return (
    <Dialog title={`Share “${name}”`} onClose={onClose} testId="share" wide>
      {data === undefined ? (
        <Loading
          problem={error === null ? undefined : errorText(error)}
          onAgain={() => void shares.refetch()}
        />
      ) : (
        <Content {...{ id, name }} list={data} />
      )}
    </Dialog>
  );
}

function Content({ id, name, list }: { id: string; name: string; list: ListSharesResponse }) {
  const of = sheetShareable(id, name, list);
  return (
    <div className="share">
      <People of={of} isCut={list.sharesLeftOut} />
      {of.isOwner ? <Links id={id} links={list.links} /> : <LeaveSheet {...{ id, name }} />}
    </div>
  );
}

function LeaveSheet({ id, name }: { id: string; name: string }) {
  const leaving = useLeave();
  const onLeave = () => {
    const left = () => {
      navigate("/");
      showToast("info", `You have left “${name}”.`);
    };
    leaving.mutate({ sheetId: id }, { onSuccess: left });
  };
  return (
    <Leave
      {...{ name, onLeave }}
      noun="sheet"
      text={LEAVING}
      isBusy={leaving.isPending}
      problem={leaving.error === null ? undefined : errorText(leaving.error)}
    />
  );
}
