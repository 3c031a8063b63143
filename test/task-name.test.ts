import { expect, test } from "vitest";
import { namespaceOf, objectName, parseTaskName, taskName, taskOfApproval } from "../src/task-name.ts";

const HEX = "0123456789abcdef".repeat(4);
const LOCAL = `tsk_${HEX.slice(0, 32)}`;

test.each([
  [undefined, LOCAL],
  ["eu", `tsk_eu_${HEX.slice(0, 32)}`],
  ["fedramp", `tsk_fedramp_${HEX.slice(0, 32)}`],
] as const)("a task's id tells its jurisdiction, %s", (jurisdiction, id) => {
  const name = taskName(HEX, jurisdiction);
  expect(name).toEqual({ id, jurisdiction });
  expect(parseTaskName(id)).toEqual(name);
  expect(taskOfApproval(`${id}.12.3`)).toEqual(name);
});

test.each([
  "",
  "tsk_",
  `${LOCAL}0`,
  LOCAL.slice(0, -1),
  LOCAL.toUpperCase(),
  ` ${LOCAL}`,
  `${LOCAL}\n`,
  `tsk_us_${HEX.slice(0, 32)}`,
])("%j is nobody's id", (id) => {
  expect(parseTaskName(id)).toBeNull();
});

test.each([
  LOCAL,
  `${LOCAL}.1`,
  `${LOCAL}.0.1`,
  `${LOCAL}.01.1`,
  `${LOCAL}.1.01`,
  `${LOCAL}.1.1.1`,
  `${LOCAL}.-1.1`,
  "x.1.1",
  `${LOCAL}.1.1\n`,
])("%j is no approval's id", (id) => {
  expect(taskOfApproval(id)).toBeNull();
});

test("a task's object is named by tenant and task", () => {
  expect(objectName("acme", taskName(HEX, undefined))).toBe(`acme/${LOCAL}`);
});

interface Namespace {
  readonly name: string;
  jurisdiction(name: string): Namespace;
}

test("a task is found in its jurisdiction, and nowhere where that cannot be served", () => {
  const namespace: Namespace = { name: "all", jurisdiction: (name) => ({ ...namespace, name }) };
  const without: Namespace = {
    name: "all",
    jurisdiction: () => {
      throw new Error("not implemented");
    },
  };
  expect(namespaceOf(namespace, taskName(HEX, undefined))?.name).toBe("all");
  expect(namespaceOf(namespace, taskName(HEX, "eu"))?.name).toBe("eu");
  expect(namespaceOf(without, taskName(HEX, undefined))?.name).toBe("all");
  expect(namespaceOf(without, taskName(HEX, "eu"))).toBeNull();
});
