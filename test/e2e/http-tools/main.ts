import { DurableObject } from "cloudflare:workers";
import { createEgress } from "../../../src/tools/egress.ts";
import { toolGateways } from "../../../src/tools/gateway.ts";
import { type Done, Order } from "./order.ts";

interface CallerEnv extends Cloudflare.Env {
  readonly CALLERS: DurableObjectNamespace<Caller>;
}

/** Makes calls where tasks make them: in an object, whose other requests can cancel them. */
export class Caller extends DurableObject<CallerEnv> {
  readonly #underWay = new Map<string, AbortController>();

  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/cancel") {
      this.#underWay.get(searchParams.get("id") ?? "")?.abort();
      return new Response();
    }
    return Response.json(await this.#carryOut(Order.parse(await request.json())));
  }

  async #carryOut({ what, request, aborted, storeFails }: Order): Promise<Done> {
    const kept: [string, string][] = [];
    const put = (_of: object, sha256: string, text: string): void => {
      if (storeFails) throw new Error("full");
      kept.push([sha256, text]);
    };
    const egress = createEgress({ hosts: [], loopback: true });
    const gateway = toolGateways({ tools: [], env: this.env, egress })({ put });
    const controller = new AbortController();
    if (aborted) controller.abort();
    this.#underWay.set(request.context.id, controller);
    const bound = AbortSignal.any([controller.signal, AbortSignal.timeout(request.tool.timeoutMs)]);
    const result = await gateway[what](request, bound);
    return { result, artifacts: kept };
  }
}

export default {
  fetch: (request, env) => env.CALLERS.getByName("caller").fetch(request),
} satisfies ExportedHandler<CallerEnv>;
