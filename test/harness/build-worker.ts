import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { OFFLINE } from "./offline.ts";

const ROOT = resolve(import.meta.dirname, "../..");
export const WRANGLER_CONFIG = join(ROOT, "wrangler.toml");

/**
 * Bundles a Worker entry exactly as a deployment would (`wrangler deploy --dry-run`), with the bindings of `config`, and returns
 * the path of the script. `outDir` should be empty or not exist.
 */
export async function buildWorker(options: {
  readonly entry: string;
  readonly outDir: string;
  readonly config?: string;
}): Promise<string> {
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "bin/wrangler.js",
  );
  const args = ["deploy", resolve(options.entry), "--dry-run", "--outdir", resolve(options.outDir)];
  await promisify(execFile)(
    process.execPath,
    [wrangler, ...args, "--config", options.config ?? WRANGLER_CONFIG],
    { cwd: ROOT, env: { ...process.env, ...OFFLINE } },
  );
  const scripts = readdirSync(options.outDir).filter((name) => name.endsWith(".js"));
  const [script] = scripts;
  if (script === undefined || scripts.length > 1) {
    throw new Error(`Expected one script in ${options.outDir}, found: ${scripts.join(", ") || "none"}`);
  }
  return join(resolve(options.outDir), script);
}
