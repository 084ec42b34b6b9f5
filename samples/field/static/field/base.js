// The store on the phone: IndexedDB. Plain are only numbers, states and times; everything that says something is sealed.

import { openDB } from "./vendor/idb/index.js";
import { named } from "./faults.js";

export const NAME = "lims-field";
/** keys: plain words about lock and login. values: sealed words. */
const VERSION = 1;

/** @type {Promise<any> | null} */
let opened = null;

/** @returns {Promise<any>} the store, opened once */
export function base() {
  opened ??= openDB(NAME, VERSION, {
    upgrade(db) {
      db.createObjectStore("keys");
      db.createObjectStore("values");
      db.createObjectStore("drafts");
      const operations = db.createObjectStore("operations", { keyPath: "sequence" });
      operations.createIndex("id", "id", { unique: true });
      operations.createIndex("waiting", "waiting");
      operations.createIndex("state", "state");
      const photographs = db.createObjectStore("photographs", { keyPath: "id" });
      photographs.createIndex("sequence", "sequence");
    },
    terminated: () => (opened = null),
  });
  return opened;
}

/**
 * Write in one transaction: all of it is on the disk before this returns, or nothing.
 * @param {string[]} stores
 * @param {(tx: any) => void} work
 */
export async function write(stores, work) {
  const db = await base();
  const tx = db.transaction(stores, "readwrite", { durability: "strict" });
  /** @type {Promise<unknown>[]} */
  const asked = [];
  // What fails fails the transaction: nobody has to wait for each request by itself.
  const quiet = (/** @type {Promise<unknown>} */ one) => void asked.push(one.catch(() => undefined));
  const facade = {
    objectStore: (/** @type {string} */ name) => {
      const store = tx.objectStore(name);
      return {
        put: (/** @type {unknown} */ value, /** @type {IDBValidKey | undefined} */ key) => quiet(key === undefined ? store.put(value) : store.put(value, key)),
        delete: (/** @type {IDBValidKey} */ key) => quiet(store.delete(key)),
      };
    },
  };
  try {
    await Promise.all([work(facade), tx.done]);
    await Promise.all(asked);
  } catch (error) {
    throw named(tx.error ?? error);
  }
}

/**
 * @param {string} store
 * @param {IDBValidKey} key
 * @returns {Promise<any>}
 */
export const read = async (store, key) => (await base()).get(store, key);

/** Take everything away. */
export async function clear() {
  const db = await base();
  const stores = [...db.objectStoreNames];
  const tx = db.transaction(stores, "readwrite", { durability: "strict" });
  await Promise.all([...stores.map((name) => tx.objectStore(name).clear()), tx.done]);
}
