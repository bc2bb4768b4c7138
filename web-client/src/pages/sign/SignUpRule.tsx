// In place of the form to sign up, where the server takes no account without an invitation.
import { type GetServerSettingsResponse, SignUpRule } from "../../gen/gridloom/v1/accounts_pb.ts";
import { operatorOf } from "./use-server-settings.ts";

/** Whether a person needs an invitation to sign up. */
export function needsInvitation(settings: GetServerSettingsResponse | undefined): boolean {
  return settings?.signUp === SignUpRule.INVITED || settings?.signUp === SignUpRule.CLOSED;
}

export function InvitedOnly({ settings }: { settings: GetServerSettingsResponse | undefined }) {
  return (
    <div className="stack" data-testid="invited-only">
      <p>This server takes new accounts by invitation.</p>
      {settings?.signUp === SignUpRule.CLOSED ? (
        <p>Ask {operatorOf(settings)} for one, and open the link that you receive.</p>
      ) : (
        <p>
          Ask a person with an account to share a sheet with your e-mail address, and open the link
          of the letter.
        </p>
      )}
    </div>
  );
}
