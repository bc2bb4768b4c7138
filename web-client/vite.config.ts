// The build of the application, and the server that `npm run dev` forwards calls to.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The address of a running `gridloom serve`, for the development server only.
const server = process.env.GRIDLOOM_URL ?? "http://127.0.0.1:7400";
// The server answers pages of its own address alone, so the browser's `Host` is passed on as it is.
const proxy = { "^/(gridloom\\.v1\\.|download/)": { target: server, changeOrigin: false } };

/** The entry, and the parts that a sheet and the pages around it share. */
const COMMON = new RegExp(
  [
    "/src/main\\.tsx$",
    "/src/ui/((Dialog|PromptDialog|TextField|Menu)\\.tsx|narrow\\.ts)$",
    "/src/base/save-file\\.ts$",
    "/src/pages/(account-menu/AccountMenu\\.tsx|shared/(sheet-lists|sheet-name|roles)\\.ts)$",
    "/src/live/(browser|view/cell-id|connection/backoff|tabs/(locks|stream-slots))\\.ts$",
    "/src/live/engine/(engine|hold|forms|texts)\\.ts$",
    "/src/grid/(draw/(columns|column-forms)|edits/loss-notice|keyboard/keys|selection/motion|links/follow)\\.ts$",
    "/src/grid/clipboard/(clip|tab-separated|system-clipboard)\\.ts$",
    "/node_modules/@connectrpc/connect-query",
    "/node_modules/@tanstack/react-query/build/modern/(useQuery|useMutation)\\.js$",
  ].join("|"),
);

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2023",
    // Icons and the engine stay separate files, so that the browser can cache them.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What most pages need is one chunk: each part that loads later would split it further, and many small chunks
        // compress worse (10 KiB with two such parts).
        codeSplitting: { groups: [{ name: "page", test: COMMON }] },
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "tests/**/*.test.ts"], environment: "node" },
});
