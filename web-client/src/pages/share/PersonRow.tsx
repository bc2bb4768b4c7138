// One person of the dialog: its name and its role, which the owner changes.
import { useState } from "react";
import { errorText } from "../../api/errors.ts";
import { session } from "../../api/session.ts";
import { noteColor } from "../../base/person-color.ts";
import { useStore } from "../../base/store.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Share } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Select.tsx";
import { ConfirmDialog } from "../shared/ConfirmDialog.tsx";
import { OWNER_OPTION, ROLE_OPTIONS, roleName, roleOf } from "../shared/roles.ts";
import { useShare, useTransfer, useUnshare } from "./use-shares.ts";

interface RowProps {
  id: string;
  /** The name of the sheet. */
  name: string;
  share: Share;
  /** Whether the person at this page owns the sheet. */
  isOwner: boolean;
}

export function PersonRow({ id, name, share, isOwner }: RowProps) {
  const user = useStore(session);
  const own = share.accountId !== "" && share.accountId === user?.accountId;
  const called = share.displayName || share.email || "Guest";
  const changes = isOwner && share.role !== Role.OWNER;
  const { accountId, color } = share;
  noteColor(accountId, color);
  return (
    <li className="share-row" data-testid="share-row">
      <Avatar name={called} account={accountId} />
      <div className="share-who">
        <span className="share-name">
          {called}
          {own ? " (you)" : ""}
        </span>
        <span className="share-about">{aboutOf(share)}</span>
      </div>
      {changes && share.linkId === "" ? (
        <Changes {...{ id, name, share, called }} />
      ) : (
        <span className="share-role" data-testid="role">
          {roleName(share.role)}
        </span>
      )}
      {changes && share.linkId !== "" ? <RemoveMember {...{ id, accountId, called }} /> : null}
    </li>
  );
}

function aboutOf({ displayName, email, opened, linkId }: Share): string {
  const facts = [];
  if (displayName !== "" && email !== "") facts.push(email);
  if (!opened) facts.push("invited, has not opened it yet");
  if (linkId !== "") facts.push("came by a link");
  return facts.join(" · ");
}

function Changes({ id, name, share, called }: Omit<RowProps, "isOwner"> & { called: string }) {
  const { email } = share;
  const [asking, setAsking] = useState(false);
  const changing = useShare();
  const ending = useUnshare();
  const error = changing.error ?? ending.error;
  const shown = changing.isPending ? changing.variables?.role : share.role;
  const onChange = (value: string) => {
    if (value === OWNER_OPTION.value) setAsking(true);
    else changing.mutate({ sheetId: id, email, role: roleOf({ value }) });
  };
  return (
    <>
      <Choice
        tied={{ "aria-label": `Role of ${called}`, "aria-busy": changing.isPending }}
        // Without the sheet, no person can own it.
        options={share.opened ? [...ROLE_OPTIONS, OWNER_OPTION] : ROLE_OPTIONS}
        value={String(shown ?? share.role)}
        onChange={onChange}
        testId="role"
      />
      <IconButton
        icon="x"
        label={`Remove ${called}`}
        data-testid="unshare"
        disabled={ending.isPending}
        onClick={() => ending.mutate({ sheetId: id, email })}
      />
      {error === null ? null : (
        <p className="note error share-error" role="alert">
          {errorText(error)}
        </p>
      )}
      {asking ? (
        <Transfer {...{ id, name, email, called }} onClose={() => setAsking(false)} />
      ) : null}
    </>
  );
}

interface MemberProps {
  id: string;
  accountId: string;
  called: string;
}

/** Ends the roles that links gave to one person; the links stay. */
function RemoveMember({ id, accountId, called }: MemberProps) {
  const [asking, setAsking] = useState(false);
  const ending = useUnshare();
  return (
    <>
      <IconButton
        icon="x"
        label={`Remove ${called}`}
        data-testid="unshare"
        onClick={() => setAsking(true)}
      />
      {asking ? (
        <ConfirmDialog
          title={`Remove ${called}?`}
          text={`The link still works for others, and ${called} can open it again. To prevent that, end the link.`}
          action="Remove"
          busy={ending.isPending}
          error={ending.error === null ? undefined : errorText(ending.error)}
          onConfirm={() =>
            ending.mutate({ sheetId: id, accountId }, { onSuccess: () => setAsking(false) })
          }
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

interface TransferProps {
  id: string;
  name: string;
  email: string;
  called: string;
  onClose: () => void;
}

function Transfer({ id, name, email, called, onClose }: TransferProps) {
  const giving = useTransfer();
  return (
    <ConfirmDialog
      title={`Give “${name}” to ${called}?`}
      text={`${called} becomes the owner, and you become an editor. Only ${called} can change that again.`}
      action="Give"
      busy={giving.isPending}
      error={giving.error === null ? undefined : errorText(giving.error)}
      onConfirm={() => giving.mutate({ sheetId: id, email }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
