import fc from "fast-check";
import { expect, test } from "vitest";
import { ownObjects, withoutContent } from "../../src/api/redaction.ts";
import type { Json } from "../../src/contracts/json.ts";
import type { Command } from "../../src/core/task/command.ts";
import type { JoinReport } from "../../src/core/join-report.ts";
import type { Event } from "../../src/core/task/event.ts";

const SECRET = "Mia's card number";
const nothing = { turns: 0, toolCalls: 0, tokens: 0, wallMs: 0, costMicroUsd: 0, children: 0 };
const error = { code: "timeout", message: SECRET, retryable: true } as const;
const binding = "b".repeat(64);

/** What came of a join: its conflicts have values out of results. */
const REPORT: JoinReport = {
  join: "findings",
  turn: 1,
  satisfied: true,
  joined: [
    {
      call: "t.2.1",
      providerCallId: SECRET,
      tool: "find",
      toolVersion: "v",
      child: { agent: "a", version: "w" },
    },
    { call: "t.2.2", providerCallId: SECRET, tool: "look_up", toolVersion: "v", why: "timeout" },
  ],
  chosen: ["t.2.1"],
  conflicts: [
    {
      field: "/n",
      values: [{ call: "t.2.1", tool: "find", value: { call: SECRET, tool: SECRET, value: SECRET } }],
      preferred: "t.2.1",
    },
  ],
};

/** Every place where a command or an event carries what was said or done. */
const SPOKEN: readonly (Command | Event)[] = [
  { type: "outputStreamed", call: "t.1.1", attempt: 1, text: SECRET },
  {
    type: "modelReplied",
    call: "t.1.1",
    attempt: 1,
    latencyMs: 5,
    reply: {
      stop: "calls",
      servedBy: "gpt",
      usage: { inputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 2 },
      parts: [
        { type: "text", text: SECRET },
        { type: "call", providerCallId: SECRET, tool: SECRET, argsText: SECRET },
        { type: "opaque", protocol: "anthropic", item: { type: SECRET } },
      ],
    },
  },
  {
    type: "callsSettled",
    settlements: [
      {
        call: "t.2.1",
        attempt: 1,
        latencyMs: 3,
        result: { kind: "done", output: { type: SECRET, id: SECRET } },
      },
    ],
  },
  {
    type: "callsSettled",
    settlements: [{ call: "t.2.1", attempt: 1, latencyMs: 3, result: { kind: "failed", error } }],
  },
  { type: "readBackEnded", call: "t.2.1", attempt: 1, finding: { kind: "happened", output: [SECRET] } },
  {
    type: "approvalAnswered",
    approval: "t.2.2",
    decision: "deny",
    by: "ana",
    assurance: "link",
    comment: SECRET,
    rights: { authorityActive: true, entitledApprovers: [] },
  },
  { type: "cancel", by: "mia", reason: SECRET },
  { type: "planRevised", plan: { type: SECRET } },
  { type: "taskCompleted", answer: SECRET },
  { type: "taskFailed", error, partial: SECRET },
  { type: "taskCanceled", by: "mia", reason: SECRET, partial: SECRET },
  {
    type: "modelCallFailed",
    call: "t.1.1",
    attempt: 1,
    failure: { code: "timeout", message: SECRET, retryable: true },
    used: nothing,
    interrupted: false,
  },
  {
    type: "callProposed",
    call: "t.2.1",
    index: 0,
    providerCallId: SECRET,
    tool: "refund_order",
    toolVersion: "v",
    args: { code: SECRET },
    argsDigest: SECRET,
    proposalHash: SECRET,
  },
  {
    type: "callJudged",
    call: "t.2.1",
    verdict: {
      decision: "refuse",
      findings: [{ stage: "schema", code: "invalid_input" }],
      error: { ...error, code: "invalid_input" },
    },
  },
  { type: "callRetryScheduled", call: "t.2.1", attempt: 1, atMs: 9, next: "send", error, inDoubt: true },
  { type: "callSettled", call: "t.2.1", attempt: 1, outcome: { ok: false, error }, late: false },
  { type: "callSettled", call: "t.2.1", attempt: 1, outcome: { ok: true, output: SECRET }, late: false },
  { type: "joinClosed", report: REPORT },
  { type: "stepFailed", because: "model", code: "unavailable", message: SECRET },
  {
    type: "stepEscalated",
    rung: 0,
    turn: 1,
    untilMs: 9,
    handOff: { because: "model", detail: SECRET, tried: [{ what: SECRET, ended: "ok" }], asked: SECRET },
  },
  {
    type: "stepDelegated",
    part: { type: "call", providerCallId: SECRET, tool: "ask_colleague", argsText: SECRET },
  },
  {
    type: "approvalOpened",
    approval: {
      id: "t.2.3",
      question: {
        kind: "join",
        join: "findings",
        turn: 1,
        satisfied: true,
        missing: [{ join: "findings", tool: "look_up", call: "t.2.2", why: "timeout" }],
        conflicts: REPORT.conflicts,
      },
      approver: "ana",
      assurance: "link",
      openedAtMs: 1,
      expiresAtMs: 2,
      binding,
      state: "open",
    },
  },
  {
    type: "approvalOpened",
    approval: {
      id: "t.2.2",
      question: {
        kind: "call",
        callId: "t.2.1",
        tool: "refund_order",
        args: { by: SECRET },
        proposalHash: SECRET,
      },
      approver: "ana",
      assurance: "link",
      openedAtMs: 1,
      expiresAtMs: 2,
      binding,
      state: "open",
    },
  },
];

test.each(SPOKEN.map((said) => [said.type, said] as const))(
  "of %s, nothing that was said or done is shown",
  (_type, said) => {
    const shown = withoutContent(JSON.parse(JSON.stringify(said)) as Json);
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    expect(shown).toMatchObject({ type: said.type });
  },
);

test("names, places, figures and codes are shown", () => {
  const shown = SPOKEN.map((said) => withoutContent(JSON.parse(JSON.stringify(said)) as Json));
  expect(shown[1]).toEqual({
    type: "modelReplied",
    call: "t.1.1",
    attempt: 1,
    latencyMs: 5,
    reply: {
      stop: "calls",
      servedBy: "gpt",
      usage: { inputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 2 },
    },
  });
  expect(shown[3]).toEqual({
    type: "callsSettled",
    settlements: [
      {
        call: "t.2.1",
        attempt: 1,
        latencyMs: 3,
        result: { kind: "failed", error: { code: "timeout", retryable: true } },
      },
    ],
  });
  expect(shown.at(-1)).toEqual({
    type: "approvalOpened",
    approval: {
      id: "t.2.2",
      question: { kind: "call", callId: "t.2.1", tool: "refund_order" },
      approver: "ana",
      assurance: "link",
      openedAtMs: 1,
      expiresAtMs: 2,
      state: "open",
    },
  });
});

test("a join is shown as it closed, but for the values on which its parts disagree", () => {
  const told = { type: "joinClosed", report: JSON.parse(JSON.stringify(REPORT)) as Json };
  expect(withoutContent(told)).toEqual({
    type: "joinClosed",
    report: {
      join: "findings",
      turn: 1,
      satisfied: true,
      joined: [
        { call: "t.2.1", tool: "find", toolVersion: "v", child: { agent: "a", version: "w" } },
        { call: "t.2.2", tool: "look_up", toolVersion: "v", why: "timeout" },
      ],
      chosen: ["t.2.1"],
      conflicts: [{ field: "/n", values: [{ call: "t.2.1", tool: "find" }], preferred: "t.2.1" }],
    },
  });
  expect([...ownObjects(told)].filter((own) => own["call"] === SECRET)).toEqual([]);
});

test("an order is shown without what was asked and without how the agent works", () => {
  const order = {
    task: "t",
    tenant: "acme",
    principal: "mia",
    keyId: "k",
    input: { text: SECRET },
    metadata: { a: SECRET },
    bodyHash: SECRET,
    agent: { name: "desk", version: "v", instructions: SECRET, tools: [{ name: "x" }] },
  };
  expect(withoutContent({ type: "create", order })).toEqual({
    type: "create",
    order: { task: "t", tenant: "acme", principal: "mia", keyId: "k", agent: { name: "desk", version: "v" } },
  });
});

test("whatever stands behind a name that is not known is left out, however deep", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const said = { type: "t", args: value, somethingNew: value, events: [value] } as Json;
      expect(withoutContent(said)).toEqual({ type: "t" });
    }),
  );
});

test("the runtime's own objects are found from the outside in, and none that a model or a tool wrote", () => {
  const said: Json = { a: [{ b: 1 }, { args: { c: 2 } }], output: { d: 3 }, e: null, text: [{ f: 4 }] };
  expect([...ownObjects(said)]).toEqual([said, { b: 1 }, { args: { c: 2 } }]);
  expect([...ownObjects("text"), ...ownObjects(null)]).toEqual([]);
});
