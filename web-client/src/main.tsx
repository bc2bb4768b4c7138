// The entry: one root, one application.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { firstPart, loadLater } from "./app/parts.ts";
import { reportUnhandled } from "./app/unhandled.ts";
import "./styles/index.css";

function start(): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  // Browsers without it have the time anyway.
  if (typeof requestIdleCallback === "undefined") setTimeout(loadLater, LATER_MILLIS);
  else requestIdleCallback(loadLater, { timeout: LATER_MILLIS });
}

/** When the parts load at the latest that the first paint does not need. */
const LATER_MILLIS = 2_000;

reportUnhandled();
void firstPart().then(start);
