import { join } from "node:path";
import { z } from "zod";
import { startChild } from "../harness/child-process.ts";
import type { NamedActions } from "./plan.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const Ready = z.object({ port: z.int() });

export interface MockModelProcess {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the mock model in a process of its own, so that killing a runtime leaves it as it is. */
export async function startMockModel(
  options: { readonly port?: number; readonly delayMs?: number; readonly named?: NamedActions } = {},
): Promise<MockModelProcess> {
  const child = await startChild(MAIN, {
    input: { port: options.port ?? 0, delayMs: options.delayMs ?? 0, named: options.named ?? {} },
    ready: Ready,
  });
  return { url: `http://127.0.0.1:${child.ready.port}`, pid: child.pid, stop: () => child.stop() };
}
