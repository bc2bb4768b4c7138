// The page on which a person without an account enters by a link, with a name that others see.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { beginGuest } from "../../api/session.ts";
import { navigate, sheetPath } from "../../base/router.ts";
import { type EnterAsGuestResponse, SharingService } from "../../gen/gridloom/v1/sharing_pb.ts";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "../sign/ActionForm.tsx";
import { SignFrame } from "../sign/SignFrame.tsx";

const UNNAMED = "Guest";

export function GuestPage({ token, onBack }: { token: string; onBack: () => void }) {
  const [name, setName] = useState("");
  const entering = useMutation(SharingService.method.enterAsGuest);
  const { error } = entering;
  const wrong = fieldError(error, "display_name");
  const onSubmit = () => {
    const displayName = name.trim() || UNNAMED;
    const onSuccess = (answer: EnterAsGuestResponse) => {
      const { accountId, accessToken, sheetId, validSeconds } = answer;
      navigate(sheetPath(sheetId), "replace");
      beginGuest({ accountId, token: accessToken, displayName, link: token, validSeconds });
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
      <ActionForm
        action="Open the sheet"
        isPending={entering.isPending}
        failure={error === null || wrong !== undefined ? "" : errorText(error)}
        onSubmit={onSubmit}
      >
        <TextField
          label="Name (optional)"
          value={name}
          onChange={setName}
          autoComplete="name"
          error={wrong}
          hint="Shown to people you work with"
          testId="guest-name"
        />
      </ActionForm>
    </SignFrame>
  );
}
