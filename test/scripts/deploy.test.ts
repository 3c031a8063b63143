import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { databaseIdIn, queuesIn, rowsIn, saysNoWorker, secretsIn } from "../../scripts/remote/answers.ts";
import { type Found, NOTHING_FOUND, type Needed, planOf } from "../../scripts/remote/plan.ts";
import { inlined } from "../../scripts/remote/sql.ts";

const NEEDED: Needed = {
  worker: "countersign",
  database: "countersign",
  queues: ["countersign-fast-calls", "countersign-slow-calls", "countersign-dead-calls"],
  secrets: ["LINK_KEYS", "LINK_KID", "CURSOR_KEY"],
};
const EVERYTHING: Found = {
  databaseId: "d1",
  databaseIdInConfig: "d1",
  queues: new Set(NEEDED.queues),
  secrets: new Set(NEEDED.secrets),
};

/** A plan as what is run, in its order. */
function told(found: Found): readonly string[] {
  return planOf(NEEDED, found).map((step) => {
    const args = "args" in step ? step.args.join(" ") : step.kind;
    return step.kind === "deploy" ? `${args} [${step.newSecrets.join(" ")}]` : args;
  });
}

describe("the plan of a deployment", () => {
  test("into an empty account makes everything before what needs it", () => {
    expect(told(NOTHING_FOUND)).toEqual([
      "d1 create countersign --update-config=false",
      "nameDatabase",
      "queues create countersign-fast-calls",
      "queues create countersign-slow-calls",
      "queues create countersign-dead-calls",
      "d1 migrations apply DB --remote",
      "firstKey",
      "deploy [LINK_KEYS LINK_KID CURSOR_KEY]",
    ]);
  });

  test("makes nothing that is there", () => {
    expect(told(EVERYTHING)).toEqual(["d1 migrations apply DB --remote", "firstKey", "deploy []"]);
  });

  test("from a fresh clone finds the database that is there, and never makes a second one", () => {
    expect(told({ ...EVERYTHING, databaseIdInConfig: "00000000-0000-0000-0000-000000000000" })).toEqual([
      "nameDatabase",
      "d1 migrations apply DB --remote",
      "firstKey",
      "deploy []",
    ]);
  });

  test("never replaces a secret that is there: links that are out stay good", () => {
    expect(told({ ...EVERYTHING, secrets: new Set(["LINK_KEYS", "LINK_KID"]) }).at(-1)).toBe(
      "deploy [CURSOR_KEY]",
    );
  });

  test("makes only the queues that are missing", () => {
    expect(told({ ...EVERYTHING, queues: new Set(["countersign-fast-calls", "other"]) }).slice(0, 2)).toEqual(
      ["queues create countersign-slow-calls", "queues create countersign-dead-calls"],
    );
  });
});

describe("what wrangler prints is read", () => {
  test("a database by its name", () => {
    const json = JSON.stringify([
      { uuid: "u1", name: "other", version: "production" },
      { uuid: "u2", name: "countersign" },
    ]);
    expect(databaseIdIn(json, "countersign")).toBe("u2");
    expect(databaseIdIn("[]", "countersign")).toBeNull();
  });

  test("queues from a table", () => {
    const table = `
┌──────┬────────────────────────┬────────────┐
│ id   │ name                   │ created_on │
├──────┼────────────────────────┼────────────┤
│ 1f3a │ countersign-fast-calls │ 2026-11-21 │
├──────┼────────────────────────┼────────────┤
│ 2b4c │ other                  │ 2026-11-21 │
└──────┴────────────────────────┴────────────┘
`;
    expect(queuesIn(table)).toEqual(["countersign-fast-calls", "other"]);
    expect(queuesIn("")).toEqual([]);
  });

  test("secrets, and that a Worker is not there yet", () => {
    expect(secretsIn('[{"name":"LINK_KID","type":"secret_text"}]')).toEqual(["LINK_KID"]);
    expect(saysNoWorker('✘ [ERROR] Worker "countersign" not found.\n\nIf this is', "countersign")).toBe(true);
    expect(saysNoWorker("✘ [ERROR] Authentication error [code: 10000]", "countersign")).toBe(false);
  });

  test("the rows of one statement", () => {
    expect(rowsIn('[{"results":[{"n":1}],"success":true,"meta":{}}]')).toEqual([{ n: 1 }]);
  });
});

test("values are written into a statement so that they stay values", () => {
  const db = new DatabaseSync(":memory:");
  const values = ["o'hara'); DROP TABLE x; --", "?1 and ?2", '{"a":"\\n"}', 12.5, null];
  const sql = inlined({ sql: "SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e, ?1 AS f", params: values });
  expect(Object.values(db.prepare(sql).get() ?? {})).toEqual([...values, values[0]]);
  expect(() => inlined({ sql: "SELECT ?2", params: [1] })).toThrow();
});
