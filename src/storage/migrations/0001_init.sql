-- The audit log: one row a commit, and nothing else written for it (no rowid, no index). Nullable body and salt, so that
-- content may be erased by right one day while the chain still verifies over the digests.
CREATE TABLE audit (
  tenant TEXT NOT NULL,
  task TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  rules INTEGER NOT NULL,
  body TEXT,
  salt TEXT,
  digest TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, task, seq)
) WITHOUT ROWID;

CREATE TRIGGER audit_rows_never_change BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit rows never change');
END;

CREATE TRIGGER audit_rows_never_go BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit rows are never removed');
END;

-- Compares the whole row: OR REPLACE bypasses the triggers above, and could keep the hash while it changes the rest.
CREATE TRIGGER audit_rows_stand BEFORE INSERT ON audit
WHEN EXISTS (
  SELECT 1 FROM audit AS standing
  WHERE standing.tenant = NEW.tenant AND standing.task = NEW.task AND standing.seq = NEW.seq
    AND (standing.hash, standing.digest, standing.salt, standing.body, standing.at_ms, standing.rules)
      IS NOT (NEW.hash, NEW.digest, NEW.salt, NEW.body, NEW.at_ms, NEW.rules)
)
BEGIN
  SELECT RAISE(ABORT, 'another audit row stands here');
END;

-- The task index: a projection for lists, carried by the batches of the audit log.
CREATE TABLE tasks (
  tenant TEXT NOT NULL,
  task TEXT NOT NULL,
  seq INTEGER NOT NULL,
  status TEXT NOT NULL,
  paused INTEGER NOT NULL,
  agent TEXT NOT NULL,
  agent_version TEXT NOT NULL,
  principal TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  spent_micro_usd INTEGER NOT NULL,
  spent_tokens INTEGER NOT NULL,
  PRIMARY KEY (tenant, task)
) WITHOUT ROWID;

-- All but the last hold only what never changes, so that an update costs one row. Unique, though the primary key says so
-- already: only then are rows joined in their order read without sorting.
CREATE UNIQUE INDEX tasks_by_time ON tasks (tenant, created_at_ms, task);
CREATE UNIQUE INDEX tasks_by_agent ON tasks (tenant, agent, created_at_ms, task);
CREATE UNIQUE INDEX tasks_by_principal ON tasks (tenant, principal, created_at_ms, task);
CREATE INDEX tasks_live ON tasks (tenant, created_at_ms, task)
  WHERE status IN ('queued', 'running', 'waiting_approval');

-- The inbox: a projection for lists. Keyed by time, which never changes, so that lists need no index of their own.
CREATE TABLE approvals (
  tenant TEXT NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  id TEXT NOT NULL,
  task TEXT NOT NULL,
  seq INTEGER NOT NULL,
  approver TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, opened_at_ms, id)
) WITHOUT ROWID;

CREATE INDEX approvals_open ON approvals (tenant, opened_at_ms, id) WHERE state = 'open';

-- API keys, by the hash of the key; the key itself is told once, to its owner.
CREATE TABLE api_keys (
  hash TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  revoked_at_ms INTEGER
) WITHOUT ROWID;

CREATE INDEX api_keys_by_principal ON api_keys (tenant, principal);

-- A tenant's own caps; null: the default.
CREATE TABLE tenants (
  tenant TEXT NOT NULL PRIMARY KEY,
  live_tasks_max INTEGER,
  cost_micro_usd_per_day_max INTEGER,
  open_approvals_max INTEGER
) WITHOUT ROWID;
