import { existsSync } from "node:fs";
import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { CiReporter } from "../scripts/ci-reporter.ts";

const root = join(import.meta.dirname, "..");
const migrationsDir = join(root, "src/storage/migrations");

// Local tracing slows every request in workerd two to four times; the rest keeps the tests off the network.
Object.assign(process.env, {
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
});

/** Rules, adapters and simulation: plain Node. */
const unit = {
  root,
  test: {
    name: "unit",
    include: ["test/**/*.test.ts"],
    exclude: ["test/workers/**", "test/e2e/**", "test/harness/**"],
    testTimeout: 20_000,
    sequence: { groupOrder: 0 },
  },
};

/** Inside workerd, with the bindings of wrangler.toml: real objects, D1, queues and alarms. */
const workers = {
  root,
  plugins: [
    cloudflareTest(async () => ({
      main: "test/workers/entry.ts",
      wrangler: { configPath: join(root, "wrangler.toml") },
      miniflare: {
        bindings: { MIGRATIONS: existsSync(migrationsDir) ? await readD1Migrations(migrationsDir) : [] },
      },
    })),
  ],
  test: {
    name: "workers",
    include: ["test/workers/**/*.test.ts"],
    globalSetup: ["test/workers/journal-collector.ts"],
    setupFiles: ["test/workers/setup.ts"],
    testTimeout: 20_000,
    sequence: { groupOrder: 1 },
  },
};

/** The built bundle in processes of its own. One file at a time: two would slow each other. */
const e2e = {
  root,
  test: {
    name: "e2e",
    include: ["test/{e2e,harness}/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    sequence: { groupOrder: 2 },
  },
};

export default defineConfig({
  root,
  test: {
    projects: [unit, workers, e2e],
    reporters: ["default", new CiReporter(process.env["TEST_TALLY_FILE"])],
    passWithNoTests: false,
    coverage: {
      provider: "istanbul",
      reportsDirectory: ".tmp/coverage",
      include: ["src/**/*.ts", "durable-objects/**/*.ts"],
      exclude: ["**/*.d.ts"],
      reporter: ["text-summary", ["text", { skipFull: true }], "json-summary"],
      reportOnFailure: true,
      thresholds: {
        statements: 90,
        branches: 90,
        functions: 90,
        lines: 90,
        "src/core/**": { statements: 100, branches: 100, functions: 100, lines: 100 },
      },
    },
  },
});
