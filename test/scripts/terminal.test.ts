import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { duration, ends, row, usd } from "../../scripts/local/layout.ts";
import { paintFor } from "../../scripts/local/paint.ts";
import { freePort } from "../../scripts/local/port.ts";
import { databaseIdOf, withDatabaseId } from "../../scripts/local/project.ts";

test("colours are for terminals whose owner wants them", () => {
  const onTty = { isTTY: true };
  expect(paintFor(onTty, {})("red", "x")).toBe("\u001B[31mx\u001B[39m");
  expect(paintFor(onTty, { NO_COLOR: "1" })("red", "x")).toBe("x");
  expect(paintFor(onTty, { TERM: "dumb" })("red", "x")).toBe("x");
  expect(paintFor({}, {})("red", "x")).toBe("x");
});

test("a text is broken at spaces, a word that fits no line in its middle, and lines of its own stay", () => {
  expect(row("label", `${"a".repeat(80)} bb cccccccc\nnext`)).toEqual([
    `  label     ${"a".repeat(80)} bb`,
    "            cccccccc",
    "            next",
  ]);
  expect(row("label", "x".repeat(100))).toEqual([
    `  label     ${"x".repeat(88)}`,
    `            ${"x".repeat(12)}`,
  ]);
});

test("figures have their units", () => {
  expect([0, 12, 9_999, 10_000, 1_234_567].map(usd)).toEqual([
    "$0.0000",
    "$0.000012",
    "$0.009999",
    "$0.0100",
    "$1.2346",
  ]);
  expect([3, 999, 1_000, 59_940, 61_000].map(duration)).toEqual([
    "3 ms",
    "999 ms",
    "1.0 s",
    "59.9 s",
    "1 min 1 s",
  ]);
  expect(ends("left", "right")).toHaveLength(100);
});

test("a taken port and a PORT that is none are told in one line", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  await expect(freePort({ PORT: String(port) })).rejects.toThrow(new RegExp(`^Port ${port} is taken\\. .*$`));
  server.close();
  await once(server, "close");
  await expect(freePort({ PORT: String(port) })).resolves.toBe(port);
  for (const PORT of ["0", "65536", "80x", "-1", "1.5"])
    await expect(freePort({ PORT })).rejects.toThrow(/^PORT must be/);
});

test("the database's id is read and written in wrangler.toml, and nothing else of it", () => {
  const toml = '[[d1_databases]]\nbinding = "DB"\ndatabase_id = "one" # why\nmigrations_dir = "x"\n';
  expect(databaseIdOf(toml)).toBe("one");
  expect(withDatabaseId(toml, "two")).toBe(toml.replace("one", "two"));
  expect(() => databaseIdOf("")).toThrow(/database_id/);
});
