// Asking the server: JSON, with its problems (RFC 9457) as faults that carry their code.

import { Fault } from "./faults.js";

const PATIENCE = 60_000;

/**
 * @typedef {object} Asking
 * @property {string} [method]
 * @property {boolean} [session] by the browser's own sign-in
 * @property {string} [csrf]
 * @property {string} [token] the device's
 * @property {unknown} [json]
 * @property {Blob} [bytes]
 * @property {Record<string, string>} [headers]
 * @property {number[]} [also] states besides 2xx whose answer is returned
 */

/**
 * @param {string} address
 * @param {Asking} how
 * @returns {Promise<any>}
 */
export async function ask(address, { method = "GET", session = false, csrf, token, json, bytes, headers = {}, also = [] }) {
  /** @type {Record<string, string>} */
  const told = { Accept: "application/json", ...headers };
  if (csrf) told["X-CSRFToken"] = csrf;
  if (token) told["Authorization"] = `Device ${token}`;
  if (json !== undefined) told["Content-Type"] = "application/json";
  const body = json === undefined ? (bytes ?? null) : JSON.stringify(json);
  let answer;
  let said;
  try {
    answer = await fetch(address, { method, headers: told, body, credentials: session ? "same-origin" : "omit", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    said = await answer.text();
  } catch {
    throw new Fault("network", "No network.");
  }
  const read = parsed(said);
  if (answer.ok || also.includes(answer.status)) return read;
  if (session && [401, 403].includes(answer.status)) throw new Fault("sign-in-needed", "Sign in first.");
  throw new Fault(read?.code ?? `http-${answer.status}`, read?.problems?.[0]?.message ?? read?.title ?? "That did not work.");
}

/**
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
