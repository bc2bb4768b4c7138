// The form that shares a sheet or a file with an e-mail address.
import { type FormEvent, useState } from "react";
import { fieldError } from "../../api/errors.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Share } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { roleName, roleOf } from "../shared/roles.ts";
import { useServerSettings } from "../sign/use-server-settings.ts";
import { nextOf } from "./next-of.ts";
import type { Given, Shareable } from "./shareable.ts";
import { useShare } from "./use-roles.ts";

interface Adding {
  done: string;
  refused: string | undefined;
  atRole: string | undefined;
  isPending: boolean;
  /** What is typed has changed. A call that runs stays: its answer is shown beside the next address. */
  clear: () => void;
  add: (address: string, role: string, onDone: () => void) => void;
}

function useAdding(of: Shareable, typed: string): Adding {
  const [done, setDone] = useState("");
  const sharing = useShare(of);
  const settings = useServerSettings();
  const add = (address: string, role: string, onDone: () => void) => {
    setDone("");
    const given = roleOf({ value: role });
    const isIt = (share: Share) => share.email === address.toLowerCase();
    const before = of.shares.find(isIt)?.role;
    const onSuccess = (answer: Given) => {
      onDone();
      const next = nextOf(answer, settings, before, of.noun);
      setDone(`${address} is ${roleName(given).toLowerCase()} now.${next}`);
    };
    sharing.mutate({ email: address, role: given }, { onSuccess });
  };
  const { error, isPending } = sharing;
  const atRole = fieldError(error, "role");
  const tried = sharing.variables?.email ?? "";
  // Of another address than the one that is typed now, the message names it.
  const about = tried === typed ? "" : `${tried}: `;
  const refused = error === null || atRole !== undefined ? undefined : about + of.problem(error);
  const clear = () => {
    if (!isPending) sharing.reset();
  };
  return { done, refused, atRole, isPending, clear, add };
}

export function AddPerson({ of }: { of: Shareable }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState(String(of.noun === "file" ? Role.VIEWER : Role.EDITOR));
  const [wrong, setWrong] = useState<string>();
  const { done, refused, atRole, isPending, clear, add } = useAdding(of, email.trim());
  const onEmail = (next: string) => {
    setEmail(next);
    setWrong(undefined);
    clear();
  };
  const onRole = (next: string) => {
    setRole(next);
    clear();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const address = email.trim();
    const isAddress = /^\S+@\S+$/.test(address);
    setWrong(isAddress ? undefined : "Enter an e-mail address.");
    // The next address may be typed already when the answer arrives.
    const onDone = () => setEmail((now) => (now.trim() === address ? "" : now));
    if (isAddress) add(address, role, onDone);
  };
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
        options={of.roles}
        value={role}
        onChange={onRole}
        error={atRole}
        testId="share-role"
      />
      <Button
        look="primary"
        type="submit"
        className="share-submit"
        disabled={isPending}
        data-testid="share-submit"
      >
        Share
      </Button>
    </form>
  );
}
