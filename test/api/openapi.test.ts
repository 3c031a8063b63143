import { expect, test } from "vitest";
import { z } from "zod";
import { OPERATIONS } from "../../src/api/app.ts";
import { validateJson } from "../../src/json-schema.ts";
import { APPROVAL, TASK, agent, commit } from "./fixtures.ts";
import { inboxEntry, indexEntry } from "../storage/audited.ts";
import { World } from "./world.ts";

const Media = z.record(z.string(), z.strictObject({ schema: z.record(z.string(), z.json()).optional() }));
const Document = z.strictObject({
  openapi: z.literal("3.1.0"),
  jsonSchemaDialect: z.url(),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.tuple([z.strictObject({ url: z.url() })]),
  paths: z.record(
    z.string().startsWith("/v1/"),
    z.partialRecord(
      z.enum(["get", "post"]),
      z.strictObject({
        operationId: z.string().regex(/^[a-z]+[A-Z]\w+$/),
        summary: z.string().min(1),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        "x-scopes": z.array(z.string()).optional(),
        parameters: z.array(
          z.object({
            name: z.string(),
            in: z.enum(["path", "query", "header"]),
            schema: z.record(z.string(), z.json()),
          }),
        ),
        requestBody: z.strictObject({ content: Media }).optional(),
        responses: z.record(
          z.string().regex(/^[1-5]\d\d$/),
          z.strictObject({ description: z.string().min(1), content: Media }),
        ),
      }),
    ),
  ),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.json()),
    schemas: z.record(z.string(), z.record(z.string(), z.json())),
  }),
});

const fetched = await new World().call("GET", "/openapi.json", { key: null });
const document = Document.parse(await fetched.json());

test("the description names every operation that is served, and nothing else", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.toSorted()).toEqual(OPERATIONS.map(({ method, path }) => `${method} ${path}`).toSorted());
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((operation) => operation?.operationId),
  );
  expect(new Set(ids).size).toBe(OPERATIONS.length);
});

test("every parameter in a path is described", () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const operation of Object.values(methods)) {
      expect(
        operation?.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name),
      ).toEqual(names);
    }
  }
});

test("what an operation asks of its callers is described", () => {
  expect(document.paths["/v1/tasks"]?.post).toMatchObject({
    security: [{ apiKey: [] }],
    "x-scopes": ["tasks:write"],
  });
  expect(document.paths["/v1/approve/{token}"]?.get).toMatchObject({ security: [] });
  const query = document.paths["/v1/audit"]?.get?.parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name }) => name);
  expect(query).toEqual(["task", "principal", "from", "to", "tool", "event", "limit", "cursor"]);
});

/** What the API says of itself is what it does: replies are held against their own descriptions. */
const REPLIES: readonly [method: "get" | "post", path: string, asked: string, body?: object][] = [
  ["post", "/v1/tasks", "/v1/tasks", { agent: agent.name, input: { json: { a: [1] } } }],
  ["get", "/v1/tasks", "/v1/tasks"],
  ["get", "/v1/tasks/{id}", `/v1/tasks/${TASK}`],
  ["get", "/v1/tasks/{id}/events", `/v1/tasks/${TASK}/events`],
  ["get", "/v1/tasks/{id}/checkpoints", `/v1/tasks/${TASK}/checkpoints`],
  ["get", "/v1/tasks/{id}/replay", `/v1/tasks/${TASK}/replay`],
  ["post", "/v1/tasks/{id}/pause", `/v1/tasks/${TASK}/pause`, {}],
  ["post", "/v1/tasks/{id}/resume", `/v1/tasks/${TASK}/resume`, {}],
  ["post", "/v1/tasks/{id}/cancel", `/v1/tasks/${TASK}/cancel`, {}],
  ["get", "/v1/approvals", "/v1/approvals"],
  ["get", "/v1/approvals/{id}", `/v1/approvals/${APPROVAL}`],
  [
    "post",
    "/v1/approvals/{id}/decision",
    `/v1/approvals/${APPROVAL}/decision`,
    { decision: "approve", comment: "yes" },
  ],
  ["get", "/v1/audit", "/v1/audit"],
  ["get", "/v1/audit/verify", `/v1/audit/verify?task=${TASK}`],
];

test.each(REPLIES)(
  "%s %s takes and replies what it is described to",
  async (...[method, path, asked, body]) => {
    const world = new World();
    world.task(TASK).rows = [commit(1, { command: { type: "start" }, events: [{ type: "taskStarted" }] })];
    world.index = [indexEntry({ tenant: "acme", task: TASK })];
    world.inbox = [inboxEntry({ id: APPROVAL })];
    world.auditPages = [{ rows: [{ task: TASK, ...commit(1, { command: { type: "start" }, events: [] }) }] }];
    const described = document.paths[path]?.[method];
    const taken = described?.requestBody?.content["application/json"]?.schema;
    if (body !== undefined) expect(validateJson(taken ?? { not: {} }, z.json().parse(body))).toEqual([]);
    const response = await world.call(method.toUpperCase(), asked, {
      key: world.key(undefined, { principal: "ana" }),
      ...(body && { body }),
    });
    const schema = described?.responses[response.status]?.content["application/json"]?.schema;
    expect(validateJson(schema ?? { not: {} }, z.json().parse(await response.json()))).toEqual([]);
  },
);

test("a problem is what it is described to be", async () => {
  const response = await new World().call("GET", "/v1/tasks?limit=0");
  const { Problem } = document.components.schemas;
  expect(validateJson(Problem ?? { not: {} }, z.json().parse(await response.json()))).toEqual([]);
  expect(document.paths["/v1/tasks"]?.get?.responses["400"]?.content).toEqual({
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
  });
});
