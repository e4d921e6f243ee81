// Two pages, because the signing window is a program of its own. The host is chosen here: mode `fixtures` swaps the
// desktop for typed sample values and writes elsewhere than a release build does.
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => {
  const fixtures = mode === "fixtures";
  return {
    plugins: [react()],
    resolve: { alias: { "#shell": here(fixtures ? "src/lib/shell/browser.ts" : "src/lib/shell/tauri.ts") } },
    server: { host: "127.0.0.1", port: 1420, strictPort: true },
    build: {
      target: ["safari16.4", "chrome111"],
      outDir: fixtures ? "node_modules/.fixtures" : "dist",
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: [here("index.html"), here("signing.html")] },
    },
    test: {
      environment: "jsdom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["src/testing/jsdom.ts"],
      restoreMocks: true,
      testTimeout: 120_000,
    },
  };
});
