/**
 * What a task uses of the platform. `rowsWritten` counts an index's row and each `setAlarm`; `objectRequests` counts alarms and a
 * twentieth of each incoming WebSocket message; `queueOperations` are a write, a read and a delete for each 64 KB of a message.
 */
export interface PlatformUse {
  readonly objectRequests: number;
  /** Wall time in which the object worked or waited, not idle. */
  readonly objectActiveMs: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  readonly d1RowsWritten: number;
  readonly d1RowsRead: number;
  readonly queueOperations: number;
  readonly workerRequests: number;
  readonly cpuMs: number;
}

/** USD for a million of each; for `objectGbS` a million gigabyte-seconds. Cloudflare's list prices, without the free allowances. */
export const USD_PER_MILLION = {
  objectRequests: 0.15,
  objectGbS: 12.5,
  rowsWritten: 1,
  rowsRead: 0.001,
  d1RowsWritten: 1,
  d1RowsRead: 0.001,
  queueOperations: 0.4,
  workerRequests: 0.3,
  cpuMs: 0.02,
} as const;

/** An object is billed for 128 MB, whatever it uses; a gigabyte is 1,000 MB on the bill. */
const GB_OF_OBJECT = 0.128;

export interface Cost {
  readonly total: number;
  readonly parts: Readonly<Record<keyof typeof USD_PER_MILLION, number>>;
}

/** USD for a million tasks, each of which uses `perTask`. */
export function usdPerMillionTasks(perTask: PlatformUse): Cost {
  const parts = {
    objectRequests: perTask.objectRequests * USD_PER_MILLION.objectRequests,
    objectGbS: (perTask.objectActiveMs / 1_000) * GB_OF_OBJECT * USD_PER_MILLION.objectGbS,
    rowsWritten: perTask.rowsWritten * USD_PER_MILLION.rowsWritten,
    rowsRead: perTask.rowsRead * USD_PER_MILLION.rowsRead,
    d1RowsWritten: perTask.d1RowsWritten * USD_PER_MILLION.d1RowsWritten,
    d1RowsRead: perTask.d1RowsRead * USD_PER_MILLION.d1RowsRead,
    queueOperations: perTask.queueOperations * USD_PER_MILLION.queueOperations,
    workerRequests: perTask.workerRequests * USD_PER_MILLION.workerRequests,
    cpuMs: perTask.cpuMs * USD_PER_MILLION.cpuMs,
  };
  return { total: Object.values(parts).reduce((total, part) => total + part, 0), parts };
}
