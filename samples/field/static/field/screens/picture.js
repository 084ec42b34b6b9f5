// A photograph for a record: taken by the phone's camera, made small at once, kept beside the draft until it is used.

import { button, h, icon, say } from "../parts.js";
import { t } from "../text.js";
import { draft, dropDraft, prepare, saveDraft } from "./data.js";

/**
 * @typedef {object} Picture
 * @property {HTMLElement} element
 * @property {string} key of its draft
 * @property {() => {blob: Blob, taken_at?: string}[]} taken
 * @property {() => void} clear
 */

/**
 * @param {string} form key of the form's draft
 * @param {string} [label]
 * @returns {Promise<Picture>}
 */
export async function picture(form, label = t("Photograph")) {
  const key = `${form}.picture`;
  /** @type {{blob: Blob, taken_at?: string} | null} */
  let held = await read(key);
  let address = "";
  const element = h("div.picture");
  const draw = () => {
    if (address) URL.revokeObjectURL(address);
    address = held ? URL.createObjectURL(held.blob) : "";
    const input = /** @type {HTMLInputElement} */ (h("input", { type: "file", accept: "image/*", capture: "environment" }));
    input.addEventListener("change", () => input.files?.[0] && take(input.files[0]));
    const picker = h("label.picker", {}, icon("camera"), held ? t("Take another") : label, input);
    const shown = held ? h("img", { src: address, alt: t("The photograph taken") }) : null;
    const away = held ? button("", remove, { icon: "close", kind: "beside", name: t("Remove the photograph") }) : null;
    element.replaceChildren(...[shown, picker, away].filter((one) => one !== null));
  };
  const take = async (/** @type {File} */ file) => {
    element.setAttribute("aria-busy", "true");
    try {
      const made = await prepare(file);
      held = { blob: made.blob, ...(made.taken_at ? { taken_at: made.taken_at } : {}) };
      draw();
      await saveDraft(key, { data: await text(held.blob), type: held.blob.type, taken_at: held.taken_at ?? "" });
    } catch (error) {
      say(held ? t("The photograph stays until you leave this screen: the phone's storage is full.") : t("This is no photograph that can be read. Take another."), "bad");
      console.warn(error);
    } finally {
      element.removeAttribute("aria-busy");
    }
  };
  const remove = async () => {
    held = null;
    draw();
    await dropDraft(key);
  };
  const clear = () => {
    held = null;
    draw();
  };
  draw();
  return { element, key, taken: () => (held ? [held] : []), clear };
}

/**
 * @param {string} key
 * @returns {Promise<{blob: Blob, taken_at?: string} | null>}
 */
async function read(key) {
  const kept = await draft(key);
  if (!kept?.data) return null;
  const bytes = Uint8Array.from(atob(kept.data), (sign) => sign.charCodeAt(0));
  return { blob: new Blob([bytes], { type: kept.type }), ...(kept.taken_at ? { taken_at: kept.taken_at } : {}) };
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>} base64
 */
async function text(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let signs = "";
  for (let at = 0; at < bytes.length; at += 0x8000) signs += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(signs);
}
