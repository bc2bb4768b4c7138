// Whether the person sees the end of a conversation: the page is visible, and the end is on the screen.
import { useEffect } from "react";
import type { LiveThread } from "../thread/live-thread.ts";

export function useSeen(thread: LiveThread, atEnd: boolean): void {
  useEffect(() => {
    const look = () => thread.setSeen(atEnd && !document.hidden);
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      thread.setSeen(false);
    };
  }, [thread, atEnd]);
}
