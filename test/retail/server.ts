import { fstatSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { parseArgs } from "node:util";
import { Arrivals } from "./arrivals.ts";
import { serveCall, type Shop } from "./call-endpoint.ts";
import { findRetailData, readDatabase } from "./data.ts";
import { InitialShop } from "./initial-shop.ts";
import type { Database } from "./records.ts";
import { ShopRun } from "./shop-run.ts";
import { CALM, Weather } from "./weather.ts";
import { readBody, sendJson, type Exchange } from "./wire.ts";

export interface RetailServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface RetailServerOptions {
  /** 0 (the default) takes any free one. Only loopback is listened to. */
  readonly port?: number;
  /** The folder of the recorded domain; by default the one beside the project. */
  readonly dataDir?: string;
  /** The records to start from, in the place of a folder. */
  readonly database?: Database;
}

/** The shop's tools over HTTP. It throws when there is neither a database nor a folder to read one from. */
export async function startRetailServer(options: RetailServerOptions = {}): Promise<RetailServer> {
  const shop: Shop = {
    initial: new InitialShop(options.database ?? databaseIn(options.dataDir)),
    runs: new Map(),
    arrivals: new Arrivals(),
    weather: CALM,
  };
  const server = createServer((request, response) => {
    serve(shop, request, response).catch((error: unknown) => {
      console.error("retail server:", error);
      sendJson(response, 500, { error: "internal" });
    });
  });
  // A client that reuses a connection must never lose the race against an idle timeout.
  server.keepAliveTimeout = 600_000;
  const port = await listen(server, options.port ?? 0);
  return { port, close: () => close(server) };
}

function databaseIn(dir: string | undefined): Database {
  const data = findRetailData(dir);
  if (!data.found) throw new Error(data.reason);
  return readDatabase(data.dir);
}

async function serve(shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://shop");
  const segments = segmentsOf(url.pathname);
  if (segments === null) return sendJson(response, 400, { error: "malformed path" });
  const [first, ...rest] = segments;
  if (first === "_") return serveControl(shop, { request, response, path: rest.join("/"), url });
  const [tool, ...more] = rest;
  if (request.method !== "POST" || !first || !tool || more.length > 0) {
    return sendJson(response, 404, { error: "POST /{run}/{tool}" });
  }
  return serveCall(shop, { request, response }, { run: first, tool });
}

function segmentsOf(pathname: string): readonly string[] | null {
  try {
    return pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
}

interface ControlRequest extends Exchange {
  readonly path: string;
  readonly url: URL;
}

/** What the test asks of the server beside the tools. Reading a run that nothing was called on shows the initial shop. */
async function serveControl(shop: Shop, control: ControlRequest): Promise<void> {
  const { request, response, url } = control;
  const path = `${request.method ?? ""} ${control.path}`;
  if (path === "GET arrivals") {
    const run = url.searchParams.get("run") ?? undefined;
    return sendJson(response, 200, {
      arrivals: shop.arrivals.arrivals(run),
      calls: shop.arrivals.calls(run),
    });
  }
  if (path === "GET weather") return sendJson(response, 200, shop.weather);
  if (path === "POST weather") return setWeather(shop, control);
  const ofRun = /^GET runs\/(.+)\/(changed|sha256)$/.exec(path);
  if (ofRun === null) return sendJson(response, 404, { error: "no such control" });
  const run = shop.runs.get(ofRun[1] ?? "") ?? new ShopRun(shop.initial);
  return sendJson(response, 200, ofRun[2] === "changed" ? run.changed() : { sha256: run.sha256() });
}

async function setWeather(shop: Shop, { request, response }: Exchange): Promise<void> {
  const body = await readBody(request);
  if (body.kind === "aborted") return;
  if (body.kind === "refused") return sendJson(response, body.status, { error: body.error });
  const weather = Weather.safeParse(body.value);
  if (!weather.success) return sendJson(response, 400, { error: weather.error.message });
  shop.weather = weather.data;
  sendJson(response, 200, shop.weather);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

/** `node test/retail/server.ts --port 0 [--data DIR]` prints `{"port":n}` when it listens. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: "string" }, data: { type: "string" } } });
  const { port } = await startRetailServer({
    port: Number(values.port ?? 0),
    ...(values.data !== undefined && { dataDir: values.data }),
  });
  console.log(JSON.stringify({ port }));
  endWithParent();
}

/** A parent that holds our stdin ends us by closing it, or by dying; without one we stay until we are stopped. */
function endWithParent(): void {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.once("end", () => process.exit(0));
  process.stdin.resume();
}

if (import.meta.main) await main();
