/**
 * `npm run deploy`: makes what the account does not have yet, applies the migrations, and deploys. May be run again at any time:
 * what is there is found and kept. With `--dry-run` it only bundles, and tells what it would do in an empty account.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SUPPORT_LEAD } from "../src/agents/support-desk.ts";
import { givenOption } from "./local/option.ts";
import { WRANGLER_TOML, withDatabaseId } from "./local/project.ts";
import { type Course, Expected, runScript } from "./local/script.ts";
import { type NeededByConfig, databaseIdOf, foundInAccount, neededByConfig } from "./remote/account.ts";
import { makeFirstKey } from "./remote/first-key.ts";
import { NOTHING_FOUND, type Needed, type Step, planOf } from "./remote/plan.ts";
import { runWrangler, wranglerSays } from "./remote/wrangler.ts";

const TENANT = "main";
const PRINCIPAL = "operator";
const LINK_KID = "k1";

/** How each secret is made. */
const NEW_SECRETS: Readonly<Record<string, () => string>> = {
  LINK_KEYS: () => JSON.stringify({ [LINK_KID]: secret() }),
  LINK_KID: () => LINK_KID,
  CURSOR_KEY: secret,
};

await runScript(main, { endedEarly: 130 });

async function main(course: Course): Promise<number> {
  const dry = givenOption(process.argv.slice(2), "--dry-run");
  const needed = neededByConfig();
  return dry ? await dryRun(needed, course) : await deploy(needed, course);
}

async function dryRun(needed: Needed, { signal }: Course): Promise<number> {
  console.log("In an account that has nothing of it yet, npm run deploy would:");
  for (const step of planOf(needed, NOTHING_FOUND)) console.log(`  - ${step.title}`);
  console.log();
  const { ok } = await runWrangler(["deploy", "--dry-run", "--outdir", ".tmp/bundle"], {
    show: true,
    signal,
  });
  return ok ? 0 : 1;
}

async function deploy(needed: NeededByConfig, course: Course): Promise<number> {
  console.log("Looking at what the account has …");
  const plan = planOf(needed, await foundInAccount(needed, course.signal));
  for (const [n, step] of plan.entries()) {
    console.log(`[${n + 1}/${plan.length}] ${step.title}`);
    await carryOut(step, needed, course);
  }
  return 0;
}

async function carryOut(step: Step, { database }: Needed, course: Course): Promise<void> {
  switch (step.kind) {
    case "run":
      await wranglerSays(step.args, course.signal);
      return;
    case "nameDatabase": {
      const id = await databaseIdOf(database, course.signal);
      if (id === null) throw new Expected(`The account has no database ${database}.`);
      return writeFileSync(WRANGLER_TOML, withDatabaseId(readFileSync(WRANGLER_TOML, "utf8"), id));
    }
    case "firstKey":
      return tellKey(await makeFirstKey(TENANT, PRINCIPAL, course.signal));
    case "deploy":
      console.log(await wranglerSays([...step.args, ...secretArgs(step.newSecrets, course)], course.signal));
  }
}

/** Secrets go in a file that only its owner can read and that is gone when the script ends. */
function secretArgs(names: readonly string[], { undo }: Course): readonly string[] {
  if (names.length === 0) return [];
  const dir = mkdtempSync(join(tmpdir(), "countersign-secrets-"));
  undo(async () => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "secrets.json");
  const values = Object.fromEntries(names.map((name) => [name, NEW_SECRETS[name]?.() ?? secret()]));
  writeFileSync(path, JSON.stringify(values), { mode: 0o600 });
  return ["--secrets-file", path];
}

function tellKey(key: string | null): void {
  if (key === null) return console.log("There is one already.");
  console.log(`Tenant ${TENANT}, principal ${PRINCIPAL}, every scope but approvals:decide. Told only now:

  ${key}

What the sample asks is answered by ${SUPPORT_LEAD}, who needs a key too, even to be sent links:
  npm run keys -- create --remote --tenant ${TENANT} --principal ${SUPPORT_LEAD} --scopes approvals:decide
`);
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}
