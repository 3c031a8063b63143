-- The sample's shop: it plays a system outside, so nothing of the runtime refers to it and it refers to nothing of the runtime.
-- Every write carries the idempotency key of the call that asked for it, and takes effect once a key.
CREATE TABLE shop_customers (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, email)
) STRICT, WITHOUT ROWID;

CREATE TABLE shop_orders (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  item TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('paid', 'shipped', 'delivered')),
  paid_cents INTEGER NOT NULL CHECK (paid_cents > 0),
  ordered_at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, customer_id) REFERENCES shop_customers (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX shop_orders_by_customer ON shop_orders (tenant, customer_id, ordered_at_ms);

-- Every arrival of a write under its key, counted before anything is decided: what came twice is seen to have come twice.
CREATE TABLE shop_arrivals (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('note', 'refund', 'message')),
  subject TEXT NOT NULL,
  arrivals INTEGER NOT NULL,
  first_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE shop_notes (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key),
  FOREIGN KEY (tenant, order_id) REFERENCES shop_orders (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX shop_notes_by_order ON shop_notes (tenant, order_id);

CREATE TABLE shop_refunds (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key),
  FOREIGN KEY (tenant, order_id) REFERENCES shop_orders (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX shop_refunds_by_order ON shop_refunds (tenant, order_id);

CREATE TABLE shop_messages (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key),
  FOREIGN KEY (tenant, customer_id) REFERENCES shop_customers (tenant, id)
) STRICT, WITHOUT ROWID;
