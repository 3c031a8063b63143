import { expect, test } from "vitest";
import { Limiter } from "../../src/core/limiter.ts";
import { ProviderRate } from "../../src/core/provider-rate.ts";
import { placeAgainAtMs } from "../../src/core/retry.ts";

const WORK_MS = 1_000;
const TICK_MS = 20;
const UNTIL_MS = 300_000;
/** The way from a task's timer through a queue to the guard. */
const WAY_MS = 1_500;

/** A call that comes from a queue: it never waits at a guard, and comes again as its task has it. */
interface Queued {
  readonly id: string;
  readonly bornMs: number;
  atMs: number;
  turnedAway: number;
}

/** How a tenant fares whose calls come from a queue, one every ten seconds: how long each took to be let in, and how many never were. */
function fates(
  letsIn: (call: Queued, nowMs: number) => { readonly in: boolean; readonly retryAfterMs: number },
  others: (nowMs: number) => void,
): { readonly tookMs: readonly number[]; readonly lost: number } {
  const tookMs: number[] = [];
  const out: Queued[] = [];
  let lost = 0;
  for (let nowMs = 0; nowMs < UNTIL_MS; nowMs += TICK_MS) {
    others(nowMs);
    if (nowMs % 10_000 === 0 && nowMs < UNTIL_MS / 2)
      out.push({ id: `q${nowMs}`, bornMs: nowMs, atMs: nowMs, turnedAway: 0 });
    for (const call of out.filter(({ atMs }) => atMs <= nowMs)) {
      const answer = letsIn(call, nowMs);
      const againMs = answer.in ? null : placeAgainAtMs(call, nowMs, answer.retryAfterMs);
      if (answer.in) tookMs.push(nowMs - call.bornMs);
      else if (againMs === null) lost += 1;
      if (againMs === null) out.splice(out.indexOf(call), 1);
      else call.atMs = againMs + WAY_MS;
      call.turnedAway += 1;
    }
  }
  return { tookMs, lost: lost + out.length };
}

/** Beside a tenant of whose calls so many wait in line at any time, for a guard with so many places. */
function besideWaiters(max: number, waiters: number) {
  const limiter = new Limiter();
  const terms = { max, waitMsMax: 2_000 };
  const ends = new Map<string, number>();
  let asked = 0;
  let waiting = 0;
  let busyMs = 0;
  const settle = (nowMs: number): void => {
    for (const { seat, given } of limiter.seatings(terms, nowMs)) {
      waiting -= 1;
      if (given) ends.set(seat, nowMs + WORK_MS);
    }
  };
  const told = fates(
    ({ id, turnedAway }, nowMs) => {
      const seat = `${id}.${turnedAway}`;
      const answer = limiter.ask({ seat, id, tenant: "quiet", turnedAway }, { max, waitMsMax: 0 }, nowMs);
      if (answer === null) throw new Error("a call from a queue does not wait");
      if (answer.given) ends.set(seat, nowMs + WORK_MS);
      return { in: answer.given, retryAfterMs: answer.given ? 0 : answer.retryAfterMs };
    },
    (nowMs) => {
      for (const [seat, atMs] of ends)
        if (atMs <= nowMs && ends.delete(seat)) limiter.giveBack(seat, nowMs);
        else limiter.renew(seat, seat.startsWith("q") ? "quiet" : "flood", nowMs);
      settle(nowMs);
      while (waiting < waiters) {
        const seat = `f${++asked}`;
        const answer = limiter.ask({ seat, id: seat, tenant: "flood", turnedAway: 0 }, terms, nowMs);
        if (answer?.given === true) ends.set(seat, nowMs + WORK_MS);
        else if (answer === null) waiting += 1;
        else break;
      }
      busyMs += ends.size * TICK_MS;
    },
  );
  return { ...told, busy: busyMs / (UNTIL_MS * max) };
}

test.each([
  [1, 4],
  [4, 40],
  [20, 150],
])(
  "calls from a queue get their places, %i in all, beside %i that wait in line without end",
  (max, waiters) => {
    const { tookMs, lost, busy } = besideWaiters(max, waiters);
    expect(lost).toBe(0);
    expect(tookMs.length).toBe(15);
    expect(Math.max(...tookMs)).toBeLessThan(60_000);
    // What is kept for them is not missed by many: places are in use nearly all of the time.
    expect(busy).toBeGreaterThan(0.75);
  },
);

test("calls from a queue leave for a provider, beside a tenant that wants all of its rate", () => {
  const rate = new ProviderRate();
  const terms = { requestsPerMinute: 60, waitMsMax: 2_000 };
  let left = 0;
  const { tookMs, lost } = fates(
    (_call, nowMs) => {
      const answer = rate.ask({ tenant: "quiet", tokens: 0 }, { ...terms, waitMsMax: 0 }, nowMs);
      return { in: answer.leaves, retryAfterMs: answer.leaves ? 0 : answer.retryAfterMs };
    },
    (nowMs) => {
      if (rate.ask({ tenant: "flood", tokens: 0 }, terms, nowMs).leaves) left += 1;
    },
  );
  expect(lost).toBe(0);
  expect(tookMs.length).toBe(15);
  expect(Math.max(...tookMs)).toBeLessThan(60_000);
  expect(left).toBeGreaterThan(240);
});
