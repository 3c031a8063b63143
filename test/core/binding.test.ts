import { describe, expect, test } from "vitest";
import { argsDigestOf, bindingOf, proposalHashOf } from "../../src/core/binding.ts";
import { FNS } from "./fixtures/core-functions.ts";
import { orderOf } from "./fixtures/order.ts";

const proposal = { turn: 1, index: 0, tool: "refund", toolVersion: "v", args: { b: 1, a: [2] } };

describe("the hash of a proposal", () => {
  const order = orderOf();
  const hash = proposalHashOf(order, proposal, FNS);

  test("is SHA-256 of its RFC 8785 JSON behind a header", () => {
    const text = `countersign.proposal.v1\n{"agentVersion":"${order.agent.version}","args":{"a":[2],"b":1},"index":0,"principal":"mia","task":"t1","tenant":"acme","tool":"refund","toolVersion":"v","turn":1}`;
    expect(hash).toBe(FNS.sha256(text));
  });

  test.each([
    ["turn", { turn: 2 }],
    ["place", { index: 1 }],
    ["tool", { tool: "other" }],
    ["tool version", { toolVersion: "w" }],
    ["arguments", { args: { b: 1, a: [3] } }],
  ])("names its %s", (_, change) => {
    expect(proposalHashOf(order, { ...proposal, ...change }, FNS)).not.toBe(hash);
  });

  test.each([
    ["tenant", { tenant: "other" }],
    ["task", { task: "t2" }],
    ["principal", { principal: "max" }],
    ["agent version", { agent: { ...order.agent, version: "0".repeat(64) } }],
  ])("names its %s", (_, change) => {
    expect(proposalHashOf({ ...order, ...change }, proposal, FNS)).not.toBe(hash);
  });

  test("is the same whatever the order of the keys", () => {
    expect(proposalHashOf(order, { ...proposal, args: { a: [2], b: 1 } }, FNS)).toBe(hash);
  });
});

test("the digest of arguments is that of the call, whenever it is made", () => {
  const digest = argsDigestOf(proposal, FNS);
  expect(argsDigestOf({ tool: "refund", toolVersion: "v", args: { a: [2], b: 1 } }, FNS)).toBe(digest);
  expect(argsDigestOf({ ...proposal, toolVersion: "w" }, FNS)).not.toBe(digest);
});

describe("the binding of an approval", () => {
  const question = { kind: "call", callId: "c", tool: "refund", args: { n: 1 }, proposalHash: "p" } as const;
  const terms = { id: "a", question, approver: "rosa", assurance: "link", expiresAtMs: 5 } as const;

  test.each([
    ["itself", { id: "b" }],
    ["what is asked", { question: { ...question, args: { n: 2 } } }],
    ["the proposal", { question: { ...question, proposalHash: "q" } }],
    ["who is asked", { approver: "otto" }],
    ["how surely they must be known", { assurance: "signedIn" as const }],
    ["until when", { expiresAtMs: 6 }],
  ])("names %s (A1)", (_, change) => {
    expect(bindingOf({ ...terms, ...change }, FNS)).not.toBe(bindingOf(terms, FNS));
  });
});
