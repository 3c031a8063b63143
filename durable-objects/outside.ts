import type { Allowances } from "../src/guards/allowance-doors.ts";
import type { BackgroundModels, HealthReader, ModelProvider } from "../src/model-ports.ts";
import type {
  Alarm,
  AuditLog,
  CallQueue,
  Clock,
  Family,
  Readers,
  RightsReader,
  ToolGateway,
} from "../src/ports.ts";

/** Calls back once when the time has come, unless it is called off first. */
export interface Timer {
  after(delayMs: number, due: () => void): () => void;
}

/** All that a task's object needs of the outside world. The simulation plays every one of them. */
export interface Outside {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly alarm: Alarm;
  readonly models: ModelProvider;
  readonly background: BackgroundModels;
  readonly tools: ToolGateway;
  readonly queue: CallQueue;
  readonly audit: AuditLog;
  readonly rights: RightsReader;
  readonly family: Family;
  readonly allowances: Allowances;
  readonly readers: Readers;
  readonly health: HealthReader;
  readonly salt: () => string;
}
