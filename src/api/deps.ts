import type { FeedSocket } from "../feed.ts";
import type { Scope } from "../contracts/access.ts";
import type { AgentManifest } from "../contracts/agent.ts";
import type { AccountTerms, AccountView } from "../contracts/allowance.ts";
import type {
  AccountPosition,
  AuditFilter,
  AuditPage,
  AuditPosition,
  AuditedCommit,
  InboxFilter,
  InboxPosition,
  TaskFilter,
  TaskPosition,
} from "../contracts/lists.ts";
import type { UsageFilter, UsageLine } from "../contracts/usage.ts";
import type { NewTask } from "../contracts/task.ts";
import type { TenantTerms } from "../core/tenant-account.ts";
import type { ChainReport } from "../core/chain.ts";
import type { ProviderWebhook } from "../model-ports.ts";
import type { Answer, Clock, InboxEntry, IndexEntry, TaskDoor } from "../ports.ts";
import type { TaskName } from "../task-name.ts";
import type { Scrub } from "./body.ts";
import type { LinkRing } from "./link.ts";

/** Everything that the API asks of the outside world. */
export interface ApiDeps {
  readonly clock: Clock;
  readonly keys: KeyFinder;
  /** Whether a tenant may make one more request now. */
  readonly admitRequest: (tenant: string) => Promise<boolean>;
  /** A task's object, whether or not it was ever created. Null where its jurisdiction cannot be served. */
  readonly tasks: (tenant: string, task: TaskName) => TaskHandle | null;
  /** Whether a tenant may make or resume this task now, and what that is to pin. */
  readonly admitTask: (tenant: string, task: string) => Promise<Answer<TenantTerms>>;
  readonly registry: Registry;
  readonly index: TaskIndex;
  readonly inbox: Inbox;
  readonly usage: UsageQueries;
  readonly budgets: Budgets;
  /** Whether the operator says how many tasks may be at work. */
  readonly limitsTasks: boolean;
  readonly audit: AuditQueries;
  readonly scrub: Scrub;
  readonly links: LinkRing;
  /** Null where no secret of it is bound. */
  readonly openAIWebhook: ProviderWebhook | null;
  /** Secret of the cursors' seals. */
  readonly cursorKey: string;
  /** Where signed links lead; the request's own origin when it is not set. */
  readonly publicOrigin: string | undefined;
  /** Told of what nobody expected. Must not throw. */
  readonly report: (fault: {
    readonly error: unknown;
    readonly traceId: string;
    readonly route: string;
  }) => void;
}

/** An API key as it is kept: everything but what it is. */
export interface KeyRecord {
  readonly id: string;
  readonly tenant: string;
  readonly principal: string;
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface KeyFinder {
  /** The key with this SHA-256 hash, active or not. */
  find(keyHash: string): Promise<KeyRecord | null>;
}

/** A task's object: its door, and the socket on which it tells its commits. */
export interface TaskHandle extends TaskDoor {
  /** What it waits for may be there now. */
  poke(): Promise<void>;
  fetch(
    url: string,
    init: { readonly headers: Record<string, string> },
  ): Promise<{ readonly status: number; readonly webSocket: FeedSocket | null }>;
}

/** What a task pins of who answers for its agent. */
export type Serving = Pick<NewTask, "model" | "route">;

/** The agents and models that are deployed. */
export interface Registry {
  /** Without a version, the one deployed now. */
  agent(name: string, version: string | undefined): AgentManifest | null;
  /** What serves an agent's model route now; null when nothing does, or nothing whose price is known. */
  serving(agent: AgentManifest): Serving | null;
  /** Those whom a task of this agent may recruit, at any depth. */
  team(agent: AgentManifest): readonly AgentManifest[];
}

export interface Page<P> {
  readonly after?: P | undefined;
  readonly limit: number;
}

export interface TaskIndex {
  list(tenant: string, filter: TaskFilter, page: Page<TaskPosition>): Promise<readonly IndexEntry[]>;
}

export interface Inbox {
  list(tenant: string, filter: InboxFilter, page: Page<InboxPosition>): Promise<readonly InboxEntry[]>;
}

/** What tenants and their principals may spend. */
export interface Budgets {
  /** The tenant's as a whole first, then those of its principals by name. */
  accounts(tenant: string, page: Page<AccountPosition>): Promise<readonly AccountView[]>;
  /** An empty name is the tenant as a whole, `*` each principal that has no terms of its own; null: no limit any more. */
  set(tenant: string, principal: string, terms: AccountTerms | null): Promise<void>;
}

export interface UsageQueries {
  /** The most expensive first. */
  lines(tenant: string, filter: UsageFilter): Promise<readonly UsageLine[]>;
}

export interface AuditQueries {
  page(
    tenant: string,
    filter: AuditFilter,
    after: AuditPosition | undefined,
    limit: number,
  ): Promise<AuditPage>;
  /** Single commits by their places; those that are not there are left out. */
  commits(
    tenant: string,
    names: readonly { readonly task: string; readonly seq: number }[],
  ): Promise<readonly AuditedCommit[]>;
  /** Compares the log with the task's own journal; null when there is neither. */
  verify(
    tenant: string,
    task: string,
    journal: Pick<TaskDoor, "head" | "commits">,
  ): Promise<ChainReport | null>;
}
