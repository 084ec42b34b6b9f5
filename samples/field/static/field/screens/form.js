// Forms: one column, the unit inside the field, every keystroke kept, what is wrong said beside the field and at the top.

import { draft, dropDraft, saveDraft } from "./data.js";
import { button, h, icon, notice } from "../parts.js";
import { finder } from "../scan.js";
import { t } from "../text.js";
import { readTag, showTag } from "./tag.js";

/** @typedef {Record<string, any>} Values */

/**
 * @typedef {object} FieldMore
 * @property {string} [unit]
 * @property {string} [hint]
 * @property {boolean} [optional]
 * @property {boolean} [quiet] optional, and nothing is said of it
 * @property {boolean} [focus]
 * @property {"decimal" | "numeric" | "text"} [mode]
 * @property {number} [most] characters
 * @property {boolean} [long]
 * @property {boolean} [secret]
 * @property {(value: string) => string} [check] what is wrong, "" if nothing
 * @property {(value: string) => void} [changed]
 */

/** A form under a key: its values, its fields, its draft. */
export class Form {
  /**
   * @param {string} key of the draft; "" for none (secrets are never kept)
   * @param {Values} values
   */
  constructor(key, values) {
    this.key = key;
    this.values = values;
    /** @type {Map<string, {holder: HTMLElement, fault: HTMLElement, input: HTMLElement, label: string, check: () => string}>} */
    this.fields = new Map();
    this.summary = h("div.faults", { role: "alert" });
    /** @type {Promise<void> | null} */
    this.saving = null;
    this.again = false;
    this.ended = false;
    this.full = false;
  }

  /**
   * Open a form with what was typed before, if anything was.
   * @param {string} key
   * @param {Values} [defaults]
   */
  static async open(key, defaults = {}) {
    const kept = key ? await draft(key) : null;
    return new Form(key, { ...defaults, ...(kept ?? {}) });
  }

  /**
   * Keep a value now.
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    this.values[name] = value;
    void this.keep();
  }

  /** Write the draft; while it is being written, what comes is written next. @returns {Promise<void>} */
  keep() {
    if (!this.key || this.ended) return Promise.resolve();
    this.again = true;
    this.saving ??= this.write().finally(() => (this.saving = null));
    return this.saving;
  }

  async write() {
    while (this.again && !this.ended) {
      this.again = false;
      try {
        await saveDraft(this.key, { ...this.values });
        this.full = false;
      } catch (error) {
        // Said once, not at each key: the values stay in this form all the while.
        if (!this.full) this.summary.replaceChildren(notice("bad", t("What you type cannot be kept: the phone's storage is full. Save or send before you leave this screen.")));
        this.full = true;
      }
    }
  }

  /** Forget the draft: its record is kept, or nobody wants it. */
  async end() {
    this.ended = true;
    await this.saving;
    if (this.key) await dropDraft(this.key);
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {HTMLElement} input
   * @param {HTMLElement} control what holds the input
   * @param {FieldMore} more
   * @returns {HTMLElement}
   */
  hold(name, label, input, control, more) {
    const id = `f-${name}`;
    input.id = id;
    const fault = h("p.fault", { id: `${id}-fault`, "aria-live": "polite" });
    input.setAttribute("aria-describedby", `${id}-fault`);
    const extra = more.optional && !more.quiet ? h("small", {}, ` ${t("(if any)")}`) : null;
    const holder = h("div.field", {}, h("label", { for: id }, label, extra), control, more.hint ? h("p.hint", {}, more.hint) : null, fault);
    const check = () => {
      const value = String(this.values[name] ?? "").trim();
      if (!value) return more.optional ? "" : t("This is missing.");
      return more.check?.(value) ?? "";
    };
    this.fields.set(name, { holder, fault, input, label, check });
    return holder;
  }

  /**
   * A field to type into.
   * @param {string} name
   * @param {string} label
   * @param {FieldMore} [more]
   * @returns {HTMLElement}
   */
  text(name, label, more = {}) {
    const typed = more.secret ? "password" : "text";
    const shape = { type: more.long ? null : typed, inputmode: more.mode, maxlength: more.most, autocomplete: "off", autocapitalize: "off", enterkeyhint: "next", rows: more.long ? 3 : null, "data-focus": more.focus };
    const input = /** @type {HTMLInputElement} */ (h(more.long ? "textarea" : "input", { ...shape, value: this.values[name] ?? "" }));
    input.addEventListener("input", () => {
      const value = more.mode === "decimal" ? input.value.replace(",", ".") : input.value;
      this.set(name, value);
      this.fault(name, "");
      more.changed?.(value);
    });
    const control = h("div.control", {}, input, more.unit ? h("span.unit", { "aria-hidden": "true" }, more.unit) : null);
    if (more.unit) input.classList.add("figures");
    return this.hold(name, more.unit ? `${label}, ${more.unit}` : label, input, control, more);
  }

  /**
   * A choice from a list.
   * @param {string} name
   * @param {string} label
   * @param {[string, string][]} choices value and words
   * @param {FieldMore} [more]
   * @returns {HTMLElement}
   */
  choice(name, label, choices, more = {}) {
    if (!choices.some(([value]) => value === this.values[name])) this.values[name] = more.optional || choices.length !== 1 ? "" : choices[0]?.[0];
    const first = this.values[name] && !more.optional ? [] : [h("option", { value: "" }, more.optional ? t("none") : t("Choose…"))];
    const options = choices.map(([value, words]) => h("option", { value, selected: value === this.values[name] }, words));
    const input = /** @type {HTMLSelectElement} */ (h("select", {}, ...first, ...options));
    input.value = this.values[name] ?? "";
    input.addEventListener("change", () => {
      this.set(name, input.value);
      this.fault(name, "");
      more.changed?.(input.value);
    });
    return this.hold(name, label, input, h("div.control", {}, input), more);
  }

  /**
   * A few choices, all in sight: one press.
   * @param {string} name
   * @param {string} label
   * @param {[string, string, string?][]} choices value, words, and what stands under them
   * @param {FieldMore} [more]
   * @returns {HTMLElement}
   */
  chips(name, label, choices, more = {}) {
    const group = h("div.chips", { role: "radiogroup", "aria-label": label, tabindex: "-1" });
    const draw = () =>
      group.replaceChildren(
        ...choices.map(([value, words, under]) => {
          const picked = this.values[name] === value;
          const press = () => {
            this.set(name, picked && more.optional ? "" : value);
            this.fault(name, "");
            draw();
            /** @type {HTMLElement | null} */ (group.querySelector("[aria-checked=true]"))?.focus();
            more.changed?.(this.values[name]);
          };
          return h("button.chip", { type: "button", role: "radio", "aria-checked": String(picked), "data-value": value, onclick: press }, words, under ? h("small", {}, under) : null);
        }),
      );
    draw();
    return this.hold(name, label, group, group, more);
  }

  /**
   * A field for a tag: camera, hardware scanner, or fingers.
   * @param {string} name
   * @param {string} label
   * @param {{found?: (code: string) => void, check?: (code: string) => string, open?: boolean, focus?: boolean, suggest?: (typed: string) => string[]}} [more]
   * @returns {HTMLElement}
   */
  tag(name, label, more = {}) {
    const shape = { type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "next", placeholder: "KC-000123-J", "data-code": true, "data-focus": more.focus };
    const input = /** @type {HTMLInputElement} */ (h("input.code", { ...shape, value: showTag(this.values[name] ?? "") }));
    const place = h("div.finder-place");
    const chips = h("div.chips");
    const check = (/** @type {string} */ value) => readTag(value).problem || (more.check?.(readTag(value).code) ?? "");
    const take = (/** @type {string} */ text) => {
      const { code } = readTag(text);
      input.value = showTag(code);
      this.set(name, code);
      const wrong = check(text);
      this.fault(name, wrong);
      chips.replaceChildren();
      if (!wrong) more.found?.(code);
    };
    const suggest = () => {
      const fit = more.suggest?.(input.value.replace(/[^0-9A-Za-z]/g, "").toUpperCase()) ?? [];
      chips.replaceChildren(...fit.map((code) => button(showTag(code), () => take(code), { kind: "chip" })));
    };
    input.addEventListener("input", () => {
      this.set(name, input.value);
      this.fault(name, "");
      suggest();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      take(input.value);
    });
    input.addEventListener("change", () => input.value && this.fault(name, check(input.value)));
    const camera = () => {
      /** @type {import("../scan.js").Finder} */
      const opened = finder((text) => {
        take(text);
        if (!readTag(text).problem) opened.stop(), opened.element.remove();
      });
      place.replaceChildren(opened.element);
    };
    if (more.open && !this.values[name]) queueMicrotask(camera);
    const scan = button(t("Camera"), camera, { icon: "scan", kind: "beside" });
    /** @type {any} */ (input).take = take;
    return this.hold(name, label, input, h("div", {}, place, h("div.control", {}, input, scan), chips), { check });
  }

  /**
   * Take a code that came from elsewhere (a hardware scanner while another field had the focus).
   * @param {string} name
   * @param {string} text
   */
  take(name, text) {
    /** @type {any} */ (this.fields.get(name)?.input)?.take?.(text);
  }

  /**
   * @param {string} name
   * @param {string} words what is wrong with a field, "" for nothing
   */
  fault(name, words) {
    const field = this.fields.get(name);
    if (!field) return;
    field.holder.classList.toggle("wrong", Boolean(words));
    field.input.setAttribute("aria-invalid", String(Boolean(words)));
    field.fault.replaceChildren(...(words ? [icon("stop"), h("span", {}, words)] : []));
    if (!words) this.summary.replaceChildren();
  }

  /** Look at every field; go to the first that is wrong. @returns {boolean} whether all is well */
  check() {
    /** @type {{name: string, label: string, words: string, input: HTMLElement}[]} */
    const wrong = [];
    for (const [name, field] of this.fields) {
      if (!field.holder.isConnected) continue;
      const words = field.check();
      this.fault(name, words);
      if (words) wrong.push({ name, label: field.label, words, input: field.input });
    }
    if (!wrong.length) return true;
    const links = wrong.map((one) => h("li", {}, button(`${one.label}: ${one.words}`, () => one.input.focus(), { kind: "inline" })));
    this.summary.replaceChildren(notice("bad", t("Not kept yet"), h("ul", {}, ...links)));
    wrong[0]?.input.focus();
    return false;
  }
}

/**
 * @param {string} value
 * @returns {string} what is wrong with a mass in g, as the server sees it
 */
export function checkMass(value) {
  if (!/^\d+(\.\d{1,3})?$/.test(value)) return t("This is no mass: digits and one point, in g.");
  if (Number(value) <= 0) return t("A bag weighs more than 0 g: weigh it again.");
  if (Number(value) > 100_000) return t("Over 100 kg: was it typed in g?");
  return "";
}

/**
 * @param {string} value
 * @returns {string} what is wrong with a number that may be 0
 */
export function checkNumber(value) {
  return /^\d+(\.\d{1,6})?$/.test(value) ? "" : t("This is no number: digits and one point.");
}
