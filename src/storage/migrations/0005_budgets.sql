-- What tenants and principals may spend by day and month: `principal` is empty for the tenant as a whole, and `*` for each principal
-- that has no row of its own. `terms` is JSON.
CREATE TABLE budgets (
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  terms TEXT NOT NULL,
  PRIMARY KEY (tenant, principal)
) WITHOUT ROWID;
