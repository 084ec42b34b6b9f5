// What is encrypted on the phone, signed by it, and sealed for the server. Only WebCrypto, and one small library where a
// browser has no Ed25519.
//
// At rest: AES-256-GCM under a random data key, which a key made from the PIN wraps (PBKDF2-SHA-256, 600 000 rounds).
// For the server: ECDH on P-256 with a key made for it alone, HKDF-SHA-256, AES-256-GCM.

import { Fault } from "./faults.js";
import { session } from "./session.js";

/** @typedef {import("./types.js").Sealed} Sealed */
/** @typedef {import("./types.js").Lock} Lock */

export const ROUNDS = 600_000;
/** an Ed25519 private key in PKCS#8 is this and the 32 bytes of its seed (RFC 8410) */
const PKCS8 = Uint8Array.from([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]);
const words = new TextEncoder();

/**
 * @param {ArrayBuffer | Uint8Array} bytes
 * @returns {string} base64url without padding
 */
export function encoded(bytes) {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let signs = "";
  for (let at = 0; at < view.length; at += 0x8000) signs += String.fromCharCode(...view.subarray(at, at + 0x8000));
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * @param {string} text base64url without padding
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const decoded = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

/**
 * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string>} SHA-256 in hexadecimal
 */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} pin
 * @param {Uint8Array<ArrayBuffer>} salt
 * @param {number} rounds
 * @returns {Promise<CryptoKey>} the key that wraps the data key
 */
async function keyOf(pin, salt, rounds) {
  const from = await crypto.subtle.importKey("raw", words.encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, from, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** @returns {Promise<CryptoKey>} a data key, to be locked at once */
export const newDataKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);

/**
 * Wrap a data key under a PIN.
 * @param {CryptoKey} key
 * @param {string} pin
 * @returns {Promise<Lock>}
 */
export async function lockKey(key, pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = await crypto.subtle.wrapKey("raw", key, await keyOf(pin, salt, ROUNDS), { name: "AES-GCM", iv });
  return { salt, rounds: ROUNDS, iv, wrapped };
}

/**
 * Return the data key that a PIN opens.
 * @param {Lock} lock
 * @param {string} pin
 * @param {boolean} [movable] whether it may be wrapped again
 * @returns {Promise<CryptoKey>}
 */
export async function openKey(lock, pin, movable = false) {
  const by = await keyOf(pin, lock.salt, lock.rounds);
  try {
    return await crypto.subtle.unwrapKey("raw", lock.wrapped, by, { name: "AES-GCM", iv: lock.iv }, "AES-GCM", movable, ["encrypt", "decrypt"]);
  } catch {
    throw new Fault("pin-wrong", "That is not the PIN.");
  }
}

/**
 * @param {CryptoKey} key
 * @param {BufferSource} bytes
 * @returns {Promise<Sealed>}
 */
export async function sealBytes(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

/**
 * @param {CryptoKey} key
 * @param {Sealed} sealed
 * @returns {Promise<ArrayBuffer>}
 */
export const openBytes = (key, sealed) => crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);

/**
 * @param {CryptoKey} key
 * @param {unknown} value anything that JSON can say
 */
export const seal = (key, value) => sealBytes(key, words.encode(JSON.stringify(value)));

/**
 * @param {CryptoKey} key
 * @param {Sealed} sealed
 * @returns {Promise<any>}
 */
export const open = async (key, sealed) => JSON.parse(new TextDecoder().decode(await openBytes(key, sealed)));

// --- Signing -------------------------------------------------------------------------------------

/** @returns {Promise<{seed: string, publicKey: string}>} a new signing key of this phone, base64url */
export async function newSigningKey() {
  try {
    const made = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]));
    const seed = new Uint8Array(await crypto.subtle.exportKey("pkcs8", made.privateKey)).slice(-32);
    return { seed: encoded(seed), publicKey: encoded(await crypto.subtle.exportKey("raw", made.publicKey)) };
  } catch {
    const { getPublicKeyAsync } = await import("./vendor/noble/ed25519.js");
    const seed = crypto.getRandomValues(new Uint8Array(32));
    return { seed: encoded(seed), publicKey: encoded(await getPublicKeyAsync(seed)) };
  }
}

/** @type {{seed: string, sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer | Uint8Array>} | null} */
let signer = null;

/**
 * @param {string} seed base64url
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string>} the Ed25519 signature, base64url
 */
export async function sign(seed, bytes) {
  if (signer?.seed !== seed) signer = { seed, sign: await signerOf(decoded(seed)) };
  return encoded(await signer.sign(bytes));
}

/**
 * @param {Uint8Array<ArrayBuffer>} seed
 * @returns {Promise<(bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer | Uint8Array>>}
 */
async function signerOf(seed) {
  try {
    const whole = new Uint8Array([...PKCS8, ...seed]);
    const key = await crypto.subtle.importKey("pkcs8", whole, { name: "Ed25519" }, false, ["sign"]);
    return (bytes) => crypto.subtle.sign({ name: "Ed25519" }, key, bytes);
  } catch {
    const { signAsync } = await import("./vendor/noble/ed25519.js");
    return (bytes) => signAsync(bytes, seed);
  }
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const utf8 = (text) => words.encode(text);

// --- For the server ------------------------------------------------------------------------------

/**
 * Encrypt for the server alone.
 * @param {string} serverKey raw P-256 point, base64url
 * @param {string} use goes into the key, so that one envelope cannot stand for another
 * @param {BufferSource} bytes
 * @returns {Promise<{ephemeral: string, nonce: string, ciphertext: Uint8Array<ArrayBuffer>}>}
 */
export async function envelope(serverKey, use, bytes) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", decoded(serverKey), curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const from = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: words.encode(use) };
  const key = await crypto.subtle.deriveKey(how, from, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, bytes));
  return { ephemeral: encoded(await crypto.subtle.exportKey("raw", ours.publicKey)), nonce: encoded(nonce), ciphertext };
}

/**
 * Seal a secret (a receiver's PIN) so that nobody reads it on this phone or on the way.
 * @param {string} text
 * @returns {Promise<import("./types.js").Envelope>}
 */
export async function sealSecret(text) {
  const { identity } = session();
  const made = await envelope(identity.serverKey, "lims-secret-1", words.encode(text));
  return { ...made, ciphertext: encoded(made.ciphertext) };
}
