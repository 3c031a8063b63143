// One set-up at a time. A lock file names the process that holds it; one whose process is gone is taken over.
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const WAIT_MS_MAX = 15 * 60_000;
const POLL_MS = 100;
const TAKEOVER_MS_MAX = 30_000;

/**
 * Runs `work` while no other process of this machine runs under the same lock.
 * @param {string} path
 * @param {() => void} work
 */
export function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  const giveUpAtMs = Date.now() + WAIT_MS_MAX;
  let told = false;
  while (!tryAcquire(path)) {
    if (Date.now() > giveUpAtMs) throw new Error(`another set-up holds ${path}; delete it if none runs`);
    if (!told) console.log("setup: waiting for another set-up to end");
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    work();
  } finally {
    release();
    process.removeListener("exit", release);
  }
}

/** @param {string} path */
function tryAcquire(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (!isHeld(path)) removeStale(path);
    return false;
  }
}

/**
 * Only who made the directory may remove the lock, and only after looking again: another process may
 * have taken it over since this one first looked.
 * @param {string} path
 */
function removeStale(path) {
  const takeover = `${path}.takeover`;
  try {
    mkdirSync(takeover);
  } catch {
    if (ageMs(takeover) > TAKEOVER_MS_MAX) rmSync(takeover, { recursive: true, force: true });
    return;
  }
  try {
    if (!isHeld(path)) rmSync(path, { force: true });
  } finally {
    rmdirSync(takeover);
  }
}

/**
 * A lock that cannot be read, or is still empty, is being made or removed just now.
 * @param {string} path
 */
function isHeld(path) {
  try {
    const text = readFileSync(path, "utf8");
    if (text === "") return ageMs(path) < TAKEOVER_MS_MAX;
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

/** @param {string} path */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
