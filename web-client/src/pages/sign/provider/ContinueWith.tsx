// The button to sign in with the OpenID provider of the server; nothing, where the server has none.
import { Button } from "../../../ui/Button.tsx";
import { useServerSettings } from "../use-server-settings.ts";
import { pathHere } from "./errand.ts";
import { useLeave } from "./use-leave.ts";
import "../../../styles/provider.css";

export default function ContinueWith({ invitation = "" }: { invitation?: string }) {
  const name = useServerSettings()?.providerName ?? "";
  const errand = () => ({ path: pathHere(location), invitation, accountId: "" });
  const { go, isGoing, problem } = useLeave(name, errand);
  if (name === "") return null;
  return (
    <div className="provider">
      <p className="provider-or">or</p>
      <Button className="wide" data-testid="provider" disabled={isGoing} onClick={go}>
        Continue with {name}
      </Button>
      <p className="form-error" role="alert" data-testid="provider-error">
        {problem}
      </p>
    </div>
  );
}
