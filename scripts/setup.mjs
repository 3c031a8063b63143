// Everything a fresh clone needs before anything else can run. Plain JavaScript without dependencies, because it runs on
// the machine's own Node, before `npm ci`. Each step compares a stamp with what it stands for, so a second run does nothing.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./setup-lock.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const devVarsPath = join(root, ".dev.vars");
const wranglerPath = join(root, "node_modules/wrangler/bin/wrangler.js");
const migrationsDir = join(root, "src/storage/migrations");
const seedKeysPath = join(root, "scripts/seed-keys.ts");
/** Where the local runtime keeps its state. */
const stateDir = resolve(root, process.env["STATE_DIR"] ?? ".wrangler/state");

/** A secret of 256 bits, as text that needs no escaping. */
const secret = () => randomBytes(32).toString("base64url");

/** What `.dev.vars` must name, and how a missing value is made. What is there already is never touched. */
const DEV_VARS = {
  LINK_KEYS: () => `'${JSON.stringify({ k1: secret() })}'`,
  LINK_KID: () => "k1",
  CURSOR_KEY: secret,
  DEV_API_KEY: () => `cs_${secret()}`,
  DEV_APPROVER_KEY: () => `cs_${secret()}`,
};

/**
 * In order. `wants` names the state that the step brings about (null: nothing to do here); the step runs when the text
 * in its stamp differs, and the stamp lies in what the step makes, so that deleting that also forgets the stamp.
 * @type {readonly { title: string, stamp: string, wants: () => string | null, run: () => void }[]}
 */
const STEPS = [
  {
    title: "installing the locked dependencies",
    stamp: join(root, "node_modules/.countersign-setup"),
    wants: () => digest([join(root, "package-lock.json")]),
    run: installDependencies,
  },
  {
    title: "applying the D1 migrations to the local database",
    stamp: join(stateDir, "countersign-migrations"),
    wants: () => (existsSync(migrationsDir) ? digest(databaseFiles()) : null),
    run: () =>
      runLocal([wranglerPath, "d1", "migrations", "apply", "DB", "--local", "--persist-to", stateDir]),
  },
  {
    title: "storing the development API keys in the local database",
    stamp: join(stateDir, "countersign-keys"),
    wants: () => (existsSync(seedKeysPath) ? digest([seedKeysPath, devVarsPath, ...databaseFiles()]) : null),
    run: () => runLocal([seedKeysPath]),
  },
];

if (missingDevVars().length > 0 || STEPS.some(isDue)) {
  withLock(join(root, ".wrangler/countersign-setup.lock"), setUp);
}

function setUp() {
  writeDevVars();
  for (const step of STEPS) {
    const wanted = step.wants();
    // Another set-up may have done it while this one waited for the lock.
    if (wanted === null || !isDue(step)) continue;
    const startedMs = Date.now();
    process.stdout.write(`setup: ${step.title} … `);
    step.run();
    mkdirSync(dirname(step.stamp), { recursive: true });
    writeFileSync(step.stamp, wanted);
    process.stdout.write(`done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
  }
}

/** @param {(typeof STEPS)[number]} step */
function isDue(step) {
  const wanted = step.wants();
  return wanted !== null && wanted !== (existsSync(step.stamp) ? readFileSync(step.stamp, "utf8") : null);
}

function missingDevVars() {
  const lines = existsSync(devVarsPath) ? readFileSync(devVarsPath, "utf8").split("\n") : [];
  return Object.entries(DEV_VARS).filter(([name]) => !lines.some((line) => line.startsWith(`${name}=`)));
}

function writeDevVars() {
  const missing = missingDevVars();
  if (missing.length === 0) return;
  const lines = missing.map(([name, make]) => `${name}=${make()}\n`).join("");
  appendFileSync(devVarsPath, lines, { mode: 0o600 });
  chmodSync(devVarsPath, 0o600);
  console.log(`setup: wrote ${missing.map(([name]) => name).join(", ")} to .dev.vars`);
}

function installDependencies() {
  // `npm ci` removes node_modules, so it must not run on the Node that lives in there.
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((dir) => !dir.includes("node_modules"));
  const options = ["--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["ci", ...options], { PATH: path.join(delimiter) });
}

/** @param {readonly string[]} args */
function runLocal(args) {
  const node = ["node_modules/node/bin/node", "node_modules/node/bin/node.exe"].map((path) =>
    join(root, path),
  );
  run(node.find((path) => existsSync(path)) ?? process.execPath, args, {
    CI: "true",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false",
    X_LOCAL_EXPLORER: "false",
    X_LOCAL_OBSERVABILITY: "false",
  });
}

/**
 * Runs a program to its end; what it says is shown only when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env
 */
function run(program, args, env) {
  const windowsScript = process.platform === "win32" && program === "npm";
  const result = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
    shell: windowsScript,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status === 0) return;
  console.log("failed");
  console.error(`${result.stdout ?? ""}${result.stderr ?? ""}`.trim());
  console.error(
    `setup: ${[program, ...args].join(" ")}: ${result.error?.message ?? `exit ${result.status}`}`,
  );
  process.exit(1);
}

/** What the local database is made from. */
function databaseFiles() {
  const names = existsSync(migrationsDir) ? readdirSync(migrationsDir).sort() : [];
  return [join(root, "wrangler.toml"), ...names.map((name) => join(migrationsDir, name))];
}

/** @param {readonly string[]} paths */
function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${basename(path)}\n`).update(readFileSync(path));
  return hash.digest("hex");
}
