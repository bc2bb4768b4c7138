// How the application is built, and where `npm run dev` finds a server.
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// A running `gridloom serve`; only the development server looks at this.
const server = process.env.GRIDLOOM_URL ?? "http://127.0.0.1:7400";
const proxy = { "^/gridloom\\.v1\\.": { target: server, changeOrigin: true } };

const LAZY_EDITOR =
  /const DataGridOverlayEditor = React\.lazy\(async \(\) => await import\(("[^"]+")\)\);/;

/**
 * The grid loads its cell editor when the first cell is edited, and loses the keys that are typed
 * meanwhile. This makes it part of the grid.
 */
function eagerCellEditor(): Plugin {
  return {
    name: "eager-cell-editor",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("glide-data-grid/dist/esm/data-editor/data-editor.js")) return undefined;
      const eager = code.replace(LAZY_EDITOR, "import DataGridOverlayEditor from $1;");
      if (eager === code) this.error("the grid loads its cell editor in another way now");
      return { code: eager, map: null };
    },
  };
}

export default defineConfig({
  plugins: [eagerCellEditor(), react()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2023",
    // Icons and the engine stay files, so that the browser can keep them.
    assetsInlineLimit: 0,
  },
  test: { include: ["src/**/*.test.ts", "tests/**/*.test.ts"], environment: "node" },
});
