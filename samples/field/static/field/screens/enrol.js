// A new phone: who uses it, what it is called, and the PIN that opens it.

import { h, notice } from "../parts.js";
import { go, primary } from "../router.js";
import { LANGUAGES, language, later, t } from "../text.js";
import { enrol } from "./data.js";
import { changeLanguage } from "./language.js";
import { pad } from "./pin.js";
import { sendSoon } from "./sending.js";

const SIGN_IN = "/account/login/?next=/field/";

/** @type {Record<string, string>} */
const WHY = {
  network: later("No network. Joining needs one, this once; afterwards the phone works without."),
  "pin-weak": later("Choose a PIN that nobody would try first."),
  "device-known": later("This phone is known under another person. Wipe it first, then join again."),
  "device-revoked": later("The office has shut this phone out. Ask your manager."),
};

/** @returns {import("../router.js").Screen} */
export function start() {
  let name = "";
  const input = /** @type {HTMLInputElement} */ (h("input", { id: "f-name", autocomplete: "off", maxlength: 60, value: guess() }));
  const fault = h("p.fault", { role: "alert" });
  const stage = h("div");
  const first = () => {
    const languages = Object.entries(LANGUAGES).map(([code, words]) =>
      h("button.chip", { type: "button", role: "radio", "aria-checked": String(code === language()), lang: code, onclick: () => changeLanguage(code) }, words),
    );
    stage.replaceChildren(
      h("p", {}, t("Register, seal and hand over samples, with or without a network. What you record is encrypted on this phone under a PIN that only you know.")),
      h("div.field", {}, h("div.chips", { role: "radiogroup", "aria-label": t("Language") }, ...languages)),
      h("div.field", {}, h("label", { for: "f-name" }, t("Name of this phone")), h("div.control", {}, input), h("p.hint", {}, t("So that the office can tell it from others if it is lost.")), fault),
      h("div.field", {}, primary(t("Choose a PIN"), choose, { id: "choose-pin" })),
      h("p", {}, h("a.plain", { href: SIGN_IN }, t("Sign in first"))),
    );
  };
  const choose = () => {
    name = input.value.trim();
    if (!name) return void fault.replaceChildren(t("This is missing."));
    let one = "";
    const asked = pad(t("Choose a PIN of 6 to 12 digits"), async (pin) => {
      if (!one) {
        one = pin;
        asked.clear();
        return asked.say(t("The same PIN again"));
      }
      if (pin !== one) {
        one = "";
        asked.clear();
        return asked.say(t("The two were not the same. Choose a PIN of 6 to 12 digits"), true);
      }
      asked.say(t("Joining…"));
      return join(name, pin, asked, () => (one = ""));
    });
    stage.replaceChildren(asked.element, notice("warn", t("Nobody can find out a forgotten PIN: what was not sent would be lost.")));
    asked.element.focus();
  };
  first();
  return { title: t("Field"), body: stage, back: null, plain: true };
}

/**
 * @param {string} name
 * @param {string} pin
 * @param {import("./pin.js").Pad} asked
 * @param {() => void} again
 */
async function join(name, pin, asked, again) {
  try {
    await enrol({ name, pin });
    sendSoon();
    go("/");
  } catch (error) {
    again();
    asked.clear();
    const told = /** @type {{code?: string, message?: string}} */ (error);
    const code = told.code ?? "";
    if (["sign-in-needed", "not-signed-in", "login-needed", "not-authenticated"].includes(code)) {
      asked.say(t("Sign in first, with your name and password; then choose the PIN."), true);
      asked.element.append(h("p", {}, h("a.primary", { href: SIGN_IN }, t("Sign in"))));
      return;
    }
    asked.say(t(WHY[code] ?? (told.message || "That did not work.")), true);
  }
}

/** @returns {string} what kind of phone this is, as far as it says so */
function guess() {
  const model = /Android [^;)]*; ([^;)]+)/.exec(navigator.userAgent)?.[1]?.trim() ?? "";
  return model && model !== "K" ? model : "";
}
