// The entry: one root, one application.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { reportUnhandled } from "./app/unhandled.ts";
import "./styles/index.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
reportUnhandled();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
