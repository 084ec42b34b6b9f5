// What the screens know and do: the store, the outbox and the sending, in one place; and what is derived from them.

import * as outbox from "../outbox.js";
import * as store from "../store.js";

export { changePin, draft, dropDraft, enrol, find, lock, meta, ref, saveDraft, state, unlock, wipe } from "../store.js";
export { add, again, correct, counts, list, operation, thumbnail } from "../outbox.js";
export { sealSecret } from "../crypto.js";
export { exportFile } from "../carry.js";
export { prepare } from "../photographs.js";
export { uuid7 } from "../ids.js";

/** @typedef {import("../types.js").Row} Row */

/** states of a record that the server has not taken yet */
const UNSENT = ["kept", "sent"];
/** what the next form begins with */
const DEFAULTS = "defaults";

/** @returns {Promise<Row[]>} bags known here: the office's and those only on this phone */
export const samples = () => outbox.local("samples");
/** @returns {Promise<Row[]>} */
export const consignments = () => outbox.local("consignments");

/** @returns {Promise<{usage: number, free: string, battery: number | null}>} how much the phone can still keep, and how long it lives */
export async function room() {
  const { usage, quota, battery } = await store.room();
  const free = Math.max(0, quota - usage);
  const words = free >= 1e9 ? `${(free / 1e9).toFixed(1)}\u00a0GB` : `${Math.round(free / 1e6)}\u00a0MB`;
  return { usage, free: quota ? words : "", battery: battery ? Math.round(battery.level * 100) : null };
}

/**
 * @param {string} id
 * @returns {Promise<Row | undefined>}
 */
export const sample = async (id) => (await samples()).find((one) => one.id === id);

/**
 * @param {string} tag as code
 * @returns {Promise<Row | undefined>}
 */
export const sampleByTag = async (tag) => (await samples()).find((one) => one["tag"] === tag);

/** @param {string} id */
export const consignment = async (id) => (await consignments()).find((one) => one.id === id);

/** @returns {Promise<Record<string, any>>} batch, site, scale, collector … of the last record */
export const defaults = async () => (await store.draft(DEFAULTS)) ?? {};

/** @param {Record<string, any>} values */
export const keepDefaults = async (values) => store.saveDraft(DEFAULTS, { ...(await defaults()), ...values });

/** @returns {Promise<Row[]>} batches that may still take samples, of the person's own organisations */
export async function openBatches() {
  const [batches, { organisations }] = await Promise.all([store.ref("batches"), store.meta()]);
  const mine = new Set(organisations.map((one) => one.id));
  return batches.filter((one) => one["state"] === "OPEN" && mine.has(one["owner"]));
}

/**
 * How far a batch is: what the office counted and what only this phone has.
 * @param {Row} batch
 * @param {Row[]} bags
 */
export function progress(batch, bags) {
  const here = bags.filter((one) => one["batch"] === batch.id);
  const unsent = here.filter((one) => UNSENT.includes(one["phone"]));
  const today = new Date().toDateString();
  const fresh = here.filter((one) => one["made_at"] && new Date(one["made_at"]).toDateString() === today);
  const total = (/** @type {Row[]} */ rows) => rows.reduce((sum, one) => sum + Number(one["mass_g"] ?? 0), 0);
  const plan = batch["plan"];
  const sites = (plan?.sites ?? []).map((/** @type {any} */ site) => {
    const added = unsent.filter((one) => (one["site"] ?? "").toLowerCase() === site.name.toLowerCase()).length;
    return { name: site.name, planned: site.planned, registered: site.registered + added };
  });
  return {
    bags: here.length,
    mass_g: total(here),
    today: fresh.length,
    today_g: total(fresh),
    planned: plan?.planned_number ?? null,
    registered: (plan?.registered ?? 0) + unsent.length,
    sites,
  };
}

/** @returns {Promise<string[]>} tags given to this person that are on no bag yet, in order */
export async function freeTags() {
  const [blocks, bags] = await Promise.all([store.ref("tag_blocks"), samples()]);
  const used = new Set(bags.map((one) => one["tag"]));
  return blocks.flatMap((block) => block["tags"] ?? []).filter((code) => !used.has(code)).sort();
}

/**
 * Leave out what says nothing.
 * @param {Record<string, any>} body
 */
export function lean(body) {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== "" && value !== null && value !== undefined));
}

/** @returns {Promise<[string, string][]>} scales as choices, with the day of their check */
export async function scaleChoices() {
  const today = new Date().toLocaleDateString("sv-SE");
  const scales = await store.ref("scales");
  return scales.map((one) => [one.id, one["checked_on"] === today ? `${one["name"]} ✓` : one["name"]]);
}

/**
 * @param {string} scale id
 * @returns {Promise<boolean>} whether the scale had its check today
 */
export async function scaleChecked(scale) {
  const found = await store.find("scales", scale);
  return found?.["checked_on"] === new Date().toLocaleDateString("sv-SE");
}
