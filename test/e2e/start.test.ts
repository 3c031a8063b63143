import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/local/project.ts";
import { anyFreePort, benchForFile } from "./command.ts";

const bench = benchForFile();

test("the sample runs from its start over a signed link and an answer by curl to its end, and Ctrl-C leaves nothing behind", async () => {
  const { run, port, stateDir } = bench();
  const start = run("start.ts");
  const [, link = ""] = await start.prints(/(http:\/\/127\.0\.0\.1:\d+\/v1\/approve\/\S+)\n/);
  expect(start.stdout).toContain("scripted, as SAMPLE_MODEL says");
  expect(start.stdout).toMatch(/verdict {3}ask: a human must decide/);

  const page = await fetch(link, { headers: { accept: "text/html" } });
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const second = run("dev.ts", [], { PORT: String(await anyFreePort()) });
  expect(await second.exits()).toBe(1);
  expect(second.stderr).toMatch(/^A runtime runs on \S+ already \(process \d+\)\. Stop it first.*\n$/);

  expect(start.stdout).not.toContain("approved");
  expect(
    (await fetch(link, { method: "POST", body: new URLSearchParams({ decision: "approve" }) })).status,
  ).toBe(200);
  await start.prints(/approved with the link issued to support-lead, after \d/);

  const [curl] = await start.prints(/curl http\S+\.1[2-9]\.\d+\/decision \\\n.*\\\n.*'\n/);
  const answered = spawnSync("bash", ["-c", `${curl.trim()} -sS --fail-with-body`], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect([answered.status, answered.stderr]).toEqual([0, ""]);
  await start.prints(/approved by support-lead, signed in, after \d/);

  await start.prints(/completed after [^\n]+ waiting for approvals\n {2}answer {4}The Espresso machine/);
  await start.prints(/spent {5}7 turns, 6 calls, [\d,]+ tokens, \$0\.0000\n/);
  await start.prints(/The server stays up/);
  expect((await fetch(`http://127.0.0.1:${port}/v1/health`)).status).toBe(200);

  start.signal("SIGINT");
  expect(await start.exits(15_000)).toBe(0);
  expect(start.stderr).toBe("");
  expect(start.started.count).toBeGreaterThanOrEqual(3);
  expect(start.started.left).toEqual([]);
  await expect(fetch(`http://127.0.0.1:${port}/v1/health`)).rejects.toThrow();
  expect(existsSync(join(stateDir, "runtime.pid"))).toBe(false);
});

test("a taken port is told in one line, and nothing is started", async () => {
  const { run, port } = bench();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  for (const command of ["start.ts", "dev.ts", "demo.ts"].map((script) => run(script))) {
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(
      `Port ${port} is taken. Stop what listens there, or choose another port: PORT=${port + 1}\n`,
    );
    expect(command.stdout).toBe("");
    expect(command.started.left).toEqual([]);
  }
  server.close();
});

test("npm run dev only serves, and ends when it is asked to", async () => {
  const { run, port } = bench();
  const dev = run("dev.ts");
  await dev.prints(/Countersign runs on http:\/\/127\.0\.0\.1:\d+/);
  const tasks = await fetch(`http://127.0.0.1:${port}/v1/tasks`);
  expect(tasks.status).toBe(401);
  expect(dev.stdout).not.toContain("turn 1");
  dev.signal("SIGTERM");
  expect(await dev.exits(15_000)).toBe(0);
  expect(dev.started.left).toEqual([]);
});

test("the set-up writes random secrets that only their owner can read, and keeps those that are there", () => {
  const root = mkdtempSync(join(tmpdir(), "countersign-set-up-"));
  mkdirSync(join(root, "node_modules"));
  mkdirSync(join(root, "scripts"));
  for (const name of ["setup.mjs", "setup-lock.mjs"])
    cpSync(join(ROOT, "scripts", name), join(root, "scripts", name));
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(join(root, "wrangler.toml"), "");
  const stamp = createHash("sha256").update("package-lock.json\n").update("{}").digest("hex");
  writeFileSync(join(root, "node_modules/.countersign-setup"), stamp);
  const devVars = join(root, ".dev.vars");
  writeFileSync(devVars, "CURSOR_KEY=mine\n", { mode: 0o644 });
  const setUp = spawnSync(process.execPath, [join(root, "scripts/setup.mjs")], { encoding: "utf8" });
  expect([setUp.status, setUp.stderr]).toEqual([0, ""]);
  expect(statSync(devVars).mode & 0o777).toBe(0o600);
  expect(setUp.stdout).not.toContain("cs_");
  const text = spawnSync("sort", [devVars], { encoding: "utf8" }).stdout;
  expect(text).toMatch(
    /^CURSOR_KEY=mine\nDEV_API_KEY=cs_[\w-]{43}\nDEV_APPROVER_KEY=cs_[\w-]{43}\nLINK_KEYS='\{"k1":"[\w-]{43}"\}'\nLINK_KID=k1\n$/,
  );
  expect(statSync(join(ROOT, ".dev.vars")).mode & 0o777).toBe(0o600);
  rmSync(root, { recursive: true });
});
