// Small pieces that every screen is made of: elements, icons, notices, numbers with units.

import { later, t } from "./text.js";

/** @typedef {Node | string | number | false | null | undefined} Child */

/**
 * Make an element: h("button.primary", {onclick: go}, "Save"). Names with "on" are listeners, `true` sets a bare attribute.
 * @param {string} what tag name with classes: "div.card.wide"
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(what, attributes = {}, ...children) {
  const [tag = "div", ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {HTMLInputElement} */ (element).value = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  const shown = children.flat().filter((child) => child !== false && child !== null && child !== undefined);
  return shown.map((child) => (child instanceof Node ? child : String(child)));
}

/** Shapes of 24 × 24, drawn with a line of 2. @type {Record<string, string[]>} */
const SHAPES = {
  back: ["M19 12H5", "M11 6l-6 6 6 6"],
  camera: ["M4 8h4l2-3h4l2 3h4v11H4z", "M12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z"],
  scan: ["M4 8V4h4", "M16 4h4v4", "M20 16v4h-4", "M8 20H4v-4", "M4 12h16"],
  send: ["M12 19V5", "M6 11l6-6 6 6"],
  done: ["M4 12l5 6L20 6"],
  warn: ["M12 4l9 16H3z", "M12 10v4", "M12 17v.5"],
  stop: ["M8 3h8l5 5v8l-5 5H8l-5-5V8z", "M12 7v6", "M12 16v.5"],
  wait: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5l3 3"],
  draft: ["M4 20l1-5L16 4l4 4L9 19z"],
  plus: ["M12 5v14", "M5 12h14"],
  bag: ["M8 7l-2-4h12l-2 4", "M8 7h8l4 13H4z"],
  box: ["M3 8l9-4 9 4v9l-9 4-9-4z", "M3 8l9 4 9-4", "M12 12v9"],
  hand: ["M3 9h11", "M10 5l4 4-4 4", "M21 15H10", "M14 11l-4 4 4 4"],
  gear: ["M4 7h9", "M17 7h3", "M15 5v4", "M4 17h3", "M11 17h9", "M9 15v4"],
  place: ["M12 21s7-6 7-11a7 7 0 0 0-14 0c0 5 7 11 7 11z", "M12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  light: ["M7 4h10v4l-3 3v9h-4v-9L7 8z"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  next: ["M9 5l7 7-7 7"],
  erase: ["M9 5h12v14H9l-6-7z", "M12 9l6 6", "M18 9l-6 6"],
  list: ["M4 6h16", "M4 12h16", "M4 18h16"],
};

/**
 * Draw an icon; it says nothing to a screen reader, the words beside it do.
 * @param {keyof typeof SHAPES | string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "icon");
  for (const shape of SHAPES[name] ?? []) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", shape);
    drawing.append(path);
  }
  return drawing;
}

/**
 * A button: one thing to do. `name` is said where only an icon is seen.
 * @param {string} label
 * @param {(event: Event) => unknown} press
 * @param {{kind?: string, icon?: string, name?: string, id?: string, disabled?: boolean}} [more]
 * @returns {HTMLElement}
 */
export function button(label, press, more = {}) {
  const run = async (/** @type {Event} */ event) => {
    const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
    if (pressed.getAttribute("aria-busy") === "true") return;
    // A second press of a glove must not do it twice.
    pressed.setAttribute("aria-busy", "true");
    try {
      await press(event);
    } catch (error) {
      complain(error);
    } finally {
      pressed.removeAttribute("aria-busy");
    }
  };
  return h(
    `button.${more.kind ?? "plain"}`,
    { type: "button", onclick: run, "aria-label": more.name, id: more.id, disabled: more.disabled },
    more.icon ? icon(more.icon) : null,
    label ? h("span", {}, label) : null,
  );
}

/**
 * A link to another screen that looks like a row.
 * @param {string} to
 * @param {Child} title
 * @param {Child} [under]
 * @param {Child} [beside]
 * @returns {HTMLElement}
 */
export function row(to, title, under, beside) {
  const text = h("span.row-text", {}, h("b", {}, title), under ? h("small", {}, under) : null);
  return h("a.row", { href: `#${to}` }, text, beside ? h("span.row-beside", {}, beside) : null, icon("next"));
}

/**
 * Nothing here yet: what that means and what to do.
 * @param {string} title
 * @param {string} what
 * @param {Child} [act]
 * @returns {HTMLElement}
 */
export function empty(title, what, act) {
  return h("div.empty", {}, h("b", {}, title), h("p", {}, what), act);
}

/**
 * A box with a tone: "good", "warn", "bad", "info"; the icon and the words say it, not the colour alone.
 * @param {"good" | "warn" | "bad" | "info"} tone
 * @param {Child} title
 * @param {...Child} more
 * @returns {HTMLElement}
 */
export function notice(tone, title, ...more) {
  const shape = { good: "done", warn: "warn", bad: "stop", info: "wait" }[tone];
  return h(`div.notice.${tone}`, {}, icon(shape), h("div", {}, h("b", {}, title), ...more));
}

/**
 * Say something to everybody, seen and heard; it goes by itself unless it is bad.
 * @param {string} words
 * @param {"good" | "bad"} [tone]
 */
export function say(words, tone = "good") {
  const bar = document.getElementById("said");
  if (!bar) return;
  bar.replaceChildren(icon(tone === "good" ? "done" : "stop"), h("span", {}, words));
  bar.className = `said ${tone}`;
  bar.onclick = () => (bar.className = "said");
  clearTimeout(Number(bar.dataset["timer"]));
  bar.dataset["timer"] = String(setTimeout(() => (bar.className = "said"), tone === "good" ? 4000 : 12000));
}

/**
 * Say what went wrong, in words a person can act on.
 * @param {unknown} error
 */
export function complain(error) {
  const told = /** @type {{code?: string, message?: string, what_to_do?: string}} */ (error ?? {});
  const known = told.code ? WORDS[told.code] : undefined;
  say(known ? t(known) : [told.message, told.what_to_do].filter(Boolean).join(" ") || t("That did not work."), "bad");
  if (!told.code) console.warn(error);
}

/** What the application says of its own refusals. @type {Record<string, string>} */
export const WORDS = {
  "storage-full":
    later("The phone's storage is full: nothing kept is lost, and this form keeps what you typed. Send what is unsent, or delete other things from the phone, then save again."),
  network: later("No network. What is kept is sent by itself when there is a signal."),
  locked: later("The application is locked. Type your PIN."),
  "pin-wrong": later("That is not the PIN."),
};

/**
 * @param {string | number | null | undefined} value
 * @returns {string} with thousands apart: 12 450; a dash where there is none
 */
export function number(value) {
  if (value === null || value === undefined || value === "") return "–";
  const [whole = "", part] = String(value).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const rest = part?.replace(/0+$/, "");
  return rest ? `${grouped}.${rest}` : grouped;
}

/**
 * @param {string | number | null | undefined} grams
 * @returns {string} "2 150 g", from 10 kg on "21.5 kg"
 */
export function mass(grams) {
  const value = Number(grams);
  if (grams === null || grams === undefined || grams === "" || Number.isNaN(value)) return "–";
  return value >= 10_000 ? `${number((value / 1000).toFixed(1))}\u00a0kg` : `${number(grams)}\u00a0g`;
}

/**
 * @param {number | string | null | undefined} when milliseconds since 1970, or ISO 8601
 * @returns {string} how long ago: "12 s", "5 min", "3 h", "2 d"
 */
export function age(when) {
  if (when === null || when === undefined) return "–";
  const seconds = Math.max(0, (Date.now() - new Date(when).getTime()) / 1000);
  if (seconds < 60) return t("{n} s", { n: Math.floor(seconds) });
  if (seconds < 3600) return t("{n} min", { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return t("{n} h", { n: Math.floor(seconds / 3600) });
  return t("{n} d", { n: Math.floor(seconds / 86400) });
}

/**
 * @param {number | string | null | undefined} when
 * @returns {string} day and time on this phone, "3 Nov 2026, 14:20"
 */
export function moment(when) {
  if (when === null || when === undefined) return "–";
  const shape = /** @type {const} */ ({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
  return new Date(when).toLocaleString("en-GB", shape);
}

/**
 * A name and its value, in a list of facts.
 * @param {[string, Child][]} pairs those without a value are left out
 * @returns {HTMLElement}
 */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl.facts", {}, ...shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
