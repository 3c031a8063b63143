import { z } from "zod";
import { Problem, type ProblemCode } from "../contracts/problem.ts";
import type { Operation } from "./operation.ts";
import { statusOf } from "./problem.ts";

/** What an operation may refuse with beside its own problems, by what it asks of its callers. */
const OF_CALLERS: readonly ProblemCode[] = ["unauthorized", "forbidden", "rate_limited"];
const OF_BODIES: readonly ProblemCode[] = ["malformed_json", "payload_too_large", "unsupported_media_type"];
const OF_ALL: readonly ProblemCode[] = ["invalid_input", "not_found", "unavailable", "internal"];

/** OpenAPI 3.1, written from the operations that are served and from the schemas that check them. */
export function describeApi(operations: readonly Operation[], origin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) };
  }
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: { title: "Countersign", version: "1", description: "Agents propose; the runtime commits." },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key: cs_…" } },
      schemas: { Problem: schemaOf(Problem, "output") },
    },
  };
}

function described(operation: Operation): object {
  const { summary, scopes, body, method, path } = operation;
  return {
    operationId: `${method}${path.replaceAll(/[^a-zA-Z]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? "")}`,
    summary,
    ...(scopes === null ? { security: [] } : { security: [{ apiKey: [] }], "x-scopes": scopes }),
    parameters: [...pathParameters(operation), ...headerParameters(operation), ...queryParameters(operation)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: contentOf(Object.fromEntries(body.types.map((type) => [type, body.schema])), "input"),
          },
        }),
    responses: { ...repliesOf(operation), ...problemsOf(operation) },
  };
}

function pathParameters({ path }: Operation): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function headerParameters({ headers, scopes }: Operation): readonly object[] {
  const traced = { traceparent: "W3C trace context" };
  const known =
    scopes === null
      ? traced
      : { ...traced, "X-Countersign-Principal": "Acts for this principal; needs the scope impersonate" };
  return Object.entries({ ...known, ...headers }).map(([name, description]) => ({
    name,
    in: "header",
    description,
    schema: { type: "string" },
  }));
}

const ObjectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

function queryParameters({ query }: Operation): readonly object[] {
  if (query === undefined) return [];
  const { properties, required } = ObjectSchema.parse(schemaOf(query, "input"));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function repliesOf({ replies }: Operation): object {
  const entries = Object.entries(replies).map(([status, { description, content = {} }]): [string, object] => [
    status,
    { description, content: contentOf(content, "output") },
  ]);
  return object(entries);
}

/** One answer a status, with the codes that it may carry. */
function problemsOf({ problems = [], scopes, body }: Operation): object {
  const codes = [
    ...new Set([
      ...problems,
      ...(scopes === null ? [] : OF_CALLERS),
      ...(body === undefined ? [] : OF_BODIES),
      ...OF_ALL,
    ]),
  ];
  const byStatus = Map.groupBy(codes, statusOf);
  const entries = [...byStatus].map(([status, ofStatus]): [number, object] => [
    status,
    {
      description: ofStatus.join(", "),
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    },
  ]);
  return object(entries);
}

function contentOf(content: Readonly<Record<string, z.ZodType | null>>, io: "input" | "output"): object {
  const entries = Object.entries(content).map(([type, schema]): [string, object] => [
    type,
    schema === null ? {} : { schema: schemaOf(schema, io) },
  ]);
  return object(entries);
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): object {
  const entries = Object.entries(z.toJSONSchema(schema, { io, unrepresentable: "any" }));
  return object(entries.filter(([key]) => key !== "$schema"));
}

function object(entries: Iterable<readonly [string | number, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries);
}
