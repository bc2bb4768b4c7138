// A button's way to the OpenID provider: it leads there once, and has a message where that fails.
import { useMutation } from "@tanstack/react-query";
import type { Errand } from "./errand.ts";
import { leave } from "./leave.ts";
import { providerError } from "./texts.ts";

interface Leaving {
  go: () => void;
  /** True while the browser is on its way: another sign-in would replace the one that has begun. */
  isGoing: boolean;
  /** Why the browser is still here; empty: no reason. */
  problem: string;
}

/** `name`: that of the provider. `errand`: what the sign-in returns to, at the click. */
export function useLeave(name: string, errand: () => Errand, again = false): Leaving {
  const leaving = useMutation({ mutationFn: () => leave(errand(), again) });
  return {
    go: () => leaving.mutate(),
    isGoing: leaving.isPending || leaving.isSuccess,
    problem: leaving.error === null ? "" : providerError(leaving.error, name),
  };
}
