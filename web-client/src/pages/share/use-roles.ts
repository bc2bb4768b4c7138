// The changes of the roles on what is shared.
//
// Invariant: a change is pending until the persons are loaded again, so that no old value shows in between.
import { useMutation } from "@tanstack/react-query";
import type { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Shareable, Whom } from "./shareable.ts";

export function useShare(of: Shareable) {
  return useMutation({
    mutationFn: ({ email, role }: { email: string; role: Role }) => of.share(email, role),
    onSettled: of.reload,
  });
}

export function useUnshare(of: Shareable) {
  return useMutation({
    mutationFn: (whom: Whom) => of.unshare(whom),
    onSettled: of.reload,
  });
}

/** Gives it to another person. */
export function useTransfer({ transfer, reload }: Shareable) {
  return useMutation({
    mutationFn: async (email: string) => transfer?.(email),
    onSettled: reload,
  });
}
