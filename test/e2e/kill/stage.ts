import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Scope } from "../../../src/contracts/access.ts";
import { mintKey, putKey } from "../../../src/storage/api-keys.ts";
import { startMockModel } from "../../mock-model/mock-model.ts";
import { type RetailClient, retailClient } from "../../retail/client.ts";
import { APPROVER } from "./agents.ts";
import { bundle } from "./bundle.ts";
import { Client } from "./client.ts";
import type { RetailSource } from "./retail-source.ts";
import { Runtime } from "./runtime.ts";
import { startToolServers } from "./tool-servers.ts";

export const TENANT = "acme";

/** The runtime to be killed, and all that is never killed around it. */
export interface Stage extends AsyncDisposable {
  readonly stateDir: string;
  readonly runtime: Runtime;
  readonly customer: Client;
  readonly approver: Client;
  readonly shop: RetailClient;
  /** It tells its arrivals as the shop does. */
  readonly ledger: RetailClient;
}

/** A few arrivals are refused, a few answers are lost, and everything takes its time, so that kills find it under way. */
const WEATHER = { seed: 1, delayMs: 35, lateMs: 20, refuseRate: 0.03, dropRate: 0.03 };

/** The same before and after every kill, as a deployment's are. */
const SECRETS = {
  OPENAI_API_KEY: "no-key",
  LINK_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64url") }),
  LINK_KID: "k1",
  CURSOR_KEY: randomBytes(32).toString("base64url"),
};

export async function setStage(folder: string, source: RetailSource): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const model = opened.adopt(await startMockModel(), (process) => process.stop());
  const tools = opened.adopt(await startToolServers(source.dataDir), (process) => process.stop());
  const [shop, ledger] = [retailClient(tools.ready.shopPort), retailClient(tools.ready.ledgerPort)];
  await shop.setWeather(WEATHER);
  const data = { shop: shop.origin, ledger: ledger.origin, shopTools: source.tools };
  const vars = { ...SECRETS, OPENAI_BASE_URL: `${model.url}/v1`, TOOLS_LOOPBACK: "true" };
  const stateDir = join(folder, "state");
  const script = await bundle(join(folder, "worker"), data);
  const runtime = opened.adopt(await Runtime.start({ script, stateDir, vars }), (started) => started.stop());
  const customer = await newClient(runtime, "mia", [
    "tasks:read",
    "tasks:write",
    "content:read",
    "audit:read",
  ]);
  const approver = await newClient(runtime, APPROVER, ["approvals:decide"]);
  const stack = opened.move();
  return {
    stateDir,
    runtime,
    customer,
    approver,
    shop,
    ledger,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function newClient(runtime: Runtime, principal: string, scopes: readonly Scope[]): Promise<Client> {
  const minted = mintKey();
  await runtime.seed([putKey(minted, { tenant: TENANT, principal, scopes, expiresAtMs: null }, Date.now())]);
  return new Client(runtime, minted.key);
}
