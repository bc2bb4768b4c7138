// How the application is built, and where `npm run dev` finds a server.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// A running `gridloom serve`; only the development server looks at this.
const server = process.env.GRIDLOOM_URL ?? "http://127.0.0.1:7400";
const proxy = { "^/gridloom\\.v1\\.": { target: server, changeOrigin: true } };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2023",
    // Icons and the engine stay files, so that the browser can keep them.
    assetsInlineLimit: 0,
  },
  test: { include: ["src/**/*.test.ts", "tests/**/*.test.ts"], environment: "node" },
});
