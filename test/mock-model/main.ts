import { z } from "zod";
import { serveParent } from "../harness/child-process.ts";
import { NamedActions } from "./plan.ts";
import { mockModelServer } from "./server.ts";

/** The mock model as a process: options come as one line of JSON on stdin, `{"port":…}` goes out when it listens. */
const Options = z.strictObject({ port: z.int(), delayMs: z.int().nonnegative(), named: NamedActions });

await serveParent(Options, async (options) => {
  const server = mockModelServer(options);
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : options.port };
});
