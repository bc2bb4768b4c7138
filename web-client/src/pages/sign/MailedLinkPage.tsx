// The page of a mailed link: a password is what the link needs besides. The token follows the `#` of the address.
//
// Not what the link is for. Invariant: only the button uses the link up: programs that look at the links of a letter
// do not.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { Button } from "../../ui/Button.tsx";
import { useTakeFocus } from "../../ui/overlay/take-focus.ts";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "./ActionForm.tsx";
import { SignFrame } from "./SignFrame.tsx";

interface MailedLinkProps {
  title: string;
  about: string;
  /** Below the card, until the link is used. */
  foot: ReactNode;
  /** The text of the button. */
  action: string;
  field: {
    label: string;
    /** The field of the request, to which the server's errors belong. */
    name: string;
    autoComplete: "current-password" | "new-password";
    /** Returns what is wrong with a password, before it is sent. */
    check?: (password: string) => string | undefined;
  };
  /** Uses the link. */
  use: (token: string, password: string) => Promise<unknown>;
  /** The text once the link is used. */
  done: { title: string; testId: string };
}

export function MailedLinkPage(props: MailedLinkProps) {
  const { title, about, foot, action, field, use, done } = props;
  // A further navigation drops the token from the address.
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string>();
  const using = useMutation({ mutationFn: () => use(token, password) });
  const onSubmit = () => {
    const found = field.check?.(password);
    setWrong(found);
    using.reset();
    if (found === undefined) using.mutate();
  };
  const { error } = using;
  const atField = wrong ?? fieldError(error, field.name);
  if (using.isSuccess)
    return (
      <SignFrame title={done.title} about="Sign in with it." foot={null}>
        <Done testId={done.testId} />
      </SignFrame>
    );
  return (
    <SignFrame title={title} about={about} foot={foot}>
      <ActionForm
        action={action}
        isPending={using.isPending}
        failure={error === null || atField !== undefined ? "" : errorText(error)}
        onSubmit={onSubmit}
      >
        <TextField
          label={field.label}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete={field.autoComplete}
          error={atField}
          testId="password"
        />
      </ActionForm>
    </SignFrame>
  );
}

function Done({ testId }: { testId: string }) {
  const home = useRef<HTMLDivElement>(null);
  useTakeFocus(home);
  return (
    <div className="stack" ref={home} data-testid={testId}>
      <Button look="primary" className="wide" onClick={() => navigate("/sign-in", "replace")}>
        Sign in
      </Button>
    </div>
  );
}
