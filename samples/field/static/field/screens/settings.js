// Settings: language, PIN, lock, wipe, and what the office knows of this phone.

import { button, facts, h, moment, notice, number, say } from "../parts.js";
import { go, show } from "../router.js";
import { LANGUAGES, language, machineMade, t } from "../text.js";
import { changePin, counts, lock, meta, room } from "./data.js";
import { changeLanguage } from "./language.js";
import { pad } from "./pin.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function settings() {
  const [me, space, told] = await Promise.all([meta(), room(), counts()]);
  const languages = Object.entries(LANGUAGES).map(([code, words]) =>
    h("button.chip", { type: "button", role: "radio", "aria-checked": String(code === language()), lang: code, onclick: () => changeLanguage(code) }, words),
  );
  const body = h(
    "div",
    {},
    h("h2", {}, t("Language")),
    h("div.field", {}, h("div.chips", { role: "radiogroup", "aria-label": t("Language") }, ...languages)),
    language() !== "en" && machineMade() ? notice("info", t("Translated by a machine, to be reviewed by a native speaker. What is not translated is English.")) : null,
    language() === "kac" && !machineMade() ? notice("info", t("This language is not translated yet: English is shown.")) : null,
    h("h2", {}, t("This phone")),
    facts([
      [t("Person"), me.person.name],
      [t("Phone"), me.device.name],
      [t("Works offline until"), moment(me.offlineUntil)],
      [t("Last contact"), me.lastSync ? moment(me.lastSync) : t("none yet")],
      [t("Not sent yet"), number(told.unsent)],
      [t("Storage used"), `${number((space.usage / 1e6).toFixed(1))}\u00a0MB`],
      [t("Storage free"), space.free],
      [t("Clock"), Math.abs(me.clockOffset) > 60 ? t("{n} min off", { n: number(Math.round(me.clockOffset / 60)) }) : t("right")],
    ]),
    h("h2", {}, t("Safety")),
    h("div.field", {}, button(t("Lock now"), shut, { id: "lock-now" })),
    h("div.field", {}, button(t("Change the PIN"), () => go("/pin"), { id: "change-pin" })),
    h("div.field", {}, button(t("Wipe this phone"), () => go("/wipe"), { kind: "danger", id: "go-wipe" })),
  );
  return { title: t("Settings"), body, back: "/more" };
}

async function shut() {
  await lock();
  go("/");
  await show();
}

/** @returns {import("../router.js").Screen} */
export function newPin() {
  let old = "";
  let one = "";
  const asked = pad(t("Type your PIN"), async (pin) => {
    if (!old) {
      old = pin;
      asked.clear();
      return asked.say(t("Choose a PIN of 6 to 12 digits"));
    }
    if (!one) {
      one = pin;
      asked.clear();
      return asked.say(t("The same PIN again"));
    }
    if (one !== pin) {
      one = "";
      asked.clear();
      return asked.say(t("The two were not the same. Choose a PIN of 6 to 12 digits"), true);
    }
    try {
      await changePin(old, pin);
      say(t("The PIN is changed"));
      return go("/settings");
    } catch (error) {
      const told = /** @type {{code?: string, message?: string}} */ (error);
      old = one = "";
      asked.clear();
      return asked.say(pinTrouble(told), true);
    }
  });
  return { title: t("Change the PIN"), body: asked.element, back: "/settings" };
}

/** @param {{code?: string, message?: string}} told */
function pinTrouble(told) {
  if (told.code === "pin-wrong") return t("That is not the PIN.");
  if (told.code === "pin-weak") return t("Choose a PIN that nobody would try first.");
  return told.message || t("That did not work.");
}
