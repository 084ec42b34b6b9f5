// Carried by hand: the outbox as files that only the server can open, signed by this phone. Uploading one has the same
// effect as sending; coming by both ways does no harm.

import { encoded, envelope, sha256, sign, utf8 } from "./crypto.js";
import { Fault } from "./faults.js";
import { picture, signed, waiting } from "./outbox.js";
import { session } from "./session.js";

const MOST = 1000;
const MOST_BYTES = 24_000_000;

/** @returns {Promise<{blob: Blob, name: string}[]>} the outbox, in as many files as it needs */
export async function exportFile() {
  /** @type {{blob: Blob, name: string}[]} */
  const files = [];
  const day = new Date().toISOString().slice(0, 16).replaceAll(":", "");
  for (let after = 0; ; ) {
    const { operations, photographs, last } = await some(after);
    if (!operations.length) break;
    after = last;
    const name = `outbox_${day}_${files.length + 1}.lims`;
    files.push({ blob: await sealed(operations, photographs), name });
  }
  if (!files.length) throw new Fault("nothing-waits", "Nothing waits: every record has arrived.");
  return files;
}

/**
 * @param {number} after sequence
 * @returns {Promise<{operations: object[], photographs: {sha256: string, base64: string}[], last: number}>}
 */
async function some(after) {
  const operations = [];
  const photographs = [];
  let bytes = 0;
  let last = after;
  for (const row of await waiting(after, MOST)) {
    const blob = row.photograph ? await picture(row.photograph) : null;
    if (operations.length && bytes + (blob?.size ?? 0) > MOST_BYTES) break;
    operations.push(await signed(row));
    if (blob && row.photograph) photographs.push({ sha256: row.photograph, base64: await base64(blob) });
    bytes += blob?.size ?? 0;
    last = row.sequence;
  }
  return { operations, photographs, last };
}

/**
 * @param {object[]} operations
 * @param {object[]} photographs
 */
async function sealed(operations, photographs) {
  const { identity } = session();
  const plain = { device: identity.device.id, made_at: new Date().toISOString(), operations, photographs };
  const made = await envelope(identity.serverKey, "lims-outbox-1", utf8(JSON.stringify(plain)));
  const digest = await sha256(made.ciphertext);
  const raw = Uint8Array.from(digest.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const file = {
    format: "lims-outbox-1",
    device: identity.device.id,
    ephemeral: made.ephemeral,
    nonce: made.nonce,
    ciphertext: encoded(made.ciphertext),
    signature: await sign(identity.seed, raw),
  };
  return new Blob([JSON.stringify(file)], { type: "application/octet-stream" });
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>} ordinary base64
 */
async function base64(blob) {
  const url = encoded(new Uint8Array(await blob.arrayBuffer())).replaceAll("-", "+").replaceAll("_", "/");
  return url + "=".repeat((4 - (url.length % 4)) % 4);
}
