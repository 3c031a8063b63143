import { expect, test } from "vitest";
import { Client } from "./client.ts";
import { drawer } from "./guarded-desk.ts";

test("tasks whose calls want the same thing take turns at it, inline and by queue, and all of them complete", async () => {
  const client = await Client.of("stampers", "ana");
  const agents = ["stamp-desk", "stamp-office", "stamp-desk", "stamp-office"];
  const tasks = await Promise.all(agents.map((agent) => client.create(agent)));
  const done = await Promise.all(tasks.map(({ id }) => client.until(id, "completed")));
  expect(done.map(({ answer }) => answer)).toEqual(agents.map(() => "All stamped."));
  expect(drawer.atOnceMost).toBe(1);
  expect(drawer.fences).toHaveLength(12);
  expect(drawer.fences).toEqual(drawer.fences.toSorted((a, b) => a - b));
  expect(new Set(drawer.fences).size).toBe(12);
  const replays = await Promise.all(tasks.map(({ id }) => client.get(`/v1/tasks/${id}/replay`)));
  for (const replay of replays) expect(await replay.json()).toMatchObject({ equal: true });
});
