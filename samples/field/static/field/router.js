// Which screen is shown: the part of the address after #. One frame: heading, content, what to do at the bottom.

import { button, complain, h, icon } from "./parts.js";
import { t } from "./text.js";

/**
 * @typedef {object} Screen
 * @property {string} title
 * @property {HTMLElement | HTMLElement[]} body
 * @property {HTMLElement | HTMLElement[]} [action] at the bottom, within the thumb's reach
 * @property {string | null} [back] where the arrow goes; "/" unless told, null for no arrow
 * @property {(code: string) => void} [scanned] what a hardware scanner read while the screen was shown
 * @property {() => void} [leave]
 * @property {boolean} [plain] no status line: nothing of ours may be seen
 */

/** @typedef {(params: Record<string, string>) => Promise<Screen> | Screen} Maker */

/** @type {[RegExp, string[], Maker][]} */
const routes = [];
/** @type {Screen | null} */
let current = null;
let turn = 0;
/** @type {() => Promise<string | null>} */
let guard = () => Promise.resolve(null);
/** @type {() => HTMLElement | null} */
let status = () => null;

/**
 * @param {string} pattern "/bag/:id"
 * @param {Maker} maker
 */
export function screen(pattern, maker) {
  const names = [...pattern.matchAll(/:(\w+)/g)].map((found) => found[1] ?? "");
  routes.push([new RegExp(`^${pattern.replace(/:\w+/g, "([^/?]+)")}$`), names, maker]);
}

/**
 * @param {() => Promise<string | null>} allowed where to go instead, null to go on
 * @param {() => HTMLElement | null} line the status line under the heading
 */
export function startRouter(allowed, line) {
  guard = allowed;
  status = line;
  addEventListener("hashchange", () => void show());
  return show();
}

/** @param {string} to */
export function go(to) {
  if (location.hash === `#${to}`) void show();
  else location.hash = to;
}

/** @returns {Screen | null} */
export const shown = () => current;

/** @param {string} address */
function read(address) {
  const [path = "/", query = ""] = address.split("?");
  for (const [pattern, names, maker] of routes) {
    const found = pattern.exec(path);
    if (!found) continue;
    /** @type {Record<string, string>} */
    const params = Object.fromEntries(new URLSearchParams(query));
    names.forEach((name, at) => (params[name] = decodeURIComponent(found[at + 1] ?? "")));
    return { maker, params };
  }
  return null;
}

/**
 * Show the screen of the address again, with what is known now.
 * @param {boolean} [quiet] what is looked at stays where it is: nobody asked for it
 */
export async function show(quiet = false) {
  const mine = ++turn;
  try {
    const instead = await guard();
    const found = read(instead ?? (location.hash.slice(1) || "/"));
    if (!found) return go("/");
    const next = await found.maker(found.params);
    // Meanwhile somebody may have gone elsewhere.
    if (mine !== turn) return next.leave?.();
    current?.leave?.();
    current = next;
    draw(next, quiet);
  } catch (error) {
    complain(error);
  }
  return undefined;
}

/**
 * @param {Screen} next
 * @param {boolean} quiet
 */
function draw(next, quiet) {
  const title = h("h1", { tabindex: "-1" }, next.title);
  const back = next.back === undefined ? "/" : next.back;
  const arrow = back ? h("a.back", { href: `#${back}`, "aria-label": t("Back") }, icon("back")) : null;
  const line = next.plain ? null : status();
  const action = next.action ? h("footer.actions", {}, ...[next.action].flat()) : null;
  const frame = document.getElementById("app");
  if (!frame) return;
  const height = quiet ? window.scrollY : 0;
  frame.replaceChildren(
    h("header.top", {}, arrow, title, line),
    h("div.content", {}, ...[next.body].flat()),
    ...(action ? [action] : []),
  );
  document.title = `${next.title} – ${t("Field")}`;
  if (quiet) return window.scrollTo(0, height);
  window.scrollTo(0, 0);
  // A screen that wants another focus (a field for the scanner) marks it.
  const wanted = /** @type {HTMLElement | null} */ (frame.querySelector("[data-focus]"));
  (wanted ?? title).focus({ preventScroll: true });
}

/**
 * The main thing to do on a screen.
 * @param {string} label
 * @param {(event: Event) => unknown} press
 * @param {{icon?: string, id?: string, disabled?: boolean, kind?: string}} [more]
 */
export const primary = (label, press, more = {}) => button(label, press, { kind: "primary", ...more });
