// The outbox: each record with its answer; send again, correct, export for carrying.

import { age, button, empty, facts, h, moment, notice, number, say } from "../parts.js";
import { go, primary, show } from "../router.js";
import { t } from "../text.js";
import { again, correct, counts, dropDraft, exportFile, lean, list, operation } from "./data.js";
import { Form, checkMass } from "./form.js";
import { recordRow, photograph } from "./bags.js";
import { sendNow } from "./sending.js";
import { fieldWord, kindWord, mark } from "./words.js";
import { showTag } from "./tag.js";

const AT_ONCE = 50;
/** @type {Record<string, string[]>} */
const SHOWN = { unsent: ["kept", "sent"], refused: ["refused", "conflict", "quarantined"], arrived: ["applied"] };

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function outbox(params) {
  const told = await counts();
  const wanted = params["show"] ?? (told.refused ? "refused" : told.unsent ? "unsent" : "arrived");
  const inState = (/** @type {string} */ name) => (SHOWN[name] ?? []).reduce((sum, state) => sum + (told.byState[/** @type {keyof typeof told.byState} */ (state)] ?? 0), 0);
  /** @type {[string, string][]} */
  const tabs = [["unsent", t("Unsent")], ["refused", t("Refused")], ["arrived", t("Accepted")]];
  const chips = tabs.map(([name, words]) => h("button.chip", { type: "button", role: "radio", "aria-checked": String(name === wanted), onclick: () => go(`/outbox?show=${name}`) }, words, h("small", {}, number(inState(name)))));
  const rows = h("div");
  let before = Infinity;
  const more = button(t("Show more"), () => load());
  const load = async () => {
    const found = await page(wanted, before);
    rows.append(...found.map(recordRow));
    before = found.at(-1)?.sequence ?? before;
    more.hidden = found.length < AT_ONCE;
    if (!rows.childElementCount) rows.append(nothing(wanted));
  };
  await load();
  const oldest = told.unsent ? h("p", {}, t("{n} not sent yet", { n: number(told.unsent) }), ", ", t("the oldest for {age}", { age: age(told.oldest) })) : null;
  const body = h("div", {}, h("div.field", {}, h("div.chips", { role: "radiogroup", "aria-label": t("Show") }, ...chips)), oldest, rows, more);
  const act = h("div.pair", {}, button(t("Carry by hand"), () => go("/carry"), { id: "go-carry" }), primary(t("Send now"), sendNow, { icon: "send", id: "send-now" }));
  return { title: t("Outbox"), body, action: act };
}

/**
 * @param {string} wanted
 * @param {number} before
 */
async function page(wanted, before) {
  const parts = await Promise.all((SHOWN[wanted] ?? []).map((state) => list({ state: /** @type {any} */ (state), limit: AT_ONCE, ...(before === Infinity ? {} : { before }) })));
  return parts.flat().sort((one, other) => other.sequence - one.sequence).slice(0, AT_ONCE);
}

/** @param {string} wanted */
function nothing(wanted) {
  if (wanted === "refused") return empty(t("Nothing was refused"), t("What the office cannot take comes back here with the reason."));
  if (wanted === "unsent") return empty(t("Nothing waits"), t("Every record has arrived at the office."));
  return empty(t("Nothing has arrived yet"), t("Records show here once the office has answered."));
}

/**
 * One record: what was said, what the office answered, and what may be done.
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function record(params) {
  const one = await operation(params["id"] ?? "");
  if (!one) return { title: t("Record"), body: empty(t("Not on this phone"), t("This record is not here any more.")), back: "/outbox" };
  const refused = ["refused", "conflict"].includes(one.state);
  const answer = one.answer;
  const shown = Object.entries(one.body).map(([name, value]) => /** @type {[string, string]} */ ([fieldWord(name), typeof value === "string" ? (/tag$/.test(name) ? showTag(value) : value) : ""])).filter(([words, value]) => words && value);
  const body = h(
    "div",
    {},
    h("p", {}, mark(one.state)),
    refused && answer ? notice("bad", answer.message, h("p", {}, answer.what_to_do), answer.field && fieldWord(answer.field) ? h("p", {}, t("It is about: {field}", { field: fieldWord(answer.field) })) : null) : null,
    one.state === "kept" && answer?.code ? notice("info", answer.message || t("It waits for another record."), h("p", {}, answer.what_to_do)) : null,
    one.photograph ? await photograph(one.id) : null,
    facts([...shown, [t("When"), moment(one.made_at)], [t("Answered"), one.answered_at ? moment(one.answered_at) : null]]),
  );
  const act = one.state === "refused" ? h("div.pair", {}, button(t("Send again"), async () => {
    await again(one.id);
    say(t("It is sent at the next contact."));
    await show();
  }, { id: "again" }), primary(t("Correct it"), () => go(`/correct/${one.id}`), { id: "correct" })) : [];
  return { title: kindWord(one.kind), body, back: "/outbox", ...(Array.isArray(act) ? {} : { action: act }) };
}

/**
 * Correct a refused record: its words and numbers, one field each.
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function correcting(params) {
  const one = await operation(params["id"] ?? "");
  if (!one) return { title: t("Correct"), body: empty(t("Not on this phone"), t("This record is not here any more.")), back: "/outbox" };
  const names = Object.keys(one.body).filter((name) => fieldWord(name) && typeof one.body[name] === "string");
  const wrong = one.answer?.field ?? "";
  if (wrong && fieldWord(wrong) && !names.includes(wrong)) names.unshift(wrong);
  const key = `correct.${one.id}`;
  const form = await Form.open(key, Object.fromEntries(names.map((name) => [name, one.body[name] ?? ""])));
  const fields = names.map((name) => (/tag$/.test(name) ? form.tag(name, fieldWord(name), { focus: name === wrong }) : form.text(name, fieldWord(name), { optional: !one.body[name], focus: name === wrong, ...(name === "mass_g" ? { mode: "decimal", check: checkMass } : {}), ...(name === "note" || name === "detail" ? { long: true } : {}) })));
  const keep = async () => {
    if (!form.check()) return;
    form.ended = true;
    await correct(one.id, lean({ ...one.body, ...form.values }));
    await dropDraft(key);
    say(t("Corrected: it is sent at the next contact."));
    go("/outbox?show=unsent");
  };
  const why = one.answer ? notice("bad", one.answer.message, h("p", {}, one.answer.what_to_do)) : null;
  return { title: t("Correct"), body: h("div", {}, why, form.summary, ...fields), back: `/record/${one.id}`, action: primary(t("Keep and send"), keep, { id: "save-correct" }), scanned: (code) => form.take("tag", code) };
}

/** @returns {Promise<import("../router.js").Screen>} */
export async function carry() {
  const told = await counts().catch(() => null);
  const body = h(
    "div",
    {},
    h("p", {}, t("One file holds everything that was not sent. It is encrypted to the office and signed by this phone: anybody may carry it, nobody can read or change it.")),
    h("p", {}, t("Whoever has a network signs in and uploads it under “Phones”. What arrives twice counts once, so you may still send as well.")),
    told && !told.unsent ? notice("good", t("Nothing waits"), h("p", {}, t("Every record has arrived at the office."))) : null,
  );
  const save = async () => {
    const files = await exportFile();
    for (const file of files) hand(file.blob, file.name);
    say(t("The file is on this phone: {name}", { name: files.map((file) => file.name).join(", ") }));
  };
  return { title: t("Carry by hand"), body, back: "/outbox", action: primary(t("Export the file"), save, { id: "export", disabled: told?.unsent === 0 }) };
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function hand(blob, name) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
