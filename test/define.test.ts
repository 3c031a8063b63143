import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AgentManifest } from "../src/contracts/agent.ts";
import { Category, ToolManifest } from "../src/contracts/tool.ts";
import { type AgentTerms, defineAgent, defineTool } from "../src/define.ts";
import { canonicalJson, sha256 } from "../src/hash.ts";
import { type CodeTool, DefinitionError, type HttpTool } from "../src/tools/terms.ts";

const CODE = {
  name: "refund_order",
  description: "Refunds an order.",
  effect: "irreversible",
  recovery: "key",
  input: z.strictObject({ orderId: z.string(), amountCents: z.int().positive().default(1) }),
  output: z.strictObject({ refundId: z.string() }),
  run: () => Promise.resolve({ refundId: "r1" }),
} as const;

const HTTP = {
  name: "look_up",
  description: "Looks something up.",
  effect: "read",
  input: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  output: { type: "object" },
  http: {
    method: "POST",
    url: "https://api.example.com/look-up",
    secretHeaders: { authorization: "API_TOKEN" },
  },
} as const;

const LIMITS = {
  turns: 5,
  toolCalls: 5,
  tokens: 5_000,
  wallMs: 60_000,
  costMicroUsd: 100,
  onLimit: "fail",
} as const;
const AGENT = { name: "desk", instructions: "Help.", approver: "lead", tools: [], limits: LIMITS } as const;

type Code = CodeTool<z.ZodType, z.ZodType, Cloudflare.Env>;
const code = (terms: Partial<Code> = {}) => defineTool({ ...CODE, ...terms });
const http = (terms: Partial<HttpTool> = {}) => defineTool({ ...HTTP, ...terms });
const agent = (terms: Partial<AgentTerms> = {}) => defineAgent({ ...AGENT, ...terms });

describe("a tool", () => {
  test("has its contract as data, schemas included", () => {
    const { manifest } = code();
    expect(ToolManifest.parse(manifest)).toEqual(manifest);
    expect(manifest).toMatchObject({
      effect: "irreversible",
      mode: "auto",
      categories: [],
      recovery: "key",
      executor: { kind: "builtin" },
    });
    expect(manifest.inputSchema).toEqual({
      type: "object",
      properties: {
        orderId: { type: "string" },
        amountCents: { type: "integer", exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 1 },
      },
      required: ["orderId"],
      additionalProperties: false,
    });
    expect(manifest.outputSchema).toMatchObject({ required: ["refundId"] });
  });

  test("over HTTP keeps JSON Schemas as they are", () => {
    const tool = http();
    const { manifest } = tool;
    expect(manifest).toMatchObject({
      inputSchema: HTTP.input,
      executor: { kind: "http", endpoint: HTTP.http },
    });
    expect(tool).not.toHaveProperty("run");
    expect(http({ input: z.object({ id: z.string() }) }).manifest.inputSchema).toEqual(HTTP.input);
  });

  test("has a version that is the hash of all the rest", () => {
    const { version, ...rest } = code().manifest;
    expect(version).toBe(sha256(canonicalJson(rest)));
    expect(code().manifest.version).toBe(version);
    const others: readonly Partial<Code>[] = [
      { description: "Other." },
      { timeoutMs: 5 },
      { categories: ["compute"] },
      { recovery: "human" },
      { input: z.strictObject({}) },
      { retry: { attemptsMax: 1, delayMsFirst: 1, delayMsMax: 1 } },
    ];
    expect(new Set([version, ...others.map((terms) => code(terms).manifest.version)]).size).toBe(
      others.length + 1,
    );
  });

  test.each(["delete", "money", "external", "identity", "permission"] as const)(
    "that touches %s is for a human",
    (category) => {
      expect(code({ categories: ["compute", category] }).manifest.mode).toBe("human");
    },
  );

  test("that touches none of these is automatic", () => {
    expect(
      Category.options.filter((category) => code({ categories: [category] }).manifest.mode === "auto"),
    ).toEqual(["compute"]);
  });

  test("has the mode that its operator gives it, higher or lower", () => {
    expect(code({ mode: "human" }).manifest.mode).toBe("human");
    expect(code({ mode: "auto", categories: ["money"] }).manifest.mode).toBe("auto");
  });

  test.each<[string, Partial<Code> | Partial<HttpTool>, RegExp]>([
    ["a write without recovery", { recovery: undefined as never }, /declares its recovery/],
    ["recovery by read without a way to", { recovery: "read" }, /needs readBack/],
    [
      "a way to read back that is never asked",
      { readBack: () => Promise.resolve({ happened: false }) },
      /only with recovery by read/,
    ],
    ["an input that is no object", { input: z.string() }, /the input is an object/],
    [
      "a schema that JSON Schema cannot express",
      { output: z.object({ at: z.date() }) },
      /output schema has no JSON Schema: Date/,
    ],
    [
      "an output that is computed",
      { output: z.string().transform(Number) },
      /output schema has no JSON Schema/,
    ],
    ["a name that models do not take", { name: "refund order" }, /name/],
    ["no description", { description: "" }, /description/],
    ["no time", { timeoutMs: 0 }, /timeoutMs/],
    ["a category that nobody knows", { categories: ["fun" as never] }, /categories/],
  ])("in code is refused with %s", (_name, terms, message) => {
    expect(() => code(terms as Partial<Code>)).toThrow(DefinitionError);
    expect(() => code(terms as Partial<Code>)).toThrow(message);
  });

  const at = (url: string, more: Partial<HttpTool["http"]> = {}) => ({
    http: { ...HTTP.http, url, ...more },
  });
  test.each<[string, Partial<HttpTool>, RegExp]>([
    ["plain http", at("http://api.example.com/"), /Only https/],
    ["an address", at("https://93.184.216.34/"), /IP address/],
    ["an address in disguise", at("https://0x7f000002/"), /IP address/],
    ["an IPv6 address", at("https://[2606:2800::1]/"), /IP address/],
    ["credentials", at("https://user:pass@api.example.com/"), /credentials/],
    ["no address", at("api.example.com"), /is not a URL/],
    [
      "a secret in a reserved header",
      at(HTTP.http.url, { secretHeaders: { "Idempotency-Key": "A" } }),
      /not for secrets/,
    ],
    ["a header that is none", at(HTTP.http.url, { secretHeaders: { "a b": "A" } }), /not for secrets/],
    [
      "a write by GET",
      { ...at(HTTP.http.url, { method: "GET" }), effect: "reversible", recovery: "key" },
      /not made by GET/,
    ],
    [
      "plain http to read back by",
      { effect: "reversible", recovery: "read", readBack: { method: "GET", url: "http://a.example/" } },
      /Only https/,
    ],
    [
      "a schema that leads nowhere",
      { input: { type: "object", properties: { a: { $ref: "#/b" } } } },
      /leads nowhere/,
    ],
    ["another dialect", { output: { $schema: "http://json-schema.org/draft-07/schema#" } }, /is written in/],
  ])("over HTTP is refused with %s", (_name, terms, message) => {
    expect(() => http(terms)).toThrow(message);
  });

  test("over HTTP may lie on loopback, where the egress rules have the last word", () => {
    expect(http(at("http://127.0.0.1:9/")).manifest.executor).toMatchObject({
      endpoint: { url: "http://127.0.0.1:9/" },
    });
  });

  test("over HTTP says where it is read back", () => {
    const readBack = { method: "GET", url: "https://api.example.com/calls" } as const;
    const { manifest } = http({ effect: "reversible", recovery: "read", readBack });
    expect(manifest.executor).toEqual({ kind: "http", endpoint: HTTP.http, readBack });
  });
});

describe("an agent", () => {
  test("has its contract as data, with the versions of its tools", () => {
    const { manifest, tools } = agent({ tools: [code(), http()] });
    expect(AgentManifest.parse(manifest)).toEqual(manifest);
    expect(manifest.tools).toEqual(tools.map((tool) => tool.manifest));
    const { version, ...rest } = manifest;
    expect(version).toBe(sha256(canonicalJson(rest)));
    expect(manifest.escalation).toEqual({ approver: "lead", assurance: "link", ttlMs: 86_400_000 });
  });

  test("names the approver of a tool that names none, which makes it another version", () => {
    const tool = code({ categories: ["money"], approval: { ttlMs: 5_000 } });
    const [pinned] = agent({ tools: [tool] }).tools;
    expect(pinned?.manifest.approval).toEqual({ approver: "lead", assurance: "link", ttlMs: 5_000 });
    const { version, ...rest } = pinned?.manifest ?? tool.manifest;
    expect(version).not.toBe(tool.manifest.version);
    expect(version).toBe(sha256(canonicalJson(rest)));
    expect(pinned).toHaveProperty("run");
    expect(agent({ tools: [code({ mode: "guarded" })] }).manifest.tools[0]?.approval?.approver).toBe("lead");
  });

  test("leaves alone a tool that names its own, or needs none", () => {
    const own = code({ mode: "human", approval: { approver: "boss", assurance: "signedIn" } });
    const automatic = http();
    const { tools } = agent({ tools: [own, automatic] });
    expect(tools).toEqual([own, automatic]);
    expect(own.manifest.approval).toEqual({ approver: "boss", assurance: "signedIn", ttlMs: 86_400_000 });
  });

  test("escalates to another where it says so", () => {
    const escalation = { approver: "boss", assurance: "signedIn" } as const;
    expect(agent({ escalation }).manifest.escalation).toEqual({ ...escalation, ttlMs: 86_400_000 });
    const only = agent({ approver: undefined as never, escalation, tools: [code({ mode: "human" })] });
    expect(only.manifest.tools[0]?.approval?.approver).toBe("boss");
  });

  const without = Object.fromEntries(Object.entries(LIMITS).filter(([dimension]) => dimension !== "turns"));
  test.each<[string, Partial<AgentTerms>, RegExp]>([
    ["a limit missing", { limits: without as never }, /turns/],
    ["nothing to do at a limit", { limits: { ...LIMITS, onLimit: "hope" as never } }, /onLimit/],
    [
      "two tools of one name",
      { tools: [code(), code({ description: "Again." })] },
      /two tools are named refund_order/,
    ],
    ["nobody to ask", { approver: undefined as never }, /names an approver/],
    ["an approver without a name", { approver: "" }, /approver/],
    ["a name that is none", { name: "The Desk" }, /name/],
    ["no instructions", { instructions: "" }, /instructions/],
  ])("is refused with %s", (_name, terms, message) => {
    expect(() => agent(terms)).toThrow(DefinitionError);
    expect(() => agent(terms)).toThrow(message);
  });

  test("is refused when a tool for a human has nobody to ask", () => {
    expect(() => agent({ approver: undefined as never, tools: [code({ mode: "human" })] })).toThrow(
      DefinitionError,
    );
  });
});

describe("what guards a tool", () => {
  test("is part of its contract, and so of its version", () => {
    const exclusive = [{ resource: "order", key: "/orderId" }];
    const { manifest } = defineTool({ ...CODE, mode: "auto", concurrency: 4, exclusive });
    expect(manifest).toMatchObject({ concurrency: 4, exclusive });
    expect(manifest.version).not.toBe(defineTool({ ...CODE, mode: "auto" }).manifest.version);
  });

  test("names each fence once, and its resources and keys as they must be", () => {
    const guarded = (...exclusive: readonly { resource: string; key?: string; as?: string }[]) =>
      defineTool({ ...CODE, mode: "auto", exclusive });
    expect(() => guarded({ resource: "a", key: "/x" }, { resource: "a", key: "/y" })).toThrow(
      DefinitionError,
    );
    expect(() => guarded({ resource: "a", key: "/x" }, { resource: "a", key: "/y", as: "b" })).not.toThrow();
    expect(() => guarded({ resource: "An order" })).toThrow(DefinitionError);
    for (const key of ["x", "/x~", "/~2y"])
      expect(() => guarded({ resource: "a", key })).toThrow(DefinitionError);
    expect(() => guarded({ resource: "a", key: "/x~0~1/0" })).not.toThrow();
  });
});

test("an agent says what kind of step follows a tool, and only of tools that it has", () => {
  const tools = [code({ name: "read_page" })];
  expect(agent({ tools, steps: { read_page: "extract" } }).manifest.steps).toEqual({ read_page: "extract" });
  expect(agent().manifest).not.toHaveProperty("steps");
  expect(() => agent({ tools, steps: { no_such_tool: "extract" } })).toThrow("no tool no_such_tool");
  expect(() => agent({ tools, steps: { read_page: "Not A Name" } })).toThrow(DefinitionError);
});
