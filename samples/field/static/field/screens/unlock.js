// The PIN opens the store. Wiping stands beside it: whoever is stopped on the road has no time to look for it.

import { button, h, notice } from "../parts.js";
import { go, show } from "../router.js";
import { t } from "../text.js";
import { counts, state, unlock, wipe } from "./data.js";
import { pad } from "./pin.js";
import { sendSoon } from "./sending.js";

/** @returns {import("../router.js").Screen} */
export function locked() {
  const asked = pad(t("Type your PIN"), async (pin) => {
    try {
      await unlock(pin);
      sendSoon();
      location.hash.startsWith("#/locked") ? go("/") : await show();
    } catch (error) {
      asked.clear();
      asked.say(why(error), true);
    }
  });
  const away = h("p", {}, h("a.plain", { href: "#/wipe?back=/" }, t("Wipe this phone")));
  return { title: t("Locked"), body: [asked.element, h("hr"), away], back: null, plain: true };
}

/** @param {unknown} error */
function why(error) {
  const told = /** @type {{code?: string, until?: number, message?: string}} */ (error);
  if (told.code === "pin-wrong") return t("That is not the PIN.");
  if (told.until) return t("Too many wrong tries. Try again in {n} s.", { n: Math.max(1, Math.ceil((told.until - Date.now()) / 1000)) });
  return told.message || t("That did not work.");
}

/**
 * Two presses, and nothing of the store can be read any more.
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function wiping(params) {
  const open = (await state()) === "open";
  const unsent = open ? (await counts()).unsent : null;
  const said = unsent === null ? t("Records that were not sent would be lost.") : t("{n} records that were not sent would be lost.", { n: unsent });
  const sure = button(t("Yes, wipe everything now"), gone, { kind: "danger", icon: "stop", id: "wipe-now" });
  sure.hidden = true;
  const arm = button(t("Wipe this phone"), () => {
    arm.hidden = true;
    sure.hidden = false;
    sure.classList.add("armed");
    sure.focus();
  }, { kind: "danger", id: "wipe-arm" });
  const body = h("div", {}, notice("bad", t("Everything on this phone is destroyed"), h("p", {}, said), h("p", {}, t("What was sent is safe at the office. To use the phone again you sign in and join anew."))), unsent ? h("p", {}, h("a.plain", { href: "#/outbox" }, t("Send or export first"))) : null);
  return { title: t("Wipe this phone"), body, action: [arm, sure], back: params["back"] ?? "/settings", plain: !open };
}

async function gone() {
  await wipe();
  go("/");
  await show();
}

/** @returns {import("../router.js").Screen} */
export function expired() {
  const body = h(
    "div",
    {},
    notice("warn", t("This phone has not met the office for too long"), h("p", {}, t("Sign in again with a network, then type your PIN. What was not sent is safe and stays.")), h("p", {}, t("Without a network, export the outbox: anybody may carry it."))),
    h("p", {}, h("a.primary", { href: "/account/login/?next=/field/" }, t("Sign in"))),
    h("p", {}, h("a.plain", { href: "#/carry" }, t("Export for carrying"))),
  );
  return { title: t("Sign in again"), body, back: null, plain: true };
}

/** @returns {import("../router.js").Screen} */
export function revoked() {
  const body = notice("bad", t("The office has shut this phone out"), h("p", {}, t("What was not sent goes to your manager at the next contact; then the phone is wiped. Ask your manager.")));
  return { title: t("Shut out"), body, back: null, plain: true };
}
