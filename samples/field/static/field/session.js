// What is open while the PIN holds: the data key and who this phone is. Only in memory: gone with the page.

import { Fault } from "./faults.js";

/** @typedef {{key: CryptoKey, identity: import("./types.js").Identity}} Session */

/** @type {Session | null} */
let now = null;

/** @returns {Session} what is open; a fault when nothing is */
export function session() {
  if (!now) throw new Fault("locked", "Type your PIN first.");
  return now;
}

/** @returns {boolean} */
export const isOpen = () => now !== null;

/** @param {Session | null} opened */
export function hold(opened) {
  now = opened;
}
