import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

const deadline = { timeout: 5_000, interval: 10 };

test("D1 keeps the rows that a batch writes", async () => {
  await env.DB.batch([
    env.DB.prepare("CREATE TABLE probe (n INTEGER PRIMARY KEY) STRICT"),
    env.DB.prepare("INSERT INTO probe VALUES (7)"),
  ]);
  expect(await env.DB.prepare("SELECT n FROM probe").first()).toEqual({ n: 7 });
});

test("an object has SQLite and its alarm rings by itself", async () => {
  const stub = exports.TaskObject.getByName("platform");
  await stub.arm();
  await vi.waitFor(async () => expect(await stub.rang()).toBe(true), deadline);
  const one = await runInDurableObject(stub, (_task, state) => state.storage.sql.exec("SELECT 1 AS n").one());
  expect(one).toEqual({ n: 1 });
});

test("a message that was sent reaches the consumer", async () => {
  await exports.default.fetch("http://localhost/", { method: "POST", body: "hello" });
  await vi.waitFor(async () => {
    const delivered = await exports.default.fetch("http://localhost/");
    expect(await delivered.json()).toEqual(["hello"]);
  }, deadline);
});
