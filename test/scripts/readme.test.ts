import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { ROOT } from "../../scripts/local/project.ts";
import { OPERATIONS } from "../../src/api/app.ts";
import { SCOPES } from "../../src/contracts/access.ts";

const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

test("every command that the README names is there", () => {
  const named = [...readme.matchAll(/npm (?:run )?(start|test|(?<=run )[a-z:]+)/g)].map(
    ([, name = ""]) => name,
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("every file and folder that the README links or lays out is there", () => {
  const linked = [...readme.matchAll(/\]\(((?!http)[^)#]+)\)/g)].map(([, path = ""]) => path);
  const laidOut = [
    ...readme.matchAll(/(?:^| {2})((?:src|durable-objects|test|docs|scripts)\/[\w/.-]*)/gm),
  ].map(([, path = ""]) => path);
  expect(laidOut.length).toBeGreaterThan(10);
  expect([...linked, ...laidOut].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the README's table of routes is the API's", () => {
  const table = readme.slice(readme.indexOf("## The API"), readme.indexOf("With `npm start` running"));
  for (const { path } of OPERATIONS)
    expect(table).toContain(path.replace(/^.*(?=\/(pause|resume|replay)$)/, ""));
});

test("the README names every scope", () => {
  for (const scope of SCOPES) expect(readme).toContain(`\`${scope}\``);
});
