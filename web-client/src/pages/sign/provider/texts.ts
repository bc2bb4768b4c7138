// The messages of a sign-in with the OpenID provider.
import { errorText } from "../../../api/errors.ts";
import { reasonOf } from "../../../api/reasons.ts";

const BY_REASON: Readonly<Record<string, (name: string) => string>> = {
  PROVIDER_NONE: () => "This server has no such way to sign in any more. Use your password.",
  PROVIDER_AWAY: (name) =>
    `${name} can't be reached right now. Try again in a moment, or use your password.`,
  PROVIDER_OTHER_BROWSER: () =>
    "This browser did not begin this sign-in, or has begun another one since. Begin again here.",
  PROVIDER_USED: () => "This sign-in was used already, or it took too long. Begin again.",
  PROVIDER_REFUSED: (name) =>
    `The answer of ${name} can't be accepted. Begin again; if that doesn't help, ask the server's operator.`,
  PROVIDER_EMAIL: (name) =>
    `${name} has not confirmed an e-mail address of yours. Confirm it there, then begin again.`,
  PROVIDER_ACCOUNT: (name) =>
    `That is another account than the one that you use here. Begin again, and choose yours at ${name}.`,
  SIGN_IN_AGAIN: (name) =>
    `${name} has not asked you to sign in again. Sign out there, then begin again.`,
};

/** An error of a call as a message; `name` is that of the provider. */
export function providerError(error: unknown, name: string): string {
  return BY_REASON[reasonOf(error).name]?.(name) ?? errorText(error);
}

/** The provider's own error in the address, as a message. */
export function returnedError(error: string, name: string): string {
  if (error === "access_denied") return `You did not agree at ${name}, so you are not signed in.`;
  return `${name} could not sign you in. Begin again; if that doesn't help, ask the server's operator.`;
}
