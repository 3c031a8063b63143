import { expect, test } from "vitest";
import { benchForFile } from "./command.ts";

const bench = benchForFile();

test("the demo answers both approvals, shows one refund and leaves nothing running", async () => {
  const run = bench().run("demo.ts");
  expect([await run.exits(), run.stderr]).toEqual([0, ""]);
  expect(run.stdout).toMatch(/approved with the link issued to support-lead/);
  expect(run.stdout).toMatch(/approved by support-lead, signed in/);
  expect(run.stdout).toMatch(/ {2}refund +1 +1 {2}tsk_\w+\.\d+\.\d+\n/);
  expect(run.stdout.trimEnd()).toMatch(
    /refund: arrivals 1, refunds 1, money refunded EUR 249\.00 of EUR 249\.00 paid, once$/,
  );
  expect(run.started.count).toBeGreaterThanOrEqual(3);
  expect(run.started.left).toEqual([]);
});

test("killed in the middle of the refund and started again, the refund arrives twice and is booked once", async () => {
  const run = bench().run("demo.ts", ["--kill"]);
  expect([await run.exits(), run.stderr]).toEqual([0, ""]);
  const [, workerd, wrangler] = await run.prints(
    /SIGKILL to workerd\s+\(([\d,\s]+)\)\s+and\s+wrangler\s+\((\d+)\)/,
  );
  expect(workerd?.split(",").length).toBeGreaterThanOrEqual(1);
  expect(wrangler).toBeDefined();
  expect(run.stdout).toContain(
    "the runtime was restarted while refund_order was out; it is sent again with the same key",
  );
  expect(run.stdout).toMatch(/ {2}refund +2 +1 {2}tsk_\w+\.\d+\.\d+\n {2}message +1 +1 {2}/);
  expect(run.stdout.trimEnd()).toMatch(
    /refund: arrivals 2, refunds 1, money refunded EUR 249\.00 of EUR 249\.00 paid, once$/,
  );
  expect(run.started.left).toEqual([]);
});

test("the team is shown as a tree, and answers without a part that hangs, saying which", async () => {
  const run = bench().run("demo.ts", ["--team", "--hang"]);
  expect([await run.exits(), run.stderr]).toEqual([0, ""]);
  const [, atEnd = ""] = run.stdout.split("The tree at its end");
  expect(atEnd).toMatch(/order-investigation +completed/);
  expect(atEnd).toMatch(/├─ orders-specialist +completed/);
  expect(atEnd).toMatch(/├─ payments-specialist +(failed|canceled) \(/);
  expect(atEnd).toMatch(/└─ messages-specialist +completed/);
  expect(atEnd).toMatch(/Refunded, in cents:\s+missing\s+\(canceled\)/);
  expect(atEnd).toMatch(/missing +ask_payments_specialist: straggler/);
  expect(run.started.left).toEqual([]);
});

test.each([/Starting the runtime/, /turn 2/])(
  "Ctrl-C after %s ends it, and everything with it",
  async (moment) => {
    const run = bench().run("demo.ts");
    await run.prints(moment);
    run.signal("SIGINT");
    expect([await run.exits(15_000), run.stderr]).toEqual([130, ""]);
    expect(run.stdout).not.toContain("ledger");
    expect(run.started.left).toEqual([]);
  },
);

test("an option that is none is told in one line", async () => {
  const run = bench().run("demo.ts", ["--kil"]);
  expect(await run.exits()).toBe(1);
  expect(run.stderr).toBe(
    "Unknown option --kil. There is only --kill, --team, --team --fail, --team --hang.\n",
  );
});
