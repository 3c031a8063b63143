import { expect, test } from "vitest";
import type { Health } from "../../src/contracts/route.ts";
import type { ModelRequest } from "../../src/contracts/model.ts";
import { decodeBody } from "../../src/core/task/commit.ts";
import { orderOf } from "../core/fixtures/order.ts";
import { ABLE_OUT, BOTH_WELL, PAIR } from "../core/fixtures/route.ts";
import { asks, breaks, ends, proposes } from "../core/fixtures/said.ts";
import { TOOLS } from "../core/fixtures/tools.ts";
import { Hosted } from "./hosted.ts";

/** A task of two turns whose outside says each of these of health, one after the other. */
function hosted(said: readonly Health[], order = orderOf({ route: PAIR })) {
  const host = new Hosted(order);
  const left = [...said];
  let now: Health = BOTH_WELL;
  let readings = 0;
  const probed: string[] = [];
  host.outside.health = {
    of: () => {
      readings += 1;
      now = left.shift() ?? now;
      return now;
    },
    probed: ({ model }) => void probed.push(model),
  };
  const asked: ModelRequest[] = [];
  host.outside.models = {
    complete: async (request) => {
      asked.push(request);
      return asked.length === 1 ? proposes(asks(TOOLS.findCustomer)) : ends("Done.");
    },
  };
  return { host, asked, probed, readings: () => readings };
}

function toldOfHealth(host: Hosted): readonly string[] {
  return host.rows.flatMap((row) => {
    const { command } = decodeBody(row);
    return command.health === undefined ? [] : [command.type];
  });
}

test("a task is told of health once, and again when it has changed", async () => {
  const { host, asked } = hosted([ABLE_OUT, ABLE_OUT, BOTH_WELL]);
  expect(await host.run()).toMatchObject({
    status: "completed",
    servedBy: "scripted/able",
    model: { model: "script" },
  });
  expect(asked.map(({ model }) => model.model)).toEqual(["plain", "able"]);
  expect(toldOfHealth(host)).toEqual(["start", "callsSettled"]);
  expect(await host.task.replay()).toMatchObject({ equal: true });
});

test("a task with one model asks for no health, and says nothing of it", async () => {
  const { host, readings } = hosted([ABLE_OUT], orderOf());
  const view = await host.run();
  expect(view).toMatchObject({ status: "completed" });
  expect(view).not.toHaveProperty("servedBy");
  expect([readings(), toldOfHealth(host)]).toEqual([0, []]);
  expect(host.rows.map(({ body }) => body).join("")).not.toMatch(/choice|health|"by":"scripted/);
});

test("how quick the candidates are is told only to a task that has an objective", async () => {
  const quick: Health = [{ standing: "well", p95Ms: 90 }, { standing: "well" }];
  const idle = hosted([quick]);
  await idle.host.run();
  expect(toldOfHealth(idle.host)).toEqual(["start"]);
  expect(idle.host.rows.map(({ body }) => body).join("")).not.toContain("p95Ms");
  const eager = hosted([quick], orderOf({ route: PAIR, latencyObjectiveMs: 80 }));
  await eager.host.run();
  expect(eager.asked[0]?.model.model).toBe("plain");
});

test("a probe is used up by the call that is intended as one, and by none after it", async () => {
  const probe: Health = [{ standing: "ailing", probe: true }, { standing: "well" }];
  const ailing: Health = [{ standing: "ailing" }, { standing: "well" }];
  const { host, asked, probed } = hosted([probe, ailing]);
  await host.run();
  expect(probed).toEqual(["able"]);
  expect(asked.map(({ model }) => model.model)).toEqual(["able", "plain"]);
});

test("a failed call goes to the other model at once, in the words that it may read", async () => {
  const { host } = hosted([]);
  const asked: ModelRequest[] = [];
  const signed = {
    type: "opaque",
    protocol: "anthropic",
    item: { type: "thinking", signature: "x" },
  } as const;
  host.outside.models = {
    complete: async (request) => {
      asked.push(request);
      if (asked.length === 1) return proposes(signed, asks(TOOLS.findCustomer));
      return asked.length === 2 ? breaks("overloaded") : ends("Done.");
    },
  };
  const beganMs = host.timeline.nowMs;
  expect(await host.run()).toMatchObject({ status: "completed", servedBy: "scripted/plain" });
  expect(asked.map(({ model, attempt }) => `${model.model} ${attempt}`)).toEqual([
    "able 1",
    "able 1",
    "plain 2",
  ]);
  expect(asked.map(({ messages }) => JSON.stringify(messages).includes("signature"))).toEqual([
    false,
    true,
    false,
  ]);
  expect(host.rows.at(-1)?.atMs).toBeLessThan(beganMs + 100);
});
