// Digits on a pad that gloves can press; a keyboard works as well.

import { h, icon } from "../parts.js";
import { t } from "../text.js";

/** no PIN is shorter or longer */
export const SHORTEST = 6;
const LONGEST = 12;

/**
 * @typedef {object} Pad
 * @property {HTMLElement} element
 * @property {(words: string, bad?: boolean) => void} say
 * @property {() => void} clear
 */

/**
 * A pad: `done` is called with the digits when Enter or the tick is pressed.
 * @param {string} word what is asked for
 * @param {(pin: string) => unknown} done
 * @param {{shortest?: number}} [more]
 * @returns {Pad}
 */
export function pad(word, done, more = {}) {
  const shortest = more.shortest ?? SHORTEST;
  let pin = "";
  let busy = false;
  const line = h("p.pin-word", { role: "status" }, word);
  const dots = h("div.pin-dots", { role: "img" });
  const draw = () => {
    dots.replaceChildren(...Array.from({ length: Math.max(shortest, pin.length) }, (_, at) => h(at < pin.length ? "i.full" : "i")));
    dots.setAttribute("aria-label", t("{n} digits", { n: pin.length }));
  };
  const say = (/** @type {string} */ words, bad = false) => {
    line.textContent = words;
    line.classList.toggle("bad", bad);
  };
  const clear = () => {
    pin = "";
    draw();
  };
  const press = async (/** @type {string} */ key) => {
    if (busy) return;
    if (key === "erase") pin = pin.slice(0, -1);
    else if (key !== "done") pin = (pin + key).slice(0, LONGEST);
    else if (pin.length < shortest) say(t("At least {n} digits.", { n: shortest }), true);
    else {
      busy = true;
      try {
        await done(pin);
      } finally {
        busy = false;
      }
    }
    if (key !== "done") draw();
  };
  const key = (/** @type {string} */ digit) => h("button", { type: "button", onclick: () => press(digit), "data-key": digit }, digit);
  const erase = h("button", { type: "button", "aria-label": t("Erase"), "data-key": "erase", onclick: () => press("erase") }, icon("erase"));
  const tick = h("button", { type: "button", "aria-label": t("Done"), "data-key": "done", onclick: () => press("done") }, icon("done"));
  const keys = h("div.pad", {}, ...["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(key), erase, key("0"), tick);
  const element = h("div", { tabindex: "-1", "data-focus": true }, line, dots, keys);
  element.addEventListener("keydown", (event) => {
    if (/^[0-9]$/.test(event.key)) void press(event.key);
    else if (event.key === "Backspace") void press("erase");
    else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) void press("done");
  });
  draw();
  return { element, say, clear };
}
