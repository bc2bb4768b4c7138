// The page on which a person without an account enters by a link, with a name that others see.
import { useMutation } from "@connectrpc/connect-query";
import { type FormEvent, useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { beginGuest } from "../../api/session.ts";
import { navigate, sheetPath } from "../../base/router.ts";
import { SharingService } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { SignFrame } from "../sign/SignFrame.tsx";

const UNNAMED = "Guest";
const NAME_LONGEST = 100;

export function GuestPage({ token, onBack }: { token: string; onBack: () => void }) {
  const [name, setName] = useState("");
  const entering = useMutation(SharingService.method.enterAsGuest);
  const { error } = entering;
  const wrong = fieldError(error, "display_name");
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const displayName = name.trim() || UNNAMED;
    const onSuccess = (answer: { accountId: string; accessToken: string; sheetId: string }) => {
      const { accountId, accessToken, sheetId } = answer;
      navigate(sheetPath(sheetId), "replace");
      beginGuest({ accountId, token: accessToken, displayName, link: token });
    };
    entering.mutate({ token, displayName }, { onSuccess });
  };
  return (
    <SignFrame
      title="Continue as a guest"
      about="You can do what this link allows, and need no account."
      foot={
        <button type="button" className="link" data-testid="no-guest" onClick={onBack}>
          Sign in instead
        </button>
      }
    >
      <form className="stack" onSubmit={onSubmit} noValidate>
        <TextField
          label="Name (optional)"
          value={name}
          onChange={setName}
          autoComplete="name"
          maxLength={NAME_LONGEST}
          error={wrong}
          hint="Shown to people you work with"
          testId="guest-name"
        />
        <Button
          look="primary"
          className="wide"
          type="submit"
          disabled={entering.isPending}
          data-testid="submit"
        >
          Open the sheet
        </Button>
        <p className="form-error" role="alert" data-testid="form-error">
          {error === null || wrong !== undefined ? "" : errorText(error)}
        </p>
      </form>
    </SignFrame>
  );
}
