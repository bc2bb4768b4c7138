// Loads files again when another person gives, changes or ends a role on one of them.
import { useEffect } from "react";
import { inbox } from "../../../live/inbox/inbox.ts";

/** `reload`: the same function at each render. */
export function useRoleChanges(reload: () => void): void {
  useEffect(() => {
    const stops = [
      inbox.onEvent(({ event }) => {
        if (event.case === "notice" && event.value.fileId !== "") reload();
      }),
      // Notices may have been missed.
      inbox.onAgain(reload),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [reload]);
}
