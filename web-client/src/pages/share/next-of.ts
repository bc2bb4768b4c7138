// What the person at the page does after an address has got a role.
import { type GetServerSettingsResponse, SignUpRule } from "../../gen/gridloom/v1/accounts_pb.ts";
import type { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import { operatorOf } from "../sign/use-server-settings.ts";
import type { Given, Shareable } from "./shareable.ts";

type Settings = Pick<GetServerSettingsResponse, "signUp" | "sendsMail" | "operatorContact">;

type Noun = Shareable["noun"];

function withoutLetter(noun: Noun): string {
  return ` No letter is sent: send the person the address of this ${noun}.`;
}

/**
 * Sentences behind the one about the role. Whether the address has an account, the server shows to no one.
 * `before`: the role that the address had; undefined: none.
 */
export function nextOf(
  { share, invites }: Given,
  settings: Settings | undefined,
  before: Role | undefined,
  noun: Noun = "sheet",
): string {
  if (share?.opened === true) return "";
  // A letter goes to a new address, or repeats the role of one that has not come.
  const isChange = before !== undefined && before !== share?.role;
  if (isChange && settings?.sendsMail === true)
    return " No letter is sent for a change of the role. To send one, share again with the same role.";
  if (invites)
    return " A letter invites the person if the address has no account. To send it again, share again.";
  if (settings?.signUp === SignUpRule.CLOSED)
    return `${withoutLetter(noun)} Without an account, the person needs an invitation of this server: ask ${operatorOf(settings)}.`;
  if (settings?.signUp === SignUpRule.INVITED && !settings.sendsMail)
    return `${withoutLetter(noun)} Without an account, the person needs the invitation in the log of this server: ask ${operatorOf(settings)}.`;
  return settings?.sendsMail === true
    ? ` No letter is sent, because several were lately: send the person the address of this ${noun}.`
    : withoutLetter(noun);
}
