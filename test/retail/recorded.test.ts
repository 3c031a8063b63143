import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { retailClient, type RetailClient } from "./client.ts";
import { differences } from "./compare.ts";
import { findRetailData, readDatabase, readJson, readTasks, readTools } from "./data.ts";
import { canonicalJson, sha256 } from "./recorded-json.ts";
import { RULES } from "./rules/rules.ts";
import { startRetailServer, type RetailServer } from "./server.ts";
import type { RetailAction, RetailTask } from "./tasks.ts";

const data = findRetailData();
const tasks = data.found ? readTasks(data.dir) : [];

test("the recorded domain is beside the project, or is said to be missing", () => {
  if (data.found) expect(tasks.length).toBeGreaterThan(0);
  else expect(data.reason).toContain("no recorded retail domain");
});

test("without its data the server says so and does not start", async () => {
  await expect(startRetailServer({ dataDir: "/nowhere" })).rejects.toThrow("db.json");
});

// Where the domain is missing, there is nothing to compare the rules with but our own shop (rules.test.ts).
if (data.found) {
  const { dir } = data;
  const database = readDatabase(dir);
  let server: RetailServer;
  let client: RetailClient;

  beforeAll(async () => {
    server = await startRetailServer({ database });
    client = retailClient(server.port);
  });
  afterAll(() => server.close());

  describe.each(tasks.map((task) => [task.id, task] as const))("recorded task %s", (_id, task) => {
    test("played once, every call answers and every record ends as recorded", async () => {
      const run = `once-${task.id}`;
      for (const [index, action] of task.actions.entries()) {
        const { status, answer } = await client.call(callOf(run, action, index));
        expect([action.name, status]).toEqual([action.name, action.result_is_error ? 422 : 200]);
        if (!action.result_is_error) expectAsRecorded(action, answer);
      }
      await expectFinalRecords(run, task);
    });

    test("played with every call sent three times, nothing happens twice", async () => {
      const run = `thrice-${task.id}`;
      for (const [index, action] of task.actions.entries()) {
        const call = callOf(run, action, index);
        const [first, ...again] = await Promise.all([
          client.call(call),
          client.call(call),
          client.call(call),
        ]);
        expect(again).toEqual([first, first]);
      }
      await expectFinalRecords(run, task);
      const { calls, arrivals } = await client.arrivals(run);
      expect(arrivals).toHaveLength(3 * task.actions.length);
      expect(calls.map((call) => call.applied)).toEqual(
        task.actions.map((action) => (action.result_is_error ? 0 : 1)),
      );
    });

    test("with its writes denied, nothing changes", async () => {
      const run = `denied-${task.id}`;
      for (const [index, action] of task.actions.entries()) {
        if (action.kind === "read") await client.call(callOf(run, action, index));
      }
      expect(await client.changed(run)).toEqual({});
      expect(await client.sha256(run)).toBe(initialSha256(dir));
    });

    test("its expected database has the recorded hash", () => {
      const { orders, users, ...rest } = database;
      const changed = task.expected_changed_records;
      const expected = {
        ...rest,
        orders: { ...orders, ...changed["orders"] },
        users: { ...users, ...changed["users"] },
      };
      expect(sha256(canonicalJson(expected))).toBe(task.expected_db_sha256);
    });
  });

  async function expectFinalRecords(run: string, task: RetailTask): Promise<void> {
    const changed = await client.changed(run);
    expect(differences(changed, task.expected_changed_records)).toEqual([]);
    const isSame = canonicalJson(changed) === canonicalJson(task.expected_changed_records);
    expect((await client.sha256(run)) === task.expected_db_sha256).toBe(isSame);
  }

  test("a run that nothing was called on is the initial database", async () => {
    expect(await client.changed("untouched")).toEqual({});
    expect(await client.sha256("untouched")).toBe(initialSha256(dir));
  });

  test("each rule takes just the arguments that its tool's schema names", () => {
    const tools = readTools(dir);
    expect(tools.map((tool) => tool.name).toSorted()).toEqual([...RULES.keys()].toSorted());
    for (const { name, inputSchema } of tools) {
      const rule = RULES.get(name);
      expect({ name, args: rule && argumentsOf(z.toJSONSchema(rule.args)) }).toEqual({
        name,
        args: argumentsOf(inputSchema),
      });
    }
  });

  test("a tool is a write exactly when a recorded task calls it one", () => {
    const kinds = new Map(readTools(dir).map((tool) => [tool.name, tool.kind]));
    for (const action of tasks.flatMap((task) => task.actions)) {
      expect([action.name, kinds.get(action.name)]).toEqual([action.name, action.kind]);
    }
  });
}

function callOf(run: string, action: RetailAction, index: number) {
  return { run, tool: action.name, args: action.arguments, key: `${run}.${index}`, task: run };
}

/** Exact where only the hash of an answer was kept; else to the cent. */
function expectAsRecorded(action: RetailAction, answer: { result: string } | { error: string }): void {
  const result = "result" in answer ? answer.result : "";
  if (action.result === null) expect(sha256(result)).toBe(action.result_sha256);
  else expect(differences(valueOf(result), valueOf(action.result), action.name)).toEqual([]);
}

/** The record in an answer; a plain text stands for itself. */
function valueOf(result: string): unknown {
  return result.startsWith("{") ? JSON.parse(result) : result;
}

function initialSha256(dir: string): string {
  return z.object({ initial_db_sha256: z.string() }).parse(readJson(dir, "meta.json")).initial_db_sha256;
}

const ArgumentSchema = z.object({
  properties: z.record(z.string(), z.object({ type: z.string(), enum: z.array(z.string()).optional() })),
  required: z.array(z.string()).optional(),
  additionalProperties: z.literal(false),
});

function argumentsOf(schema: unknown): unknown {
  const { properties, required } = ArgumentSchema.parse(schema);
  return { properties, required: new Set(required) };
}
