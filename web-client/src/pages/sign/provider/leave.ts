// The way of the browser to the OpenID provider.
import { accounts } from "../../../api/transport.ts";
import { type Errand, keepErrand } from "./errand.ts";

/** Sends the browser to the provider. It stays here after an error. `again`: the person has to sign in again there. */
export async function leave(errand: Errand, again = false): Promise<void> {
  const { url } = await accounts.beginProviderSignIn({ again });
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Error("the provider has no web address");
  keepErrand(errand);
  location.assign(url);
}
