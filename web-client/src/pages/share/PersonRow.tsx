// One person of the dialog: its name and its role, which the owner changes.
import { useState } from "react";
import { session } from "../../api/session.ts";
import { noteColor } from "../../base/person-color.ts";
import { useStore } from "../../base/store.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Share } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Select.tsx";
import { ConfirmDialog } from "../shared/ConfirmDialog.tsx";
import { OWNER_OPTION, roleName, roleOf } from "../shared/roles.ts";
import type { Shareable } from "./shareable.ts";
import { useShare, useTransfer, useUnshare } from "./use-roles.ts";

interface RowProps {
  of: Shareable;
  share: Share;
}

export function PersonRow({ of, share }: RowProps) {
  const user = useStore(session);
  const own = share.accountId !== "" && share.accountId === user?.accountId;
  const called = share.displayName || share.email || "Guest";
  const changes = of.isOwner && share.role !== Role.OWNER;
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
        <Changes {...{ of, share, called }} />
      ) : (
        <span className="share-role" data-testid="role">
          {roleName(share.role)}
        </span>
      )}
      {changes && share.linkId !== "" ? <RemoveMember {...{ of, accountId, called }} /> : null}
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

function Changes({ of, share, called }: RowProps & { called: string }) {
  const { email } = share;
  const [asking, setAsking] = useState(false);
  const changing = useShare(of);
  const ending = useUnshare(of);
  const error = changing.error ?? ending.error;
  const shown = changing.isPending ? changing.variables?.role : share.role;
  const onChange = (value: string) => {
    if (value === OWNER_OPTION.value) setAsking(true);
    else changing.mutate({ email, role: roleOf({ value }) });
  };
  return (
    <>
      <Choice
        tied={{ "aria-label": `Role of ${called}`, "aria-busy": changing.isPending }}
        // Without the sheet, no person can own it.
        options={share.opened && of.transfer !== undefined ? [...of.roles, OWNER_OPTION] : of.roles}
        value={String(shown ?? share.role)}
        onChange={onChange}
        testId="role"
      />
      <IconButton
        icon="x"
        label={`Remove ${called}`}
        data-testid="unshare"
        disabled={ending.isPending}
        onClick={() => ending.mutate({ email })}
      />
      {error === null ? null : (
        <p className="note error share-error" role="alert">
          {of.problem(error)}
        </p>
      )}
      {asking ? <Transfer {...{ of, email, called }} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

interface MemberProps {
  of: Shareable;
  accountId: string;
  called: string;
}

/** Ends the roles that links gave to one person; the links stay. */
function RemoveMember({ of, accountId, called }: MemberProps) {
  const [asking, setAsking] = useState(false);
  const ending = useUnshare(of);
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
          error={ending.error === null ? undefined : of.problem(ending.error)}
          onConfirm={() => ending.mutate({ accountId }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

interface TransferProps {
  of: Shareable;
  email: string;
  called: string;
  onClose: () => void;
}

function Transfer({ of, email, called, onClose }: TransferProps) {
  const giving = useTransfer(of);
  return (
    <ConfirmDialog
      title={`Give “${of.name}” to ${called}?`}
      text={`${called} becomes the owner, and you become an editor. Only ${called} can change that again.`}
      action="Give"
      busy={giving.isPending}
      error={giving.error === null ? undefined : of.problem(giving.error)}
      onConfirm={() => giving.mutate(email, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
