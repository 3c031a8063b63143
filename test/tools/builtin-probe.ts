import { defineTool } from "../../src/define.ts";
import { type ToolCall, ToolError } from "../../src/tools/definition.ts";
import { createEgress } from "../../src/tools/egress.ts";
import { toolGateways } from "../../src/tools/gateway.ts";
import {
  type Behaviour,
  Input,
  LARGE_LENGTH,
  LIMIT_RETRY_AFTER_S,
  OVERSIZE_LENGTH,
  Output,
  termsOf,
} from "./behaviours.ts";
import { ENV } from "./calls.ts";
import type { ExecutorUnderTest } from "./conformance.ts";

/** The tool under test as code. */
export function builtinProbe(): ExecutorUnderTest {
  const arrivals = new Map<string, number>();
  return {
    declare: (declared) => {
      const readBack = async (args: { behave: Behaviour; say: string }, call: ToolCall) =>
        args.behave === "never"
          ? ({ happened: false } as const)
          : ({ happened: true, output: await behave(args, call) } as const);
      return defineTool({
        ...termsOf(declared),
        input: Input,
        output: Output,
        run: (args, call) => {
          arrivals.set(call.id, (arrivals.get(call.id) ?? 0) + 1);
          return behave(args, call);
        },
        ...(declared.recovery === "read" ? { readBack } : {}),
      });
    },
    gateway: (tools, artifacts) =>
      toolGateways({ tools, env: ENV, egress: createEgress({ hosts: [] }) })(artifacts),
    reached: (key) => arrivals.get(key) ?? 0,
    close: () => Promise.resolve(),
  };
}

async function behave(
  args: { readonly behave: Behaviour; readonly say: string },
  call: ToolCall,
): Promise<Output> {
  switch (args.behave) {
    case "answer":
    case "never":
      return { said: args.say };
    case "large":
      return { said: "x".repeat(LARGE_LENGTH) };
    case "oversize":
      return { said: "x".repeat(OVERSIZE_LENGTH) };
    case "misfit":
      return { nonsense: 1 } as unknown as Output;
    case "unsafe":
      return { said: "x", big: 2 ** 60 };
    case "surrogate":
      return { said: "\ud800" };
    case "hang":
      return new Promise(() => undefined);
    case "refuse":
      throw new ToolError("conflict", "not like this");
    case "limit":
      throw new ToolError("rate_limited", "slowly", { retryAfterMs: LIMIT_RETRY_AFTER_S * 1_000 });
    case "break":
      throw new Error("the floor is lava");
    case "leak":
      return { said: `the token is ${call.secret("API_TOKEN")}` };
    case "leakError":
      throw new ToolError("invalid_input", `${call.secret("API_TOKEN")} is wrong`);
    case "leakAcross":
      throw new ToolError("invalid_input", `${"x".repeat(990)}${call.secret("API_TOKEN")}`);
  }
}
