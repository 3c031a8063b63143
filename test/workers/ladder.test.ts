import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { TaskView } from "../../src/contracts/task.ts";
import { Client } from "./client.ts";

test("a step that fails goes to an abler model, to another agent, and to a human, whose link lets it go on", async () => {
  const client = await Client.of("climbers", "ana");
  await Client.of("climbers", "lead");
  const { id } = await client.create("stuck-desk");
  const waiting = await client.until(id, "waiting_approval");
  expect(waiting.escalated).toEqual({ rung: 3, to: "human" });
  const approval = waiting.openApprovals[0] ?? "";
  const asked = await (
    await client.get(`/v1/approvals/${approval}`)
  ).json<{ link: string; question: object }>();
  expect(asked.question).toMatchObject({
    kind: "handOff",
    handOff: {
      because: "rung",
      asked: "Pay the order.",
      tried: [{ what: "ask_colleague", ended: "output_invalid" }],
    },
  });
  const page = await exports.default.fetch(asked.link);
  expect(await page.text()).toContain("May the task go on with its turn 2, which failed?");
  const body = new URLSearchParams({ decision: "approve", comment: "Try the archive." });
  const answered = await exports.default.fetch(asked.link, { method: "POST", body });
  expect(answered.status).toBe(200);
  const done = await client.until(id, "completed");
  expect(done).toMatchObject({ answer: "Done, with some help." });
  const { items } = await (await client.get(`/v1/tasks?parent=${id}`)).json<{ items: TaskView[] }>();
  expect(items).toMatchObject([{ agent: "colleague", status: "failed" }]);
  expect(await (await client.get(`/v1/tasks/${id}/replay`)).json()).toMatchObject({ equal: true });
});
