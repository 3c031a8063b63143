-- Whose child a task is; null for those that clients made.
ALTER TABLE tasks ADD COLUMN parent TEXT;

CREATE UNIQUE INDEX tasks_by_parent ON tasks (tenant, parent, created_at_ms, task) WHERE parent IS NOT NULL;

-- What tasks of a tenant may recruit at most; null: the default.
ALTER TABLE tenants ADD COLUMN delegation_depth_max INTEGER;
ALTER TABLE tenants ADD COLUMN fan_out_max INTEGER;
ALTER TABLE tenants ADD COLUMN children_max INTEGER;
