import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { defineTool } from "../../src/define.ts";
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

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server on loopback that lets a test see every request whole. */
export class LoopbackServer {
  readonly #server: Server;
  readonly origin: string;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(handler: Handler): Promise<LoopbackServer> {
    const server = createServer((request, response) => {
      text(request).then(
        (body) => handler(request, response, body),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    return new LoopbackServer(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** The tool under test as an HTTP endpoint. */
export async function httpProbe(): Promise<ExecutorUnderTest> {
  const arrivals = new Map<string, number>();
  const server = await LoopbackServer.start((request, response, body) => {
    const key = request.headers["idempotency-key"];
    if (typeof key === "string") arrivals.set(key, (arrivals.get(key) ?? 0) + 1);
    const { behave, say } = Input.parse(JSON.parse(body));
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    answer(behave, { response, say, token });
  });
  const endpoint = {
    method: "POST",
    url: `${server.origin}/probe`,
    secretHeaders: { authorization: "API_TOKEN" },
  } as const;
  return {
    declare: (declared) =>
      defineTool({
        ...termsOf(declared),
        input: Input,
        output: Output,
        http: endpoint,
        ...(declared.recovery === "read" ? { readBack: endpoint } : {}),
      }),
    gateway: (tools, artifacts) =>
      toolGateways({ tools, env: ENV, egress: createEgress({ hosts: [], loopback: true }) })(artifacts),
    reached: (key) => arrivals.get(key) ?? 0,
    close: () => server.close(),
  };
}

interface Heard {
  readonly response: ServerResponse;
  readonly say: string;
  readonly token: string;
}

function answer(behave: Behaviour, { response, say, token }: Heard): void {
  switch (behave) {
    case "answer":
      return sendJson(response, 200, { said: say });
    case "large":
      return sendJson(response, 200, { said: "x".repeat(LARGE_LENGTH) });
    case "oversize":
      return sendJson(response, 200, { said: "x".repeat(OVERSIZE_LENGTH) });
    case "misfit":
      return sendJson(response, 200, { nonsense: 1 });
    case "unsafe":
      return sendJson(response, 200, '{"said":"x","big":1152921504606846976}');
    case "surrogate":
      return sendJson(response, 200, '{"said":"\\ud800"}');
    case "hang":
      return;
    case "refuse":
      return sendJson(response, 409, { error: "not like this" });
    case "limit":
      return sendJson(response, 429, "", { "retry-after": `${LIMIT_RETRY_AFTER_S}` });
    case "break":
      return void response.destroy();
    case "leak":
      return sendJson(response, 200, { said: `the token is ${token}` });
    case "leakError":
      return sendJson(response, 422, `${token} is wrong`);
    case "leakAcross":
      return sendJson(response, 422, `${"x".repeat(490)}${token}`);
    case "never":
      return sendJson(response, 404, "");
  }
}
