import { env } from "cloudflare:workers";
import { putKey } from "../../src/storage/api-keys.ts";

interface KeyEnv extends Cloudflare.Env {
  readonly TEST_KEY: string;
}

/** A Worker with one more path, by which the test has its API key stored. */
export function withKey(worker: ExportedHandler<Cloudflare.Env>): ExportedHandler<Cloudflare.Env> {
  return {
    ...worker,
    fetch: (request, given, ctx) =>
      new URL(request.url).pathname === "/test/key"
        ? seedKey()
        : (worker.fetch?.(request, given, ctx) ?? new Response(null, { status: 404 })),
  };
}

async function seedKey(): Promise<Response> {
  const bound = env as KeyEnv;
  const order = {
    tenant: "acme",
    principal: "mia",
    scopes: ["tasks:read", "tasks:write", "content:read"] as const,
    expiresAtMs: null,
  };
  const { sql, params } = putKey({ id: "key_1", key: bound.TEST_KEY }, order, Date.now());
  await bound.DB.prepare(sql)
    .bind(...params)
    .run();
  return new Response(null, { status: 204 });
}
