import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ModelOptions } from "./answer.ts";
import { MockModel, WIRE_OF, sendJson } from "./answer.ts";
import { ToolEndpoint } from "./tool-endpoint.ts";

/**
 * Serves the mock model on `POST /v1/responses`, `/v1/chat/completions` and `/v1/messages`, and the tool on `POST /tools/echo`.
 * Both sides of the bench wait for it, so it does as little as it can. What is asked for with `background: true` is told on
 * `GET /v1/responses/ID`. For tests: `GET /model/replies`, `GET /model/attempts?plan=ID`, `GET /model/background`,
 * `POST /model/background/finish`, `GET` and `DELETE /tools/arrivals`.
 */
export function mockModelServer(options: ModelOptions): Server {
  const model = new MockModel(options);
  const tool = new ToolEndpoint();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      serve({ model, tool }, request, body, response).catch((error: unknown) => {
        console.error(error);
        response.destroy();
      });
    });
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

interface Served {
  readonly model: MockModel;
  readonly tool: ToolEndpoint;
}

async function serve(
  served: Served,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const [path = "", search = ""] = (request.url ?? "").split("?", 2);
  const wire = WIRE_OF[path];
  if (wire !== undefined && request.method === "POST")
    return served.model.answer(
      wire,
      { body, key: String(request.headers["idempotency-key"] ?? "") },
      response,
    );
  const [, id, cancel] = /^\/v1\/responses\/(\w+)(\/cancel)?$/.exec(path) ?? [];
  if (id !== undefined) return tellOfResponse(served.model, { id, cancel: cancel !== undefined }, response);
  const query = new URLSearchParams(search);
  switch (`${request.method} ${path}`) {
    case "POST /tools/echo":
      return served.tool.echo(request, query, body, response);
    case "GET /tools/arrivals":
      return sendJson(response, 200, served.tool.arrivals);
    case "DELETE /tools/arrivals":
      served.tool.forget();
      return sendJson(response, 200, {});
    case "GET /model/attempts":
      return sendJson(response, 200, served.model.attempts.of(query.get("plan") ?? ""));
    case "GET /model/background":
      return sendJson(response, 200, served.model.background.all);
    case "POST /model/background/finish":
      served.model.background.finish();
      return sendJson(response, 200, {});
    case "GET /model/replies":
      return sendJson(response, 200, { replies: served.model.replies });
    default:
      return sendJson(response, 404, { error: "not found" });
  }
}

function tellOfResponse(
  { background }: MockModel,
  { id, cancel }: { readonly id: string; readonly cancel: boolean },
  response: ServerResponse,
): void {
  const told = cancel ? { response: background.cancel(id), pollAfterMs: undefined } : background.poll(id);
  if (told === null || told.response === null)
    return sendJson(response, 404, {
      error: { message: `Response with id '${id}' not found.`, type: "invalid_request_error", code: null },
    });
  const { pollAfterMs } = told;
  const headers = pollAfterMs === undefined ? {} : { "openai-poll-after-ms": String(pollAfterMs) };
  sendJson(response, 200, told.response, headers);
}
