// The button to sign in with the OpenID provider of the server; nothing, where the server has none.
import { useQuery } from "@connectrpc/connect-query";
import { useMutation } from "@tanstack/react-query";
import { AccountService } from "../../../gen/gridloom/v1/accounts_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { pathHere } from "./errand.ts";
import { leave } from "./leave.ts";
import { providerError } from "./texts.ts";
import "../../../styles/provider.css";

export default function ContinueWith({ invitation = "" }: { invitation?: string }) {
  const { data } = useQuery(
    AccountService.method.getServerSettings,
    {},
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const name = data?.providerName ?? "";
  const leaving = useMutation({
    mutationFn: () => leave({ path: pathHere(location), invitation, accountId: "" }),
  });
  if (name === "") return null;
  return (
    <div className="provider">
      <p className="provider-or">or</p>
      <Button
        className="wide"
        data-testid="provider"
        disabled={leaving.isPending || leaving.isSuccess}
        onClick={() => leaving.mutate()}
      >
        Continue with {name}
      </Button>
      <p className="form-error" role="alert" data-testid="provider-error">
        {leaving.error === null ? "" : providerError(leaving.error, name)}
      </p>
    </div>
  );
}
