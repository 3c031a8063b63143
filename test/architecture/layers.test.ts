import { describe, expect, test } from "vitest";
import { LAYERS, violationsIn } from "./layers.ts";
import { sourceFilesIn } from "./source-files.ts";

const files = sourceFilesIn("src", "durable-objects");

test("the walk finds the sources", () => {
  expect(files.map((file) => file.path)).toContain("src/ports.ts");
  expect(files.length).toBeGreaterThan(20);
});

test("every file imports only what its layer may", () => {
  expect(files.flatMap((file) => violationsIn(file))).toEqual([]);
});

test("the layers name only layers that exist", () => {
  const named = Object.values(LAYERS).flatMap((layer) => [...layer.imports, ...(layer.types ?? [])]);
  expect(named.filter((name) => !(name in LAYERS))).toEqual([]);
});

describe("the rule itself", () => {
  test.each([
    ["src/core/task/decide.ts", 'import { Task } from "../../contracts/task.ts";'],
    ["src/core/task/decide.ts", 'import { evolve } from "./evolve.ts";'],
    ["src/contracts/task.ts", 'import { z } from "zod/v4";'],
    ["src/api/tasks.ts", 'import type { TaskState } from "../core/task/state.ts";'],
    ["durable-objects/task-object.ts", 'import { DurableObject } from "cloudflare:workers";'],
    ["src/models/openai.ts", 'const sdk = await import("openai/client");'],
  ])("lets %s say %s", (path, source) => {
    expect(violationsIn({ path, source })).toEqual([]);
  });

  test.each([
    ["src/core/task/decide.ts", 'import { z } from "zod";'],
    ["src/core/task/decide.ts", 'import type { Ports } from "../../ports.ts";'],
    ["src/core/task/decide.ts", 'import { createHash } from "node:crypto";'],
    ["src/core/task/decide.ts", 'import "../../storage/audit-log.ts";'],
    ["src/core/task/decide.ts", 'export * from "../../tools/http.ts";'],
    ["src/core/task/decide.ts", 'export { run } from "../../tools/http.ts";'],
    ["src/core/task/decide.ts", 'type Tool = import("../../tools/http.ts").Tool;'],
    ["src/core/task/decide.ts", 'const sdk = await import("openai");'],
    ["src/core/task/decide.ts", "const any = await import(name);"],
    ["src/contracts/task.ts", 'import { z } from "zodiac";'],
    ["src/contracts/task.ts", 'import { x } from "../../test/workers/entry.ts";'],
    ["src/api/tasks.ts", 'import { decide } from "../core/task/decide.ts";'],
    ["src/api/tasks.ts", 'import { type TaskState } from "../core/task/state.ts";'],
    ["src/storage/audit-log.ts", 'import { x } from "../tools/http.ts";'],
    ["src/storage/audit-log.ts", 'import { createHash } from "node:crypto";'],
    ["src/queue/calls.ts", 'import { x } from "../wiring.ts";'],
    ["src/wiring.ts", 'import { x } from "./api/app.ts";'],
    ["src/unheard-of.ts", ""],
  ])("does not let %s say %s", (path, source) => {
    expect(violationsIn({ path, source })).toHaveLength(1);
  });
});
