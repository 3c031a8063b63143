import { type Api, createApi } from "../../src/api/app.ts";
import type { ApiDeps, KeyRecord } from "../../src/api/deps.ts";
import { linkRing } from "../../src/api/link.ts";
import type { AccountView } from "../../src/contracts/allowance.ts";
import { SCOPES, type Scope } from "../../src/contracts/access.ts";
import type { AuditPage } from "../../src/contracts/lists.ts";
import type { UsageBy, UsageLine } from "../../src/contracts/usage.ts";
import { sha256 } from "../../src/hash.ts";
import type { InboxEntry, IndexEntry } from "../../src/ports.ts";
import { objectName } from "../../src/task-name.ts";
import { FakeTask } from "./fake-task.ts";
import { APPROVAL, LINK_KEYS, T0, TASK, agent, model, openApproval, viewOf } from "./fixtures.ts";

const keyFor = (name: string): string => `cs_${sha256(name).slice(0, 43)}`;

/** An API over fakes: one tenant with a task, a key for each need, and a second tenant. */
export class World {
  nowMs = T0;
  readonly keys = new Map<string, KeyRecord>();
  readonly objects = new Map<string, FakeTask>();
  readonly reported: unknown[] = [];
  readonly hops: string[] = [];
  keyReads = 0;
  keysFail = false;
  admitsRequests = true;
  capReached = false;
  budgeted = false;
  limitsTasks = false;
  accounts: readonly AccountView[] = [];
  delegationCaps = { depth: 4, fanOut: 10, children: 20 };
  index: IndexEntry[] = [];
  usage: Partial<Record<UsageBy, readonly UsageLine[]>> = {};
  inbox: InboxEntry[] = [];
  auditPages: AuditPage[] = [];
  readonly api: Api;
  readonly deps: ApiDeps;

  constructor(change: Partial<ApiDeps> = {}) {
    this.deps = { ...this.#deps(), ...change };
    this.api = createApi(this.deps);
    this.task(TASK).current = viewOf(
      { task: TASK, principal: "mia" },
      { answer: "the answer", openApprovals: [APPROVAL] },
    );
    this.task(TASK).approvals = [openApproval()];
  }

  /** A key with these scopes; all of them unless told. */
  key(scopes: readonly Scope[] = SCOPES, of: Partial<KeyRecord> = {}): string {
    const record: KeyRecord = {
      id: "key_1",
      tenant: "acme",
      principal: "mia",
      scopes,
      expiresAtMs: null,
      revokedAtMs: null,
      ...of,
    };
    const key = keyFor(JSON.stringify(record));
    this.keys.set(sha256(key), record);
    return key;
  }

  task(id: string, tenant = "acme"): FakeTask {
    const name = `${tenant}/${id}`;
    const object = this.objects.get(name) ?? new FakeTask();
    this.objects.set(name, object);
    return object;
  }

  async call(
    method: string,
    path: string,
    of: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { key = this.key(), body, headers = {} } = of;
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const auth: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
    return await this.api.fetch(
      new Request(`http://api.test${path}`, { method, ...sent, headers: { ...type, ...auth, ...headers } }),
    );
  }

  #deps(): ApiDeps {
    return {
      ...this.#who(),
      ...this.#objects(),
      ...this.#lists(),
      clock: { nowMs: () => this.nowMs },
      registry: {
        agent: (name, version) =>
          name === agent.name && (version ?? agent.version) === agent.version ? agent : null,
        serving: (manifest) => (manifest.model === "default" ? { model } : null),
        team: () => [],
      },
      links: linkRing(LINK_KEYS, "k1"),
      cursorKey: "cursor-key",
      openAIWebhook: null,
      scrub: (value) => value,
      publicOrigin: undefined,
      report: (fault) => void this.reported.push(fault.error),
    };
  }

  #who(): Pick<ApiDeps, "keys" | "admitRequest"> {
    return {
      keys: {
        find: async (hash) => {
          this.keyReads += 1;
          if (this.keysFail) throw new Error("D1_ERROR: down");
          return this.keys.get(hash) ?? null;
        },
      },
      admitRequest: async () => this.admitsRequests,
    };
  }

  #objects(): Pick<ApiDeps, "tasks" | "admitTask"> {
    return {
      tasks: (tenant, name) => {
        if (name.jurisdiction === "fedramp") return null;
        this.hops.push(`object ${objectName(tenant, name)}`);
        return this.task(name.id, tenant);
      },
      admitTask: async (tenant) => {
        this.hops.push(`admit ${tenant}`);
        return this.capReached
          ? { ok: false, code: "tenant_cap_reached", detail: "Full." }
          : { ok: true, value: { delegation: this.delegationCaps, budgets: this.budgeted } };
      },
    };
  }

  #lists(): Pick<ApiDeps, "index" | "inbox" | "usage" | "audit" | "budgets" | "limitsTasks"> {
    return {
      limitsTasks: this.limitsTasks,
      budgets: {
        accounts: async (tenant, { after, limit }) => {
          this.hops.push(`accounts ${tenant}`);
          const isLast = after && (({ principal = "" }: AccountView) => principal === after.principal);
          return pageBehind(this.accounts, isLast, limit);
        },
        set: async (tenant, principal, terms) => {
          this.hops.push(`budget ${tenant} ${JSON.stringify({ principal, terms })}`);
        },
      },
      usage: {
        lines: async (tenant, filter) => {
          this.hops.push(`usage ${tenant} ${JSON.stringify(filter)}`);
          return this.usage[filter.by] ?? [];
        },
      },
      index: {
        list: async (tenant, filter, { after, limit }) => {
          this.hops.push(`list ${tenant} ${JSON.stringify(filter)}`);
          return pageBehind(this.index, after && (({ task }) => task === after.task), limit);
        },
      },
      inbox: {
        list: async (tenant, filter, { after, limit }) => {
          this.hops.push(`inbox ${tenant} ${JSON.stringify(filter)}`);
          return pageBehind(this.inbox, after && (({ id }) => id === after.id), limit);
        },
      },
      audit: {
        page: async (tenant, filter, after) => {
          this.hops.push(`audit ${tenant} ${JSON.stringify(filter)}`);
          const at =
            after === undefined ? 0 : this.auditPages.findIndex(({ next }) => next?.seq === after.seq) + 1;
          return this.auditPages[at] ?? { rows: [] };
        },
        commits: async (_tenant, names) =>
          this.auditPages
            .flatMap(({ rows }) => rows)
            .filter(({ task, seq }) => names.some((name) => name.task === task && name.seq === seq)),
        verify: async (tenant, task, journal) => {
          this.hops.push(`verify ${tenant} ${task}`);
          const head = await journal.head();
          return head === null ? null : { state: "intact", verified: head, fault: null };
        },
      },
    };
  }
}

function pageBehind<T>(
  all: readonly T[],
  isLast: ((one: T) => boolean) | undefined,
  limit: number,
): readonly T[] {
  const from = isLast === undefined ? 0 : all.findIndex(isLast) + 1;
  return all.slice(from, from + limit);
}
