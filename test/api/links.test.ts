import { expect, test } from "vitest";
import { type LinkRing, linkRing, openLink, signLink } from "../../src/api/link.ts";
import { Refusal } from "../../src/api/problem.ts";
import { macOf } from "../../src/api/seal.ts";
import { toBase64Url } from "../../src/base64url.ts";
import { canonicalJson } from "../../src/hash.ts";
import { APPROVAL, LINK_KEYS, T0, TASK, openApproval } from "./fixtures.ts";
import { expectProblem } from "./problems.ts";
import { World } from "./world.ts";

const ring = linkRing(LINK_KEYS, "k1");
const CLAIMS = { tenant: "acme", task: TASK, approval: APPROVAL, recipient: "ana", exp: T0 / 1_000 + 600 };
const token = signLink(ring, CLAIMS);
const [payload = "", seal = ""] = token.split(".");

/** Signed as it should be, with whatever it says. */
function forgedWith(keys: LinkRing, text: string): string {
  const key = keys.keys.get(keys.signing) ?? new Uint8Array();
  return `${toBase64Url(new TextEncoder().encode(text))}.${macOf(key, "countersign.link.v1", text)}`;
}

const other = linkRing(JSON.stringify({ k1: "C".repeat(42) + "A" }), "k1");

const INVALID: readonly [string, string][] = [
  ["without its payload", `.${seal}`],
  ["garbage", "garbage"],
  ["cut off in its seal", token.slice(0, -1)],
  ["cut off in its payload", token.slice(1)],
  ["without its seal", payload],
  ["with an empty seal", `${payload}.`],
  ["with a third part", `${token}.${seal}`],
  [
    "in another spelling of the same bytes",
    `${payload}.${seal.slice(0, -1)}${seal.endsWith("A") ? "B" : "A"}`,
  ],
  [
    "with another recipient",
    `${toBase64Url(new TextEncoder().encode(canonicalJson({ v: 1, kid: "k1", ...CLAIMS, recipient: "eve" })))}.${seal}`,
  ],
  ["signed with another key", signLink(other, CLAIMS)],
  ["signed with a key that is not known", forgedWith(ring, canonicalJson({ v: 1, kid: "k9", ...CLAIMS }))],
  ["signed with the wrong one of the keys", forgedWith(ring, canonicalJson({ v: 1, kid: "k0", ...CLAIMS }))],
  ["of another version", forgedWith(ring, canonicalJson({ v: 2, kid: "k1", ...CLAIMS }))],
  ["that says more", forgedWith(ring, canonicalJson({ v: 1, kid: "k1", ...CLAIMS, admin: true }))],
  ["that says less", forgedWith(ring, canonicalJson({ v: 1, kid: "k1", tenant: "acme" }))],
  ["that is no JSON", forgedWith(ring, "hello")],
  [
    "signed for another purpose",
    `${payload}.${macOf(ring.keys.get("k1") ?? "", "countersign.cursor.v1", canonicalJson({ v: 1, kid: "k1", ...CLAIMS }))}`,
  ],
  ["far too long", "A".repeat(5_000)],
];

test("a link says who may answer what until when, under a key that is named", () => {
  expect(openLink(ring, token, T0)).toEqual({ v: 1, kid: "k1", ...CLAIMS });
  expect(signLink(ring, CLAIMS)).toBe(token);
});

test.each(INVALID)("a link %s is nobody's, whether read or answered", async (_what, forged) => {
  for (const method of ["GET", "POST"]) {
    const world = new World();
    const response = await world.call(
      method,
      `/v1/approve/${forged}`,
      method === "POST" ? { key: null, body: { decision: "approve" } } : { key: null },
    );
    await expectProblem(world, response, 404, "link_invalid");
    expect(world.hops).toEqual([]);
  }
});

test("a link expires at its second", async () => {
  expect(openLink(ring, token, T0 + 599_999)).not.toBeInstanceOf(Refusal);
  const world = new World();
  world.nowMs = T0 + 600_000;
  await expectProblem(
    world,
    await world.call("GET", `/v1/approve/${token}`, { key: null }),
    410,
    "link_expired",
  );
  await expectProblem(
    world,
    await world.call("POST", `/v1/approve/${token}`, { key: null, body: { decision: "approve" } }),
    410,
    "link_expired",
  );
  expect(world.task(TASK).answers).toEqual([]);
});

test("a link signed with an older key is honoured as long as the key is kept", () => {
  const older = signLink(linkRing(LINK_KEYS, "k0"), CLAIMS);
  expect(openLink(ring, older, T0)).toMatchObject({ kid: "k0" });
  expect(openLink(linkRing(JSON.stringify({ k1: "A".repeat(43) }), "k1"), older, T0)).toBeInstanceOf(Refusal);
});

test.each([
  ["no JSON", "nope", "k1"],
  ["a key that is too short", '{"k1":"AAAA"}', "k1"],
  ["a key that is no base64url", `{"k1":"${"+".repeat(43)}"}`, "k1"],
  ["no key of the name that signs", LINK_KEYS, "k2"],
])("a ring of keys with %s is refused at once", (_what, keys, kid) => {
  expect(() => linkRing(keys, kid)).toThrow();
});

test("fetching the page, however often and in whatever way, changes nothing", async () => {
  const world = new World();
  for (const method of ["GET", "HEAD", "GET"]) {
    const response = await world.call(method, `/v1/approve/${token}`, {
      key: null,
      headers: { accept: "text/html" },
    });
    expect(response.status).toBe(200);
  }
  expect(world.task(TASK).asked).toEqual(["approval", "view", "approval", "view", "approval", "view"]);
  expect(world.task(TASK).approvals).toEqual([openApproval()]);
});

test.each(["approved", "denied", "expired", "closed"] as const)(
  "the page of an approval that is %s has no form",
  async (state) => {
    const world = new World();
    world.task(TASK).approvals = [openApproval({ state })];
    const html = await (await world.call("GET", `/v1/approve/${token}`, { key: null })).text();
    expect(html).toContain("This approval is no longer open");
    expect(html).not.toContain("<form");
  },
);

const FORM = { "content-type": "application/x-www-form-urlencoded", accept: "text/html" };

test("the form answers in the recipient's name, as by a link, once", async () => {
  const world = new World();
  const response = await world.call("POST", `/v1/approve/${token}`, {
    key: null,
    headers: FORM,
    body: "comment=&decision=deny",
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(await response.text()).toContain("<h1>Denied</h1>");
  expect(world.task(TASK).answers).toEqual([
    { approval: APPROVAL, by: "ana", assurance: "link", decision: "deny" },
  ]);
  const again = await world.call("POST", `/v1/approve/${token}`, {
    key: null,
    headers: FORM,
    body: "decision=approve",
  });
  expect([again.status, await again.text()]).toEqual([
    409,
    expect.stringContaining("The approval is not open"),
  ]);
  await expectProblem(
    world,
    await world.call("POST", `/v1/approve/${token}`, { key: null, body: { decision: "approve" } }),
    409,
    "approval_closed",
  );
  expect(world.task(TASK).answers).toHaveLength(1);
});

test("a program answers with JSON and gets JSON", async () => {
  const world = new World();
  const response = await world.call("POST", `/v1/approve/${token}`, {
    key: null,
    body: { decision: "approve", comment: "ok" },
  });
  expect(await response.json()).toMatchObject({
    state: "approved",
    answer: { by: "ana", assurance: "link", comment: "ok" },
  });
});

test.each([
  ["nothing", "", FORM["content-type"], "invalid_input", 400],
  ["no decision", "comment=hi", FORM["content-type"], "invalid_input", 400],
  ["two decisions", "decision=approve&decision=deny", FORM["content-type"], "invalid_input", 400],
  ["another field", "decision=approve&admin=1", FORM["content-type"], "invalid_input", 400],
  ["broken JSON", "{", "application/json", "malformed_json", 400],
  ["another media type", "decision=approve", "text/plain", "unsupported_media_type", 415],
  ["too much", `comment=${"x".repeat(1_048_576)}`, FORM["content-type"], "payload_too_large", 413],
])("an answer that says %s is refused", async (...[, body, type, code, status]) => {
  const world = new World();
  await expectProblem(
    world,
    await world.call("POST", `/v1/approve/${token}`, { key: null, headers: { "content-type": type }, body }),
    status,
    code,
  );
  expect(world.task(TASK).answers).toEqual([]);
});

test("people are told in words what is wrong with their link", async () => {
  const world = new World();
  const response = await world.call("GET", "/v1/approve/nope", {
    key: null,
    headers: { accept: "text/html,*/*" },
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  expect(await response.text()).toContain("The link is not valid");
});

test.each([
  ["that is gone", []],
  ["that is somebody else's to answer", [openApproval({ approver: "ben" })]],
])("a good link to an approval %s is worth no more than a forged one", async (_what, approvals) => {
  const world = new World();
  world.task(TASK).approvals = approvals;
  await expectProblem(
    world,
    await world.call("GET", `/v1/approve/${token}`, { key: null }),
    404,
    "link_invalid",
  );
  await expectProblem(
    world,
    await world.call("POST", `/v1/approve/${token}`, { key: null, body: { decision: "approve" } }),
    404,
    "link_invalid",
  );
});

test.each([`tsk_fedramp_${"1".repeat(32)}`, "tsk_nobody"])(
  "a good link to the task %s, which is nowhere, is worth no more than a forged one",
  async (task) => {
    const world = new World();
    const lost = signLink(ring, { ...CLAIMS, task });
    await expectProblem(
      world,
      await world.call("GET", `/v1/approve/${lost}`, { key: null }),
      404,
      "link_invalid",
    );
  },
);

test("links count as requests of their tenant", async () => {
  const world = new World();
  world.admitsRequests = false;
  await expectProblem(
    world,
    await world.call("GET", `/v1/approve/${token}`, { key: null }),
    429,
    "rate_limited",
  );
});
