import { expect, test } from "vitest";
import { REQUESTS_PER_PERMIT, RequestRate } from "../../src/api/request-rate.ts";

/** A limiter that has so many permits for each tenant, and tells who asked. */
function limiterWith(permits: number) {
  const asked: string[] = [];
  const limit = async ({ key }: { readonly key: string }) => {
    asked.push(key);
    return { success: asked.filter((tenant) => tenant === key).length <= permits };
  };
  return { asked, limit };
}

async function admitted(rate: RequestRate, tenant: string, requests: number): Promise<number> {
  let count = 0;
  for (let n = 0; n < requests; n++) if (await rate.admit(tenant)) count += 1;
  return count;
}

test("a permit serves ten requests, and the limiter is asked once for it", async () => {
  const limiter = limiterWith(100);
  expect(await admitted(new RequestRate(limiter), "acme", REQUESTS_PER_PERMIT)).toBe(10);
  expect(limiter.asked).toEqual(["acme"]);
});

test("a tenant without a permit is turned away, and asks anew every time", async () => {
  const limiter = limiterWith(2);
  expect(await admitted(new RequestRate(limiter), "acme", 50)).toBe(2 * REQUESTS_PER_PERMIT);
  expect(limiter.asked.length).toBe(2 + 30);
});

test("what one tenant uses up is not missing to another", async () => {
  const rate = new RequestRate(limiterWith(1));
  expect(await admitted(rate, "loud", 50)).toBe(REQUESTS_PER_PERMIT);
  expect(await admitted(rate, "quiet", 5)).toBe(5);
});

test("requests that come at once take no more than the permits that they got", async () => {
  const limiter = limiterWith(3);
  const rate = new RequestRate(limiter);
  const together = await Promise.all(Array.from({ length: 4 }, () => rate.admit("acme")));
  expect(together.filter(Boolean).length).toBe(3);
  expect(await admitted(rate, "acme", 100)).toBe(3 * (REQUESTS_PER_PERMIT - 1));
});

test("an isolate that serves many tenants forgets the oldest permits, and asks for new ones", async () => {
  const limiter = limiterWith(5);
  const rate = new RequestRate(limiter);
  for (let n = 0; n <= 1_000; n++) await rate.admit(`tenant-${n}`);
  await rate.admit("tenant-0");
  expect(limiter.asked.filter((tenant) => tenant === "tenant-0").length).toBe(2);
  expect(limiter.asked.filter((tenant) => tenant === "tenant-1000").length).toBe(1);
});
