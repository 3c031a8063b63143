import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Spread, median, ratioOf, sum } from "../bench/statistics.ts";
import { buildWorker } from "../harness/build-worker.ts";
import { type RunningMiniflare, startMiniflare } from "../harness/miniflare.ts";
import { CHILDREN, JOIN_MS, WHY, foundBy, goalOf, isMetered, troubleOf } from "./chaos/parts.ts";
import { Provider } from "./health/provider.ts";
import { KEYS, ask as askAt } from "./keyed-client.ts";

/*
 * A parent recruits fifty children in one turn, and a third of them come to grief. The same tree without faults runs before and after,
 * so that whatever else the machine does strikes both.
 */

const THINKS_MS = 60;
const PAIRS = 3;
const SLOWER_MAX = 1.2;
const PLACES = Array.from({ length: CHILDREN }, (_, n) => n);
const STRUCK = PLACES.filter((n) => troubleOf(n) !== null);
const HEALTHY = PLACES.filter((n) => troubleOf(n) === null);

const Made = z.object({ id: z.string() });
const View = z.object({
  status: z.string(),
  answer: z.string().optional(),
  missing: z
    .array(z.object({ join: z.string(), tool: z.string(), call: z.string(), why: z.string() }))
    .optional(),
});
const Tree = z.object({
  items: z.array(z.object({ id: z.string(), call: z.string().optional(), status: z.string().optional() })),
  truncated: z.boolean(),
});
const Commits = z.object({
  items: z.array(z.object({ at: z.iso.datetime(), events: z.array(z.record(z.string(), z.json())) })),
  after: z.int(),
});
const Fact = z.object({ type: z.string(), call: z.string().optional() });
const Replayed = z.object({ equal: z.boolean() });

/** One tree that has run to its end. `calls`: the parent's, in the order of the children. */
interface Grown {
  readonly view: z.infer<typeof View>;
  readonly tree: z.infer<typeof Tree>;
  readonly calls: readonly string[];
  /** From the first proposal until the last healthy part was there, and until the parent's answer. */
  readonly healthyMs: number;
  readonly wholeMs: number;
  /** Of each healthy part until it was there. */
  readonly partsMs: readonly number[];
  readonly replayIsEqual: boolean;
}

const folder = mkdtempSync(join(tmpdir(), "countersign-chaos-"));
let miniflare: RunningMiniflare;
let provider: Provider;
const calm: Grown[] = [];
const troubled: Grown[] = [];

beforeAll(async () => {
  provider = await Provider.listening(THINKS_MS);
  const entry = join(import.meta.dirname, "chaos/main.ts");
  const script = await buildWorker({ entry, outDir: join(folder, "out") });
  const vars = {
    OPENAI_COMPATIBLE_BASE_URL: `${provider.url}/v1`,
    OPENAI_COMPATIBLE_API_KEY: "mock",
    ANTHROPIC_BASE_URL: provider.url,
    ANTHROPIC_API_KEY: "mock",
    ...KEYS,
  };
  miniflare = await startMiniflare({
    stateDir: join(folder, "state"),
    workers: [{ name: "chaos", script, vars }],
  });
  await fetch(new URL("/test/key", miniflare.url("chaos")));
  await grown("warm", false);
  for (let pair = 0; pair < PAIRS; pair += 1) {
    calm.push(await grown(`calm-${pair}`, false));
    troubled.push(await grown(`troubled-${pair}`, true));
  }
  calm.push(await grown(`calm-${PAIRS}`, false));
}, 240_000);
afterAll(async () => {
  await miniflare.stop();
  provider.close();
  rmSync(folder, { recursive: true, force: true });
});

function ask(method: string, path: string, body?: object): Promise<unknown> {
  return askAt(miniflare.url("chaos"), method, path, body);
}

async function grown(tree: string, isTroubled: boolean): Promise<Grown> {
  const goals = PLACES.map((n) => goalOf(n, { tree, trouble: isTroubled ? troubleOf(n) : null }));
  const order = { agent: "survey", input: { json: { goals } }, interactive: true };
  const { id } = Made.parse(await ask("POST", "/v1/tasks", order));
  const view = View.parse(await ask("GET", `/v1/tasks/${id}`));
  const whole = await wholeTree(id);
  return {
    view,
    tree: whole,
    ...timesIn(await commitsOf(id)),
    replayIsEqual: Replayed.parse(await ask("GET", `/v1/tasks/${id}/replay`)).equal,
  };
}

/** Once nobody in it is at work any more. */
async function wholeTree(id: string): Promise<z.infer<typeof Tree>> {
  return await vi.waitFor(
    async () => {
      const tree = Tree.parse(await ask("GET", `/v1/tasks/${id}/tree`));
      expect(tree.items.filter(({ status }) => !ENDS.has(String(status)))).toEqual([]);
      return tree;
    },
    { timeout: 15_000, interval: 200 },
  );
}

const ENDS = new Set(["completed", "failed", "canceled"]);
/** A child whose answer is not what was asked for has done what it could. */
const ENDS_OF = {
  none: "completed",
  answersGarbage: "completed",
  fails: "failed",
  isRateLimited: "failed",
  hangs: "canceled",
} as const;

type Commit = z.infer<typeof Commits>["items"][number];

async function commitsOf(id: string): Promise<readonly Commit[]> {
  const commits: Commit[] = [];
  for (let after = 0; ;) {
    const page = Commits.parse(await ask("GET", `/v1/tasks/${id}/events?limit=200&after=${after}`));
    commits.push(...page.items);
    if (page.items.length === 0) return commits;
    ({ after } = page);
  }
}

/** As the parent's journal tells them. */
function timesIn(commits: readonly Commit[]): Pick<Grown, "calls" | "partsMs" | "healthyMs" | "wholeMs"> {
  const events = commits.flatMap(({ at, events: of }) =>
    of.map((event) => ({ ...Fact.parse(event), atMs: Date.parse(at) })),
  );
  const proposed = events.filter(({ type }) => type === "callProposed");
  const calls = proposed.map(({ call = "" }) => call);
  const beganAtMs = proposed[0]?.atMs ?? NaN;
  const settledAtMs = new Map(
    events.filter(({ type }) => type === "callSettled").map(({ call = "", atMs }) => [call, atMs]),
  );
  const partsMs = HEALTHY.map((n) => (settledAtMs.get(calls[n] ?? "") ?? NaN) - beganAtMs);
  return {
    calls,
    partsMs,
    healthyMs: Math.max(...partsMs),
    wholeMs: (events.at(-1)?.atMs ?? NaN) - beganAtMs,
  };
}

/** Part after part, what the parent says of it. */
function answerOf(textOf: (n: number) => string): string {
  return PLACES.map((n) => `Place ${n}: ${textOf(n)}.`).join("\n");
}

test("a tree without faults misses nothing, and its answer has all parts", () => {
  for (const { view, tree } of calm) {
    expect(view).toEqual({
      status: "completed",
      answer: answerOf((n) => String(foundBy(n))),
      missing: [],
    });
    expect(tree.items.filter(({ status }) => status !== "completed")).toEqual([]);
  }
});

test("a parent whose children came to grief completes, and names each part that is missing, and why", () => {
  for (const { view, calls } of troubled) {
    expect(view.status).toBe("completed");
    expect(view.missing?.map(({ call, why }) => [calls.indexOf(call), why])).toEqual(
      STRUCK.map((n) => [n, whyOf(n)]),
    );
    expect(view.missing?.map(({ join: of, tool }) => [of, tool])).toEqual(
      STRUCK.map((n) => ["places", isMetered(n) ? "ask_metered_scout" : "ask_scout"]),
    );
  }
});

test("its text has every healthy part, and says of each other one that it is missing", () => {
  const expected = answerOf((n) => {
    const why = whyOf(n);
    if (why === null) return String(foundBy(n));
    // To the model, a call that is not waited for any more was canceled.
    return `missing (${why === "straggler" ? "canceled" : why})`;
  });
  for (const { view } of troubled) expect(view.answer).toBe(expected);
});

test("nobody is left behind: every task of every tree has ended, each as it was struck", () => {
  for (const { tree } of troubled) {
    expect(tree.truncated).toBe(false);
    const [parent, ...children] = tree.items;
    expect(parent?.status).toBe("completed");
    expect(children.map(({ status }) => status)).toEqual(PLACES.map((n) => ENDS_OF[troubleOf(n) ?? "none"]));
  }
});

test("every parent decides the same again", () => {
  expect([...calm, ...troubled].map(({ replayIsEqual }) => replayIsEqual)).toEqual(
    Array.from({ length: 2 * PAIRS + 1 }, () => true),
  );
});

test(`healthy parts are there within ${SLOWER_MAX} times what they take without the faults`, () => {
  const last = slowerBy(({ healthyMs }) => healthyMs);
  const each = slowerBy(({ partsMs }) => median(partsMs));
  const told = (trees: readonly Grown[]): string => trees.map(({ healthyMs }) => healthyMs).join(", ");
  console.log(
    `${HEALTHY.length} healthy parts of ${CHILDREN}: the last after ${told(troubled)} ms, without faults ${told(calm)} ms: ${spread(last)}; the median part: ${spread(each)}`,
  );
  expect(last.median).toBeLessThanOrEqual(SLOWER_MAX);
  expect(each.median).toBeLessThanOrEqual(SLOWER_MAX);
  // The join is what ends the wait for those that hang, and nothing makes it wait for longer.
  for (const { wholeMs } of troubled) {
    expect(wholeMs).toBeGreaterThanOrEqual(JOIN_MS);
    expect(wholeMs).toBeLessThan(JOIN_MS + 2_000);
  }
});

/** Each tree with faults against the mean of those without right before and after it. */
function slowerBy(msOf: (tree: Grown) => number): Spread {
  const around = troubled.map((_, at) => sum(calm.slice(at, at + 2).map(msOf)) / 2);
  return ratioOf(troubled.map(msOf), around);
}

function whyOf(n: number): string | null {
  const trouble = troubleOf(n);
  return trouble && WHY[trouble];
}

function spread({ median: middle, min, max }: Spread): string {
  return `${middle.toFixed(2)}× (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
