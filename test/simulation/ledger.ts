import type { ToolRequest } from "../../src/contracts/call.ts";
import type { World } from "./world.ts";

/** Where a call was carried out from. */
export type Via = "inline" | "queued";

export interface Application {
  readonly call: string;
  readonly task: string;
  readonly ref: string;
  readonly atMs: number;
}

/** What really happened in the world, written down where it happened. The runtime never sees it. */
export class Ledger {
  readonly applications: Application[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  apply({ context, args }: ToolRequest): void {
    const ref = refOf(args);
    this.#world.note(`ledger: ${ref} by ${context.id}`);
    this.applications.push({ call: context.id, task: context.task, ref, atMs: this.#world.timeline.nowMs });
  }

  has(call: string): boolean {
    return this.applications.some((application) => application.call === call);
  }
}

export function refOf(args: unknown): string {
  return typeof args === "object" && args !== null && "ref" in args ? String(args.ref) : "?";
}
