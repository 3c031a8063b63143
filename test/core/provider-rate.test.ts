import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProviderRate, type RateTerms } from "../../src/core/provider-rate.ts";

const TERMS: RateTerms = { requestsPerMinute: 60, waitMsMax: 2_000 };
const of = (tenant = "acme", tokens = 0) => ({ tenant, tokens });

/** A minute's requests are gone. */
function spent(tenant: string, terms = TERMS): ProviderRate {
  const rate = new ProviderRate();
  for (let i = 0; i < 60; i++) expect(rate.ask(of(tenant), terms, 0)).toEqual({ leaves: true, inMs: 0 });
  return rate;
}

test("where nothing is declared, calls leave until the provider asks to be left alone", () => {
  const rate = new ProviderRate();
  const terms = { waitMsMax: 2_000 };
  expect(rate.ask(of(), terms, 0)).toEqual({ leaves: true, inMs: 0 });
  rate.learn(5_000, 0);
  rate.learn(1_000, 0);
  expect(rate.ask(of(), terms, 1_000)).toEqual({ leaves: false, retryAfterMs: 4_000 });
  expect(rate.ask(of(), terms, 3_500)).toEqual({ leaves: true, inMs: 1_500 });
  expect([rate.blockedForMs(4_000), rate.blockedForMs(9_000)]).toEqual([1_000, 0]);
});

test("what is not there yet is waited for in turn, and not longer than may be waited", () => {
  const rate = spent("acme");
  expect(rate.ask(of(), TERMS, 0)).toEqual({ leaves: true, inMs: 1_000 });
  expect(rate.ask(of(), TERMS, 0)).toEqual({ leaves: true, inMs: 2_000 });
  expect(rate.ask(of(), TERMS, 0)).toEqual({ leaves: false, retryAfterMs: 3_000 });
  expect(rate.ask(of(), TERMS, 1_000)).toEqual({ leaves: true, inMs: 2_000 });
});

test("tokens are counted as requests are, what was not used comes back, and what is too large leaves alone", () => {
  const rate = new ProviderRate();
  const terms = { tokensPerMinute: 6_000, waitMsMax: 2_000 };
  expect(rate.ask(of("acme", 90_000), terms, 0)).toEqual({ leaves: true, inMs: 0 });
  expect(rate.ask(of("acme", 100), terms, 0)).toMatchObject({ leaves: false });
  rate.giveBack({ ...of("acme", 90_000 - 100), requests: 0 }, 0);
  expect(rate.ask(of("acme", 5_900), terms, 0)).toEqual({ leaves: true, inMs: 0 });
  expect(rate.ask(of("acme", 100), terms, 0)).toEqual({ leaves: true, inMs: 1_000 });
  new ProviderRate().giveBack({ ...of("acme", 5), requests: 1 }, 0);
});

describe("when nothing is left", () => {
  test("a tenant that used more than its share does not queue, and one that used less does", () => {
    const rate = spent("flood");
    expect(rate.ask(of("quiet"), TERMS, 0)).toEqual({ leaves: true, inMs: 1_000 });
    expect(rate.ask(of("flood"), TERMS, 0)).toMatchObject({ leaves: false });
    expect(rate.ask(of("quiet"), TERMS, 0)).toEqual({ leaves: true, inMs: 2_000 });
  });

  test("a newcomer that may not wait is left the next request, for as long as it may come again", () => {
    const rate = spent("flood");
    const newcomer = { ...TERMS, waitMsMax: 0 };
    expect(rate.ask(of("new"), newcomer, 0)).toMatchObject({ leaves: false });
    expect(rate.ask(of("flood"), TERMS, 500)).toMatchObject({ leaves: false });
    expect(rate.ask(of("flood"), TERMS, 1_000)).toMatchObject({ leaves: false });
    expect(rate.ask(of("new"), newcomer, 1_100)).toEqual({ leaves: true, inMs: 0 });
    expect(rate.ask(of("flood"), newcomer, 2_100)).toEqual({ leaves: true, inMs: 0 });
    expect(rate.ask(of("newer"), newcomer, 2_200)).toMatchObject({ leaves: false });
    const left = Array.from({ length: 60 }, () => rate.ask(of("flood"), newcomer, 37_100).leaves);
    expect(left.filter(Boolean)).toHaveLength(34);
    expect(rate.ask(of("flood"), newcomer, 37_300)).toEqual({ leaves: true, inMs: 0 });
  });

  test("of so many tenants at most it is remembered that they were turned away", () => {
    const rate = spent("flood");
    const none = { ...TERMS, waitMsMax: 0 };
    for (let i = 0; i < 1_001; i++) rate.ask(of(i === 500 ? "flood" : `t${i}`), none, 0);
    const many = { requestsPerMinute: 60_000, waitMsMax: 0 };
    expect(rate.ask(of("flood"), many, 999)).toMatchObject({ leaves: false });
    expect(rate.ask(of("flood"), many, 1_000)).toMatchObject({ leaves: true });
  });

  test("who leaves what to whom takes about nine times as long to tell among nine times as many tenants", () => {
    const bestMs = (tenants: number): number => {
      const rate = spent("flood");
      const none = { ...TERMS, waitMsMax: 0 };
      for (let i = 0; i < tenants; i++) rate.ask(of(`t${i}`), none, 0);
      const tookMs = Array.from({ length: 20 }, () => {
        const beganMs = performance.now();
        for (let i = 0; i < 20; i++) expect(rate.ask(of("flood"), none, 1)).toMatchObject({ leaves: false });
        return performance.now() - beganMs;
      });
      return Math.min(...tookMs);
    };
    // To sum up for each tenant what all have used takes eighty times as long.
    expect(bestMs(990) / bestMs(110)).toBeLessThan(30);
  });

  test("what was used long ago is forgotten, and the tenants of long ago too", () => {
    const rate = spent("flood");
    for (let i = 0; i < 1_000; i++) rate.ask(of(`t${i}`), { waitMsMax: 0 }, 0);
    expect(rate.ask(of("flood"), TERMS, 0)).toMatchObject({ leaves: true, inMs: 1_000 });
  });
});

test("in no minute do more leave than were there at its start and came in it", () => {
  const asked = fc.array(fc.record({ tenant: fc.nat({ max: 3 }), passMs: fc.nat({ max: 3_000 }) }), {
    maxLength: 150,
  });
  fc.assert(
    fc.property(asked, (life) => {
      const rate = new ProviderRate();
      let nowMs = 0;
      const left: number[] = [];
      for (const { tenant, passMs } of life) {
        nowMs += passMs;
        const answer = rate.ask(of(`t${tenant}`), TERMS, nowMs);
        if (answer.leaves) left.push(nowMs + answer.inMs);
      }
      for (const fromMs of left)
        expect(left.filter((atMs) => atMs >= fromMs && atMs < fromMs + 60_000).length).toBeLessThanOrEqual(
          121,
        );
    }),
  );
});
