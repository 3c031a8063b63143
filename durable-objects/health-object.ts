import { DurableObject } from "cloudflare:workers";
import type { Observation } from "../src/core/health.ts";
import { type HealthView, UNSEEN, informed, told } from "../src/core/model-health.ts";
import type { HealthDoor } from "../src/ports.ts";

/**
 * One per provider's model, and per host of tools, found by its name: what isolates have seen of it, merged. It stores nothing: what
 * was half a minute ago is of no use to anybody, and who is not known is well.
 */
export class HealthObject extends DurableObject<Env> implements HealthDoor {
  #health = UNSEEN;

  async report(seen: readonly Observation[], wantsProbe: boolean): Promise<HealthView> {
    const nowMs = Date.now();
    const { health, view } = told(informed(this.#health, seen, nowMs), wantsProbe, nowMs);
    this.#health = health;
    return view;
  }
}
