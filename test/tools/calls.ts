import type { Json } from "../../src/contracts/json.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import type { CallContext, ToolRequest } from "../../src/contracts/call.ts";
import type { ArtifactStore } from "../../src/ports.ts";

/** The bindings that tools under test see. */
export const SECRET = "s3cr3t-value-of-the-token";
export const ENV = { API_TOKEN: SECRET } as unknown as Cloudflare.Env;

export const CONTEXT: CallContext = {
  id: "task-1.7.0",
  attempt: 1,
  inDoubt: false,
  task: "task-1",
  tenant: "acme",
  principal: "ana",
  agent: "support-desk",
  correlationId: "corr-1",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

export function requestFor(tool: ToolManifest, args: Json, context: Partial<CallContext> = {}): ToolRequest {
  return { tool, args, context: { ...CONTEXT, ...context } };
}

/** A signal that nobody aborts. */
export function untroubled(): AbortSignal {
  return new AbortController().signal;
}

/** The signal of a caller who sees to it that a tool's time-out is kept. */
export function boundOf({ timeoutMs }: ToolManifest): AbortSignal {
  return AbortSignal.timeout(timeoutMs);
}

/** Keeps artifacts where a test can look at them. */
export class KeptArtifacts implements ArtifactStore {
  readonly texts = new Map<string, string>();

  put(_of: CallContext, sha256: string, text: string): void {
    this.texts.set(sha256, text);
  }
}
