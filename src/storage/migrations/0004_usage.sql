-- What a task used itself, by day, model and tool: JSON. It travels in the task's row, so that it costs no row of its own.
ALTER TABLE tasks ADD COLUMN usage TEXT NOT NULL DEFAULT '{}';
