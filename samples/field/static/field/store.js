// The store as the screens see it: joined, locked, open; reference data and drafts; wiped in a moment.

import { base, clear, read, write } from "./base.js";
import { lockKey, newDataKey, newSigningKey, open, openKey, seal } from "./crypto.js";
import { Fault } from "./faults.js";
import { uuid7 } from "./ids.js";
import { hold, isOpen, session } from "./session.js";
import { ask } from "./wire.js";

/** @typedef {import("./types.js").Row} Row */
/** @typedef {import("./types.js").Login} Login */
/** @typedef {import("./types.js").Identity} Identity */

export const APP_VERSION = "1";
const DAY = 86_400_000;
/** wrong PINs before one has to wait: 30 s, 1 min, 2 min … at most an hour */
const FREE_TRIES = 5;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 3_600_000;
const SHORTEST_PIN = 6;

/** @type {Map<string, Map<string, Row>>} */
const known = new Map();

/** @returns {Promise<Login | undefined>} */
const login = () => read("keys", "login");

/** @returns {Promise<import("./types.js").StoreState>} */
export async function state() {
  const told = await login();
  if (told?.revoked) return "revoked";
  if (!(await read("keys", "lock"))) return "new";
  if (!isOpen()) return "locked";
  return told && Math.max(Date.now(), told.seenAt) > told.offlineUntil ? "expired" : "open";
}

/** @param {string} pin */
function checkPin(pin) {
  if ([...pin].length < SHORTEST_PIN) throw new Fault("pin-weak", `A PIN has at least ${SHORTEST_PIN} digits.`);
  if (new Set(pin).size < 3 || "01234567890 09876543210".includes(pin)) throw new Fault("pin-weak", "Choose a PIN that nobody would try first.");
}

/**
 * Join: this phone becomes one of the person who is signed in.
 * @param {{name: string, pin: string}} given
 */
export async function enrol({ name, pin }) {
  checkPin(pin);
  if ((await state()) !== "new") throw new Fault("device-known", "This phone has joined already.");
  await navigator.storage?.persist?.();
  const [key, signing, id] = [await newDataKey(), await newSigningKey(), uuid7()];
  const told = await join({ id, name, publicKey: signing.publicKey });
  const identity = identityOf(told, { id, name }, signing);
  const lock = await lockKey(key, pin);
  const sealed = await seal(key, identity);
  await write(["keys", "values"], (tx) => {
    tx.objectStore("keys").put(lock, "lock");
    tx.objectStore("keys").put(loginOf(told), "login");
    tx.objectStore("keys").put(0, "sequence");
    tx.objectStore("values").put(sealed, "identity");
  });
  hold({ key: await openKey(lock, pin), identity });
}

/**
 * @param {{id: string, name: string, publicKey: string}} device
 * @returns {Promise<any>} what the server says of the login
 */
async function join({ id, name, publicKey }) {
  const who = await ask("/api/v1/field/devices/", { session: true });
  const body = { id, name, public_key: publicKey, app_version: APP_VERSION };
  return ask("/api/v1/field/devices/", { method: "POST", session: true, csrf: who.csrf_token, json: body });
}

/**
 * @param {any} told
 * @param {{id: string, name: string}} device
 * @param {{seed: string, publicKey: string}} signing
 * @returns {Identity}
 */
function identityOf(told, device, signing) {
  const { token, person, organisations, server_key: serverKey } = told;
  return { token, person, organisations, device, serverKey, ...signing };
}

/**
 * @param {any} told
 * @returns {Login}
 */
function loginOf(told) {
  const now = Date.now();
  const offlineDays = Number(told.offline_days);
  const clockOffset = Math.round((now - Date.parse(told.server_time)) / 1000);
  return { offlineDays, offlineUntil: now + offlineDays * DAY, seenAt: now, lastSync: null, clockOffset, revoked: false };
}

/**
 * Open the store for as long as this page lives.
 * @param {string} pin
 */
export async function unlock(pin) {
  const lock = await read("keys", "lock");
  if (!lock) throw new Fault("not-joined", "This phone has not joined yet.");
  await mayTry();
  let key;
  try {
    key = await openKey(lock, pin);
  } catch (error) {
    await tried();
    throw error;
  }
  await write(["keys"], (tx) => void tx.objectStore("keys").delete("tries"));
  hold({ key, identity: await open(key, await read("values", "identity")) });
  if ((await state()) === "expired" && navigator.onLine) await renew().catch(() => undefined);
}

/** Wait longer after each wrong PIN; the waits outlive the page. */
async function mayTry() {
  const tries = await read("keys", "tries");
  if (!tries || tries.until <= Date.now()) return;
  // A clock that was put back makes nobody wait longer than the longest wait.
  if (tries.until - Date.now() > LONGEST_WAIT) return;
  throw new Fault("try-later", "Too many wrong PINs.", tries.until);
}

async function tried() {
  const before = await read("keys", "tries");
  const failures = (before?.failures ?? 0) + 1;
  const wait = failures < FREE_TRIES ? 0 : Math.min(FIRST_WAIT * 2 ** (failures - FREE_TRIES), LONGEST_WAIT);
  const tries = { failures, since: before?.since ?? Date.now(), until: Date.now() + wait };
  await write(["keys"], (tx) => void tx.objectStore("keys").put(tries, "tries"));
}

/** Sign in again with the same key: the login holds anew, everything that was kept stays. */
export async function renew() {
  const { key, identity } = session();
  const { device, publicKey, seed } = identity;
  const told = await join({ ...device, publicKey });
  if (told.person.id !== identity.person.id) throw new Fault("device-known", "This phone is another person's.");
  const fresh = identityOf(told, device, { seed, publicKey });
  const sealed = await seal(key, fresh);
  await write(["keys", "values"], (tx) => {
    tx.objectStore("keys").put(loginOf(told), "login");
    tx.objectStore("values").put(sealed, "identity");
  });
  hold({ key, identity: fresh });
}

/** Forget the key; what is kept stays, unreadable. */
export function lock() {
  hold(null);
  known.clear();
  for (const forget of forgetting) forget();
}

/** @type {(() => void)[]} what else holds something readable */
const forgetting = [];

/** @param {() => void} forget */
export const onLock = (forget) => void forgetting.push(forget);

/**
 * @param {string} old
 * @param {string} fresh
 */
export async function changePin(old, fresh) {
  checkPin(fresh);
  await mayTry();
  let key;
  try {
    key = await openKey(await read("keys", "lock"), old, true);
  } catch (error) {
    await tried();
    throw error;
  }
  const made = await lockKey(key, fresh);
  await write(["keys"], (tx) => {
    tx.objectStore("keys").put(made, "lock");
    tx.objectStore("keys").delete("tries");
  });
}

/**
 * Destroy what is on this phone: first the wrapped key, without which the rest is noise, then the rest.
 * @param {{revoked?: boolean}} [why]
 */
export async function wipe(why = {}) {
  const noise = crypto.getRandomValues(new Uint8Array(48));
  await write(["keys"], (tx) => {
    tx.objectStore("keys").put(noise, "lock");
    tx.objectStore("keys").delete("lock");
  });
  lock();
  await clear();
  if (why.revoked) {
    const gone = { offlineDays: 0, offlineUntil: 0, seenAt: Date.now(), lastSync: null, clockOffset: 0, revoked: true };
    await write(["keys"], (tx) => void tx.objectStore("keys").put(gone, "login"));
  }
}

// --- What the office told -------------------------------------------------------------------------

/**
 * @param {string} kind
 * @returns {Promise<Map<string, Row>>}
 */
async function rows(kind) {
  const held = known.get(kind);
  if (held) return held;
  const sealed = await read("values", `ref:${kind}`);
  const found = sealed ? await open(session().key, sealed) : [];
  const map = new Map(found.map((/** @type {Row} */ row) => [row.id, row]));
  known.set(kind, map);
  return map;
}

/**
 * @param {string} kind
 * @returns {Promise<Row[]>}
 */
export const ref = async (kind) => [...(await rows(kind)).values()];

/**
 * @param {string} kind
 * @param {string} id
 * @returns {Promise<Row | undefined>}
 */
export const find = async (kind, id) => (await rows(kind)).get(id);

/** @returns {Promise<string>} how far the office's news are known; "" from the beginning */
export async function cursor() {
  const sealed = await read("values", "cursor");
  return sealed ? open(session().key, sealed) : "";
}

/**
 * Keep what the office tells, and that it was met.
 * @param {{cursor: string, full: boolean, changes: Record<string, Row[]>, server_time: string}} told
 */
export async function learn({ cursor: next, full, changes, server_time: serverTime }) {
  const { key } = session();
  /** @type {[string, any][]} */
  const sealed = [];
  for (const [kind, news] of Object.entries(changes)) {
    const map = full ? new Map() : new Map(await rows(kind));
    for (const row of news) row["gone"] ? map.delete(row.id) : map.set(row.id, row);
    known.set(kind, map);
    sealed.push([`ref:${kind}`, await seal(key, [...map.values()])]);
  }
  if (next) sealed.push(["cursor", await seal(key, next)]);
  const told = await login();
  const now = Date.now();
  const seen = told && { ...told, seenAt: now, lastSync: now, offlineUntil: now + told.offlineDays * DAY, clockOffset: Math.round((now - Date.parse(serverTime)) / 1000) };
  await write(["keys", "values"], (tx) => {
    if (seen) tx.objectStore("keys").put(seen, "login");
    for (const [name, value] of sealed) tx.objectStore("values").put(value, name);
  });
}

/** @returns {Promise<import("./types.js").Meta>} */
export async function meta() {
  const { identity } = session();
  const told = await login();
  const { person, organisations, device } = identity;
  return { person, organisations, device, offlineUntil: told?.offlineUntil ?? 0, lastSync: told?.lastSync ?? null, clockOffset: told?.clockOffset ?? 0 };
}

// --- Drafts ---------------------------------------------------------------------------------------

/** @type {Promise<unknown>} drafts are written one after the other: the last keystroke wins */
let writing = Promise.resolve();

/**
 * @param {string} key
 * @param {unknown} value
 */
export function saveDraft(key, value) {
  const done = writing.then(async () => {
    const sealed = await seal(session().key, value);
    await write(["drafts"], (tx) => void tx.objectStore("drafts").put(sealed, key));
  });
  writing = done.catch(() => undefined);
  return done;
}

/**
 * @param {string} key
 * @returns {Promise<any>}
 */
export async function draft(key) {
  await writing;
  const sealed = await read("drafts", key);
  return sealed ? open(session().key, sealed) : undefined;
}

/** @param {string} key */
export function dropDraft(key) {
  const done = writing.then(() => write(["drafts"], (tx) => void tx.objectStore("drafts").delete(key)));
  writing = done.catch(() => undefined);
  return done;
}

/** @returns {Promise<import("./types.js").Room>} */
export async function room() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const persisted = (await navigator.storage?.persisted?.()) ?? false;
  const told = /** @type {any} */ (navigator);
  const battery = await told.getBattery?.().catch(() => null);
  return { usage, quota, persisted, battery: battery ? { level: battery.level, charging: battery.charging } : null };
}

export { base };
