// The outbox: every act that was recorded here, signed at once, and what the server said of it. Nothing leaves it before
// the server has acknowledged it.

import { base, read, write } from "./base.js";
import { open, openBytes, seal, sealBytes, sha256, sign, utf8 } from "./crypto.js";
import { Fault } from "./faults.js";
import { uuid7 } from "./ids.js";
import { prepare } from "./photographs.js";
import { session } from "./session.js";
import { onLock, ref } from "./store.js";

/** @typedef {import("./types.js").Kept} Kept */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").Body} Body */
/** @typedef {import("./types.js").Row} Row */
/** @typedef {import("./types.js").OperationState} OperationState */
/** @typedef {import("./types.js").OperationRow} OperationRow */
/** @typedef {{bytes: Uint8Array<ArrayBuffer>, sha256: string, type: string, taken_at?: string}} Bytes */
/** @typedef {{kind: Kind, body: Body, photograph?: Bytes, replaces?: string}} Act */

/** what stands where an outsider's name or document was: it cannot be read back on this phone */
export const HIDDEN = "•••";
const OUTSIDERS = ["to_name", "to_document", "witnesses"];
/** cards of what arrived stay so long */
const CARDS_KEPT = 7 * 86_400_000;
/** refusals that the sending tries again by itself */
export const AWAITING = ["awaits-earlier", "photograph-awaited"];
/** @type {OperationState[]} */
const STATES = ["kept", "sent", "applied", "refused", "conflict", "quarantined", "replaced"];

const news = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("lims-field");
/** @type {Promise<Kept[]> | null} what was opened of the outbox, in sequence; forgotten when another tab wrote */
let cache = null;
/** @type {Set<() => void>} */
const listeners = new Set();

onLock(() => (cache = null));
news?.addEventListener("message", () => {
  cache = null;
  for (const tell of listeners) tell();
});

/**
 * Hear of every change of the outbox.
 * @param {() => void} tell
 */
export const onChange = (tell) => void listeners.add(tell);

function changed() {
  cache = null;
  news?.postMessage("changed");
  for (const tell of listeners) tell();
}

// --- In -------------------------------------------------------------------------------------------

/**
 * Keep an act, with its photographs, in one transaction: all of it is on the disk when this returns.
 * @param {Kind} kind
 * @param {Body} body
 * @param {import("./types.js").AddOptions & {signature?: Blob}} [options]
 * @returns {Promise<{id: string, state: OperationState}>}
 */
export async function add(kind, body, { photographs = [], drafts = [], signature } = {}) {
  const pictures = await Promise.all(photographs.map(made));
  return keep(await actsOf(kind, body, pictures, signature), drafts, kind);
}

/**
 * @param {import("./types.js").Picture} picture
 * @returns {Promise<Bytes>}
 */
async function made(picture) {
  const given = picture instanceof Blob ? await prepare(picture) : picture;
  const bytes = new Uint8Array(await given.blob.arrayBuffer());
  return { bytes, sha256: await sha256(bytes), type: given.blob.type, ...(given.taken_at ? { taken_at: given.taken_at } : {}) };
}

/**
 * Return an act and those of its photographs, in the order in which the server must hear of them.
 * @param {Kind} kind
 * @param {Body} body
 * @param {Bytes[]} pictures
 * @param {Blob} [signature] drawn on the screen
 * @returns {Promise<Act[]>}
 */
async function actsOf(kind, body, pictures, signature) {
  /** @type {Act} */
  const act = { kind, body: { ...body } };
  if (signature) {
    const bytes = new Uint8Array(await signature.arrayBuffer());
    act.photograph = { bytes, sha256: await sha256(bytes), type: signature.type };
    act.body["confirmation"] = { how: "SIGNATURE", ...act.body["confirmation"], signature_sha256: act.photograph.sha256 };
  }
  const of = targetOf(kind, act.body);
  const shown = pictures.map((photograph) => {
    const id = uuid7();
    /** @type {Act} */
    const added = { kind: "add_photograph", photograph, body: { photograph_id: id, sha256: photograph.sha256, of } };
    if (photograph.taken_at) added.body["taken_at"] = photograph.taken_at;
    return added;
  });
  if (kind !== "replace_tag") return [act, ...shown];
  // A replaced tag names its photograph: that one goes first.
  if (shown[0]) act.body["photograph_id"] = shown[0].body["photograph_id"];
  return [...shown, act];
}

/**
 * @param {Kind} kind
 * @param {Body} body
 * @returns {Record<string, string>} what a photograph of this act shows
 */
function targetOf(kind, body) {
  if (kind === "register_sample") return { sample: body["sample_id"] };
  if (kind === "replace_tag") return { sample: body["sample"] };
  if (kind === "report_incident") return { incident: body["incident_id"] };
  return { event: body["event_id"] };
}

/**
 * Number, sign, seal and write acts. Two tabs never take the same number.
 * @param {Act[]} acts
 * @param {string[]} drafts
 * @param {Kind} main
 * @param {(tx: any, first: number) => void} [besides]
 * @returns {Promise<{id: string, state: OperationState}>}
 */
async function keep(acts, drafts, main, besides) {
  return await navigator.locks.request("lims-field-sequence", async () => {
    const first = ((await read("keys", "sequence")) ?? 0) + 1;
    const rows = await Promise.all(acts.map((act, place) => rowOf(act, first + place)));
    const pictures = await Promise.all(acts.map((act, place) => pictureOf(act, first + place)));
    await write(["keys", "operations", "photographs", "drafts"], (tx) => {
      for (const row of rows) tx.objectStore("operations").put(row);
      for (const picture of pictures) if (picture) tx.objectStore("photographs").put(picture);
      for (const draft of drafts) tx.objectStore("drafts").delete(draft);
      tx.objectStore("keys").put(first + acts.length - 1, "sequence");
      besides?.(tx, first);
    });
    changed();
    const place = acts.findIndex((act) => act.kind === main);
    const row = rows[place];
    if (!row) throw new Fault("nothing-kept", "Nothing was kept.");
    return { id: row.id, state: row.state };
  });
}

/**
 * @param {Act} act
 * @param {number} sequence
 * @returns {Promise<OperationRow>}
 */
async function rowOf({ kind, body, photograph, replaces }, sequence) {
  const { key, identity } = session();
  const id = uuid7();
  const told = { id, device: identity.device.id, sequence, kind, made_at: new Date().toISOString(), body, ...(replaces ? { replaces } : {}) };
  const payload = JSON.stringify(told);
  const content = { payload, signature: await sign(identity.seed, utf8(payload)) };
  const sealed = await seal(key, content);
  /** @type {OperationRow} */
  const row = { sequence, id, state: "kept", waiting: sequence, size: sealed.data.byteLength, kept_at: Date.now(), sealed };
  if (photograph) row.photograph = photograph.sha256;
  return row;
}

/**
 * @param {Act} act
 * @param {number} sequence
 */
async function pictureOf({ photograph }, sequence) {
  if (!photograph) return null;
  const { key } = session();
  const { bytes, sha256: id } = photograph;
  return { id, sequence, size: bytes.length, type: photograph.type, sealed: await sealBytes(key, bytes) };
}

/**
 * Send a corrected record in the place of one that was refused.
 * @param {string} id
 * @param {Body} body
 */
export async function correct(id, body) {
  const db = await base();
  const old = await db.getFromIndex("operations", "id", id);
  if (!old || old.state !== "refused") throw new Fault("not-refused", "Only a refused record is corrected.");
  const before = await contentOf(old);
  const whole = filled(body, before.body);
  /** @type {Act} */
  const act = { kind: before.kind, body: whole, replaces: id };
  return keep([act], [], before.kind, (tx, first) => tx.objectStore("operations").put({ ...old, state: "replaced", replaced_by: first }));
}

/**
 * Put back what the screen does not show.
 * @param {Body} given
 * @param {Body} before
 */
function filled(given, before) {
  const whole = { ...given };
  for (const name of OUTSIDERS) if (JSON.stringify(whole[name] ?? "").includes(HIDDEN)) whole[name] = before[name];
  return whole;
}

/**
 * Try a refused record again as it is.
 * @param {string} id
 */
export async function again(id) {
  const db = await base();
  const row = await db.getFromIndex("operations", "id", id);
  if (row?.state !== "refused") return;
  const { answer: _, answered_at: __, ...rest } = row;
  await write(["operations"], (tx) => tx.objectStore("operations").put({ ...rest, state: "kept", waiting: row.sequence }));
  changed();
}

// --- Looked at ------------------------------------------------------------------------------------

/**
 * @param {OperationRow} row
 * @returns {Promise<{id: string, kind: Kind, made_at: string, body: Body}>}
 */
async function contentOf(row) {
  const content = await open(session().key, row.sealed);
  return content.card ?? JSON.parse(content.payload);
}

/**
 * @param {OperationRow} row
 * @returns {Promise<Kept>}
 */
async function kept(row) {
  const { kind, made_at, body } = await contentOf(row);
  const answer = row.answer ? await open(session().key, row.answer) : null;
  const { id, sequence, state, kept_at } = row;
  return { id, sequence, kind, state, made_at, body: covered(body), answer, kept_at, answered_at: row.answered_at ?? null, photograph: row.photograph ?? null };
}

/**
 * @param {Body} body
 * @returns {Body} without names and documents of outsiders
 */
function covered(body) {
  const shown = { ...body };
  for (const name of OUTSIDERS) if (shown[name]) shown[name] = name === "witnesses" ? shown[name].map(() => ({ name: HIDDEN, document: HIDDEN })) : HIDDEN;
  return shown;
}

/** @returns {Promise<Kept[]>} everything, in sequence */
function all() {
  cache ??= (async () => {
    const rows = await (await base()).getAll("operations");
    return Promise.all(rows.map(kept));
  })().catch((error) => {
    cache = null;
    throw error;
  });
  return cache;
}

/**
 * @param {{state?: OperationState | OperationState[], kind?: Kind, before?: number, limit?: number}} [which]
 * @returns {Promise<Kept[]>} the newest first
 */
export async function list({ state, kind, before = Infinity, limit = 50 } = {}) {
  const states = state === undefined ? null : [state].flat();
  const found = [];
  const rows = await all();
  for (let place = rows.length - 1; place >= 0 && found.length < limit; place -= 1) {
    const row = /** @type {Kept} */ (rows[place]);
    const fits = row.sequence < before && row.state !== "replaced" && (!kind || row.kind === kind);
    if (fits && (!states || states.includes(row.state))) found.push(row);
  }
  return found;
}

/**
 * @param {string} id
 * @returns {Promise<Kept | null>}
 */
export const operation = async (id) => (await all()).find((one) => one.id === id) ?? null;

/** @returns {Promise<import("./types.js").Counts>} without opening anything: it works while the phone is locked */
export async function counts() {
  const db = await base();
  const tx = db.transaction("operations");
  const index = tx.store.index("state");
  const numbers = await Promise.all(STATES.map((state) => index.count(state)));
  const first = await tx.store.index("waiting").openCursor();
  const byState = /** @type {Record<OperationState, number>} */ (Object.fromEntries(STATES.map((state, place) => [state, numbers[place]])));
  return { unsent: byState.kept + byState.sent, oldest: first?.value.kept_at ?? null, refused: byState.refused, byState };
}

/**
 * @param {string} id of an operation
 * @returns {Promise<Blob | null>} its photograph, while the bytes are here
 */
export async function thumbnail(id) {
  const rows = await all();
  const of = rows.find((one) => one.id === id);
  if (!of) return null;
  const shows = targetOf(of.kind, of.body);
  const same = JSON.stringify(shows);
  const one = of.photograph ? of : rows.find((row) => row.kind === "add_photograph" && row.photograph && JSON.stringify(row.body["of"]) === same);
  return one?.photograph ? picture(one.photograph) : null;
}

/**
 * @param {string} sha
 * @returns {Promise<Blob | null>}
 */
export async function picture(sha) {
  const row = await read("photographs", sha);
  return row ? new Blob([await openBytes(session().key, row.sealed)], { type: row.type }) : null;
}

// --- What this phone knows beyond the office -------------------------------------------------------

/**
 * Rows of the office together with what is only on this phone, the newest first.
 * @param {"samples" | "consignments"} kind
 * @returns {Promise<Row[]>}
 */
export async function local(kind) {
  const [told, rows] = [await ref(kind), await all()];
  const here = rows.filter((row) => row.state !== "replaced");
  return kind === "samples" ? samples(told, here) : consignments(told, here, await samples(await ref("samples"), here));
}

/**
 * @param {Row[]} told
 * @param {Kept[]} rows
 * @returns {Row[]}
 */
function samples(told, rows) {
  /** @type {Map<string, Row>} */
  const found = new Map(told.map((row) => [row.id, { phone: "", operation: null, made_at: "", ...row }]));
  for (const { kind, body, state, id, made_at } of rows) {
    if (kind === "register_sample") {
      const { sample_id: sample, batch, tag, mass_g, site = "" } = body;
      const before = found.get(sample);
      const own = { phone: state, operation: id, made_at };
      found.set(sample, before ? { ...before, ...own } : { id: sample, batch, tag, mass_g, site, seal: null, sealed_mass_g: null, state: "REGISTERED", ...own });
    }
    const bag = found.get(body["sample"] ?? "");
    if (!bag || state === "refused" || state === "conflict") continue;
    if (kind === "seal_sample" || kind === "reseal_bag") Object.assign(bag, { seal: [body["maker"], body["number"]], sealed_mass_g: body["mass_g"] });
    if (kind === "open_bag") bag["seal"] = null;
    if (kind === "replace_tag") bag["tag"] = body["new_tag"];
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * @param {Row[]} told
 * @param {Kept[]} rows
 * @param {Row[]} bags
 * @returns {Row[]}
 */
function consignments(told, rows, bags) {
  const by = new Map(bags.map((bag) => [bag.id, bag]));
  /** @type {Map<string, Row>} */
  const found = new Map(told.map((row) => [row.id, { phone: "", operation: null, ...structuredClone(row) }]));
  for (const row of rows) {
    const { kind, body, state, id, made_at, answer } = row;
    if (kind === "start_consignment") {
      const { consignment_id: made, owner, carrier, destination, route = null } = body;
      const before = found.get(made);
      found.set(made, before ? { ...before, phone: state, operation: id } : { id: made, code: answer?.result?.["code"] ?? "", state: "PACKING", owner, carrier, destination, route, items: [], legs: [], papers: [], dose: false, phone: state, operation: id, made_at });
    }
    const one = found.get(body["consignment"] ?? "");
    if (!one || state === "refused" || state === "conflict") continue;
    if (kind === "split_consignment") {
      // A phone that is busy sending hears of it a minute later: until then this stands for it.
      const part = found.get(body["consignment_id"]) ?? partOf(one, row);
      found.set(part.id, { ...part, phone: state, operation: id, made_at });
    }
    happen(one, row, by);
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * What a split makes: the bags that go, on the road as a consignment of their own, until the server tells it.
 * @param {Row} one the consignment that they leave
 * @param {Kept} act
 * @returns {Row}
 */
function partOf(one, { body, answer }) {
  const goes = new Set(body["samples"] ?? []);
  const going = /** @type {Row[]} */ (one["items"] ?? []).filter((item) => goes.has(item["sample"]));
  const items = going.map((item) => ({ ...item, state: "PACKED" }));
  const code = answer?.result?.["code"] ?? "";
  return { ...one, id: body["consignment_id"], code, state: "DISPATCHED", items, legs: structuredClone(one["legs"] ?? []) };
}

/**
 * What an act that waits here will have made of a consignment.
 * @param {Row} one
 * @param {Kept} act
 * @param {Map<string, Row>} bags
 */
function happen(one, { kind, body }, bags) {
  const items = /** @type {Row[]} */ (one["items"] ?? (one["items"] = []));
  if (kind === "pack") {
    for (const sample of body["samples"] ?? []) {
      if (items.some((item) => item["sample"] === sample)) continue;
      const bag = bags.get(sample);
      items.push({ id: sample, sample, tag: bag?.["tag"] ?? "", sealed_mass_g: bag?.["sealed_mass_g"] ?? null, seal: bag?.["seal"] ?? null, state: "PACKED" });
    }
  }
  if (kind === "unpack") one["items"] = items.filter((item) => item["sample"] !== body["sample"]);
  if (kind === "record_document") one["papers"] = [...new Set([...(one["papers"] ?? []), body["kind"]])];
  if (kind === "record_dose_rate") one["dose"] = true;
  if (kind === "dispatch") one["state"] = "DISPATCHED";
  if (kind === "receive_bag") {
    const item = items.find((each) => each["tag"] === body["tag"]);
    if (item) item["state"] = "RECEIVED";
  }
  if (kind === "split_consignment") one["items"] = items.filter((item) => !(body["samples"] ?? []).includes(item["sample"]));
}

// --- Out ------------------------------------------------------------------------------------------

/**
 * @param {number} after sequence
 * @param {number} most
 * @returns {Promise<OperationRow[]>} what waits for the server, in its order
 */
export async function waiting(after, most) {
  const db = await base();
  return db.getAllFromIndex("operations", "waiting", IDBKeyRange.lowerBound(after, true), most);
}

/**
 * @param {OperationRow} row
 * @returns {Promise<{payload: string, signature: string}>}
 */
export async function signed(row) {
  const { payload, signature } = await open(session().key, row.sealed);
  return { payload, signature };
}

/**
 * Keep what the server said, of all of these in one transaction. What it has taken leaves only a card.
 * @param {OperationRow[]} rows
 * @param {import("./types.js").Answer[]} answers in the same order
 */
export async function settle(rows, answers) {
  const { key } = session();
  const now = Date.now();
  const after = await Promise.all(
    rows.map(async (row, place) => {
      const answer = /** @type {import("./types.js").Answer} */ (answers[place]);
      const state = stateOf(answer);
      const told = await seal(key, answer);
      if (state === "kept") return { ...row, state, sent_at: now, answer: told };
      const { waiting: _, ...rest } = row;
      if (state === "refused") return { ...rest, state, answered_at: now, answer: told };
      const { photograph: __, ...bare } = rest;
      const { id, kind, made_at, body } = await contentOf(row);
      return { ...bare, state, answered_at: now, answer: told, sealed: await seal(key, { card: { id, kind, made_at, body: covered(body) } }) };
    }),
  );
  const gone = rows.flatMap((row, place) => (row.photograph && !["kept", "refused"].includes(stateOf(/** @type {any} */ (answers[place]))) ? [row.photograph] : []));
  await write(["operations", "photographs"], (tx) => {
    for (const row of after) tx.objectStore("operations").put(row);
    for (const sha of gone) tx.objectStore("photographs").delete(sha);
  });
  changed();
}

/**
 * @param {import("./types.js").Answer} answer
 * @returns {OperationState}
 */
function stateOf({ answer, code }) {
  if (answer === "applied" || answer === "duplicate") return "applied";
  if (answer === "rejected") return AWAITING.includes(code) ? "kept" : "refused";
  return answer;
}

/** Take away cards of what arrived a week ago, and the corrected records' first versions with them. */
export async function tidy() {
  const db = await base();
  const before = Date.now() - CARDS_KEPT;
  const old = (await db.getAllFromIndex("operations", "state", "applied")).filter((/** @type {OperationRow} */ row) => (row.answered_at ?? 0) < before);
  if (!old.length) return;
  await write(["operations"], (tx) => {
    for (const row of old) tx.objectStore("operations").delete(row.sequence);
  });
  changed();
}
