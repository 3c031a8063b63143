import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Attempt } from "../../src/contracts/outcome.ts";
import type { HttpEndpoint } from "../../src/contracts/tool.ts";
import { defineTool } from "../../src/define.ts";
import type { CallContext } from "../../src/contracts/call.ts";
import type { ToolGateway } from "../../src/ports.ts";
import { createEgress } from "../../src/tools/egress.ts";
import { type GatewayOptions, toolGateways } from "../../src/tools/gateway.ts";
import { ENV, KeptArtifacts, boundOf, requestFor } from "./calls.ts";
import { type Handler, LoopbackServer, sendJson } from "./http-probe.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** How a call is to be made, where it matters. */
export interface Asked {
  readonly write?: boolean;
  readonly method?: HttpEndpoint["method"];
  /** A path of the bench's server, or a whole address. */
  readonly path?: string;
  readonly context?: Partial<CallContext>;
  readonly timeoutMs?: number;
  readonly options?: Partial<GatewayOptions>;
  /** One that is elsewhere, for one made of the options. */
  readonly gateway?: ToolGateway;
  readonly secretHeaders?: Readonly<Record<string, string>>;
}

export const ARGS = { text: "a&b", list: [1, 2], n: 5 };
export const DONE = { kind: "done", output: { ok: true } };
const LOOPBACK = createEgress({ hosts: [], loopback: true });

/** A bench for the tests of one file: started before them, closed after them, fresh for each. */
export function useHttpBench(): HttpBench {
  const bench = new HttpBench();
  beforeAll(() => bench.start());
  afterAll(() => bench.close());
  beforeEach(() => bench.reset());
  return bench;
}

const ok: Handler = (_request, response) => sendJson(response, 200, { ok: true });

/** A server that does as a test says and notes what it saw, and calls that go to it through a gateway. */
export class HttpBench {
  #server: LoopbackServer | null = null;
  handle: Handler = ok;
  seen: readonly Seen[] = [];

  async start(): Promise<void> {
    this.#server = await LoopbackServer.start((request, response, body) => {
      const { method, url, headers } = request;
      this.seen = [...this.seen, { method, url, headers, body }];
      this.handle(request, response, body);
    });
  }

  get origin(): string {
    return this.#server?.origin ?? "http://127.0.0.1:0";
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  reset(): void {
    this.handle = ok;
    this.seen = [];
  }

  /** Every answer has this status, and no body. */
  answerWith(status: number, headers: Record<string, string> = {}): void {
    this.handle = (_request, response) => sendJson(response, status, "", headers);
  }

  /** Every body ends before its announced length. */
  breakOff(): void {
    this.handle = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"a":1', () => void response.destroy());
    };
  }

  /** Every body begins and never ends. Resolves when the other side has hung up. */
  beginOnly(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.handle = (_request, response) => {
      response.writeHead(200).write('{"a":');
      response.on("close", () => closed.resolve());
    };
    return closed.promise;
  }

  /** Every body goes on and on. Resolves when the other side has hung up. */
  pour(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.handle = (_request, response) => {
      const on = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response
        .writeHead(200)
        .on("drain", on)
        .on("close", () => closed.resolve());
      on();
    };
    return closed.promise;
  }

  async call(asked: Asked = {}): Promise<Attempt> {
    const { write = false, method = "POST", path = "/tool", timeoutMs = 5_000 } = asked;
    const { manifest } = defineTool({
      name: "probe",
      description: "A tool.",
      ...(write ? ({ effect: "irreversible", recovery: "key" } as const) : ({ effect: "read" } as const)),
      timeoutMs,
      input: { type: "object" },
      output: {},
      http: {
        method,
        url: path.startsWith("http") ? path : `${this.origin}${path}`,
        secretHeaders: { ...(asked.secretHeaders ?? { authorization: "API_TOKEN" }) },
      },
    });
    const options = { tools: [], env: ENV, egress: LOOPBACK, ...asked.options };
    const gateway = asked.gateway ?? toolGateways(options)(new KeptArtifacts());
    return gateway.execute(requestFor(manifest, ARGS, asked.context ?? {}), boundOf(manifest));
  }
}

export function messageOf(attempt: Attempt): string {
  return attempt.kind === "done" ? "" : attempt.error.message;
}
