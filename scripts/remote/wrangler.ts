import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { Expected } from "../local/script.ts";
import { ROOT } from "../local/project.ts";

export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  readonly output: string;
}

/** Runs one wrangler command to its end. What it says is kept, and shown as it comes with `show`. */
export function runWrangler(
  args: readonly string[],
  { show, signal }: { readonly show: boolean; readonly signal: AbortSignal },
): Promise<Ran> {
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  const child = spawn(process.execPath, ["--no-warnings", wrangler, ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", WRANGLER_HIDE_BANNER: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  let stdout = "";
  let output = "";
  const keep = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
    if (stream === process.stdout) stdout += chunk.toString();
    output += chunk.toString();
    if (show) stream.write(chunk);
  };
  child.stdout.on("data", keep(process.stdout));
  child.stderr.on("data", keep(process.stderr));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ ok: code === 0, stdout, output }));
  });
}

/** What a command prints; a failure ends the deployment, and says how it can be gone on with. */
export async function wranglerSays(args: readonly string[], signal: AbortSignal): Promise<string> {
  const ran = await runWrangler(args, { show: false, signal });
  if (!ran.ok) throw failed(args, ran);
  return ran.stdout;
}

export function failed(args: readonly string[], { output }: Ran): Expected {
  return new Expected(
    `${output.trim()}\n\nwrangler ${args.join(" ")} failed. Log in with \`npx wrangler login\`, or set CLOUDFLARE_API_TOKEN; then run this again: it goes on where it was.`,
  );
}
