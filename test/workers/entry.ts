import { DurableObject } from "cloudflare:workers";

/** Shows that the tests' runtime has real objects, alarms, D1 and a queue broker. */
export class TaskObject extends DurableObject {
  override async alarm(): Promise<void> {
    await this.ctx.storage.put("rang", true);
  }
  async arm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now());
  }
  async rang(): Promise<boolean> {
    return (await this.ctx.storage.get("rang")) ?? false;
  }
}

export { TenantObject } from "../../durable-objects/tenant-object.ts";

const delivered: unknown[] = [];

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method === "POST") await env.FAST_CALLS.send(await request.text());
    return Response.json(delivered);
  },
  async queue(batch: MessageBatch): Promise<void> {
    delivered.push(...batch.messages.map((message) => message.body));
  },
};
