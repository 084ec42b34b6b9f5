// Sending: photographs in parts, then operations in their order, fifty at once; and what the office has to tell. A line
// that breaks in the middle does no harm: what has no answer is sent again, and the server knows it.

import { Fault } from "./faults.js";
import { counts, onChange, picture, settle, signed, tidy, waiting } from "./outbox.js";
import { isOpen, session } from "./session.js";
import { APP_VERSION, cursor, learn, renew, wipe } from "./store.js";
import { ask } from "./wire.js";

/** @typedef {import("./types.js").SyncNews} SyncNews */
/** @typedef {import("./types.js").OperationRow} OperationRow */

const AT_ONCE = 50;
const PART = 128 * 1024;
const EVERY = 60_000;
const SOON = 1_500;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
const ADDRESS = "/api/v1/field/";

/** @type {Set<(news: SyncNews) => void>} */
const listeners = new Set();
/** @type {Promise<void> | null} */
let running = null;
/** whether the run has looked for the last time at what waits: what is kept from then on needs another */
let looked = false;
let failures = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {SyncNews} */
let last = { state: "idle", sent: 0, of: 0, code: "", next: null };

/**
 * Hear how the sending goes.
 * @param {(news: SyncNews) => void} tell
 */
export function on(tell) {
  listeners.add(tell);
  tell(last);
}

/** @param {Partial<SyncNews>} news */
function say(news) {
  last = { ...last, ...news };
  for (const tell of listeners) tell(last);
}

/** Send by itself from now on: when there is a network, when the page is looked at, once a minute, soon after a record. */
export function start() {
  addEventListener("online", () => plan(0));
  addEventListener("offline", () => say({ state: "offline" }));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && plan(0));
  setInterval(() => plan(0), EVERY);
  onChange(() => (running && !looked) || plan(SOON));
  plan(0);
}

/** @param {number} after milliseconds */
function plan(after) {
  clearTimeout(timer);
  timer = setTimeout(() => now().catch(() => undefined), after);
}

/**
 * Send now; the error says why it stopped. One at a time, over all tabs.
 * @returns {Promise<void>} when everything was tried that was kept before the call
 */
export function now() {
  if (running && looked) return running.catch(() => undefined).then(now);
  if (running) return running;
  looked = false;
  running = once().finally(() => (running = null));
  return running;
}

async function once() {
  if (!isOpen()) return say({ state: "closed" });
  if (!navigator.onLine) return say({ state: "offline" });
  const done = await navigator.locks.request("lims-field-sync", { ifAvailable: true }, async (held) => {
    if (!held) return false;
    await run();
    return true;
  });
  if (!done) say({ state: "elsewhere" });
}

async function run() {
  const { unsent } = await counts();
  say({ state: "sending", sent: 0, of: unsent, code: "", next: null });
  try {
    await everything();
    looked = true;
    failures = 0;
    say({ state: "idle", next: null });
    await tidy();
  } catch (error) {
    const code = error instanceof Fault ? error.code : "failed";
    const wait = Math.min(FIRST_WAIT * 2 ** failures, LONGEST_WAIT) * (0.5 + Math.random());
    failures += 1;
    say({ state: navigator.onLine ? "waiting" : "offline", code, next: Date.now() + wait });
    plan(wait);
    throw error;
  }
}

/** Send until nothing waits that has not been tried in this run; at least once, to hear the office. */
async function everything() {
  let after = 0;
  let sent = 0;
  for (;;) {
    const rows = await waiting(after, AT_ONCE);
    for (const row of rows) if (row.photograph) await upload(row.photograph);
    const told = await withLogin(() => send(rows));
    await settle(rows, told.answers);
    sent += rows.length;
    say({ sent });
    if (told.device === "revoked") {
      if (!rows.length) return shutOut();
    } else {
      await learn(told);
    }
    after = rows[rows.length - 1]?.sequence ?? after;
    if (told.device !== "revoked" && !(await waiting(after, 1)).length) return;
  }
}

/**
 * @param {OperationRow[]} rows
 * @returns {Promise<any>}
 */
async function send(rows) {
  const { identity } = session();
  const { unsent } = await counts();
  const operations = await Promise.all(rows.map(signed));
  const json = { sent_at: new Date().toISOString(), app_version: APP_VERSION, unsent, cursor: await cursor(), operations };
  const told = await ask(`${ADDRESS}sync/`, { method: "POST", token: identity.token, json });
  if (told?.answers?.length !== rows.length) throw new Fault("answer-unclear", "The office's answer was not understood.");
  return told;
}

/**
 * Sign in again if the login has run out and the browser is still signed in.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withLogin(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault) || !["device-login-expired", "device-unknown"].includes(error.code)) throw error;
    try {
      await renew();
    } catch {
      throw new Fault("login-expired", "Sign in again with a network. What was not sent is safe.");
    }
    return work();
  }
}

/** Everything of a phone that was shut out has been taken in: nothing of it stays here. */
async function shutOut() {
  await wipe({ revoked: true });
  say({ state: "closed", code: "device-revoked" });
}

/**
 * Send a photograph in parts, from where the server has it.
 * @param {string} sha
 */
async function upload(sha) {
  const blob = await picture(sha);
  if (!blob) return;
  const { token } = session().identity;
  const address = `${ADDRESS}photographs/${sha}/`;
  let { received, finished } = await withLogin(() => ask(`${address}status/`, { token }));
  for (let tries = 0; !finished && tries < 2000; tries += 1) {
    const part = blob.slice(received, received + PART);
    const range = `bytes ${received}-${received + part.size - 1}/${blob.size}`;
    const told = await ask(address, { method: "PUT", token, bytes: part, headers: { "Content-Range": range, "Content-Type": "application/octet-stream" }, also: [409] });
    received = told.received ?? 0;
    finished = told.finished ?? received >= blob.size;
  }
}

