// The form that shares a sheet with an e-mail address.
import { type FormEvent, useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Share, ShareResponse } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { ROLE_OPTIONS, roleName, roleOf } from "../shared/roles.ts";
import { useServerSettings } from "../sign/use-server-settings.ts";
import { nextOf } from "./next-of.ts";
import { useShare, useShares } from "./use-shares.ts";

export function AddPerson({ id }: { id: string }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState(String(Role.EDITOR));
  const [wrong, setWrong] = useState<string>();
  const [done, setDone] = useState("");
  const sharing = useShare();
  const settings = useServerSettings();
  const shares = useShares(id).data?.shares;
  const onEmail = (next: string) => {
    setEmail(next);
    setWrong(undefined);
    sharing.reset();
  };
  const onRole = (next: string) => {
    setRole(next);
    sharing.reset();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const address = email.trim();
    setDone("");
    setWrong(/^\S+@\S+$/.test(address) ? undefined : "Enter an e-mail address.");
    if (!/^\S+@\S+$/.test(address)) return;
    const given = roleOf({ value: role });
    const isIt = (share: Share) => share.email === address.toLowerCase();
    const before = shares?.find(isIt)?.role;
    const onSuccess = (answer: ShareResponse) => {
      setEmail("");
      const next = nextOf(answer, settings, before);
      setDone(`${address} is ${roleName(given).toLowerCase()} now.${next}`);
    };
    sharing.mutate({ sheetId: id, email: address, role: given }, { onSuccess });
  };
  const { error } = sharing;
  const atRole = fieldError(error, "role");
  const refused = error === null || atRole !== undefined ? undefined : errorText(error);
  return (
    <form className="share-add" onSubmit={onSubmit} noValidate>
      <TextField
        label="E-mail address"
        type="email"
        value={email}
        onChange={onEmail}
        autoComplete="off"
        placeholder="ben@example.org"
        error={wrong ?? refused}
        hint={done}
        testId="share-email"
        first
      />
      <Select
        label="Role"
        options={ROLE_OPTIONS}
        value={role}
        onChange={onRole}
        error={atRole}
        testId="share-role"
      />
      <Button
        look="primary"
        type="submit"
        className="share-submit"
        disabled={sharing.isPending}
        data-testid="share-submit"
      >
        Share
      </Button>
    </form>
  );
}
