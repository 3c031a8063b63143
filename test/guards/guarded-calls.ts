import type { Json } from "../../src/contracts/json.ts";
import type { ModelReply } from "../../src/contracts/model.ts";
import type { Attempt } from "../../src/contracts/outcome.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import type { ToolRequest } from "../../src/contracts/call.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import type { ToolGateway } from "../../src/ports.ts";

/** A tool whose calls are guarded, with what the test is about. */
export function guardedTool(given: Partial<ToolManifest> = {}): ToolManifest {
  return {
    name: "ship",
    version: "a".repeat(64),
    description: "Ships.",
    inputSchema: { type: "object" },
    outputSchema: {},
    effect: "reversible",
    mode: "auto",
    categories: [],
    recovery: "key",
    timeoutMs: 20_000,
    retry: { attemptsMax: 3, delayMsFirst: 10, delayMsMax: 10 },
    executor: { kind: "builtin" },
    ...given,
  };
}

export function callOf(
  tool: ToolManifest,
  id: string,
  of: { args?: Json; tenant?: string } = {},
): ToolRequest {
  const { args = {}, tenant = "acme" } = of;
  const context = {
    id,
    attempt: 1,
    inDoubt: false,
    task: "t1",
    tenant,
    principal: "ana",
    agent: "desk",
    correlationId: "t1",
    traceparent: "",
  };
  return { tool, args, context };
}

/** Tools that take as long as they are told, and tell who is at work. */
export class Workbench implements ToolGateway {
  readonly done: ToolRequest[] = [];
  atWork = 0;
  atWorkMost = 0;
  readonly #takes: (request: ToolRequest) => Promise<void>;

  constructor(takes: (request: ToolRequest) => Promise<void>) {
    this.#takes = takes;
  }

  async execute(request: ToolRequest): Promise<Attempt> {
    this.atWork += 1;
    this.atWorkMost = Math.max(this.atWorkMost, this.atWork);
    await this.#takes(request);
    this.atWork -= 1;
    this.done.push(request);
    return { kind: "done", output: null };
  }

  readBack(): Promise<{ readonly kind: "absent" }> {
    return Promise.resolve({ kind: "absent" });
  }
}

/** A model whose replies a test gives. */
export function modelSaying(reply: () => ModelReply): ModelProvider & { readonly asked: number } {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    complete: () => {
      asked += 1;
      return Promise.resolve(reply());
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
