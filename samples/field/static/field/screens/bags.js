// Bags on this phone: the list, and each bag's card.

import { button, empty, facts, h, mass, moment, notice, number, row, say } from "../parts.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { draft, find, list, openBatches, progress, sample, samples, thumbnail } from "./data.js";
import { showTag, readTag } from "./tag.js";
import { kindWord, mark, sealWords } from "./words.js";

const AT_ONCE = 60;

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function bags(params) {
  const [all, batches, begun] = await Promise.all([samples(), openBatches(), draft("register")]);
  const batch = batches.find((one) => one.id === params["batch"]);
  const mine = params["batch"] ? all.filter((one) => one["batch"] === params["batch"]) : all;
  const search = /** @type {HTMLInputElement} */ (h("input.code", { type: "search", "aria-label": t("Find a tag"), placeholder: t("Find a tag"), "data-code": true, autocomplete: "off" }));
  const rows = h("div");
  let most = AT_ONCE;
  const draw = () => {
    const wanted = search.value.replace(/[^0-9a-zA-Z]/g, "").toUpperCase();
    const found = wanted ? mine.filter((one) => String(one["tag"]).includes(wanted)) : mine;
    const rest = found.length > most ? button(t("Show more"), () => ((most += AT_ONCE), draw())) : null;
    rows.replaceChildren(...found.slice(0, most).map(bagRow), ...(rest ? [rest] : []));
    if (!found.length) rows.replaceChildren(wanted ? h("p", {}, t("No bag with this tag on the phone.")) : empty(t("No bags yet"), t("Register the first sample of the batch.")));
  };
  search.addEventListener("input", draw);
  draw();
  const begunRow = begun?.tag || begun?.mass_g ? row("/register", showTag(begun.tag || t("No tag yet")), t("Begun, not saved"), mark("draft")) : null;
  const parts = [batch ? sites(batch, all) : null, h("div.field", {}, h("div.control", {}, search)), begunRow, rows];
  const scanned = (/** @type {string} */ code) => {
    const found = all.find((one) => one["tag"] === readTag(code).code);
    if (found) go(`/bag/${found.id}`);
    else say(t("No bag with this tag on the phone."), "bad");
  };
  search.addEventListener("keydown", (event) => event.key === "Enter" && scanned(search.value));
  const title = batch ? `${batch["code"]}` : t("Bags");
  return { title, body: h("div", {}, ...parts), action: primary(t("Register a sample"), () => go("/register"), { icon: "plus" }), scanned };
}

/** @param {import("./data.js").Row} one */
function bagRow(one) {
  const seal = one["seal"] ? sealWords(one["seal"]) : t("Not sealed");
  return row(`/bag/${one.id}`, showTag(one["tag"]), `${mass(one["mass_g"])} · ${seal}`, mark(one["phone"]));
}

/**
 * How far each site of the plan is.
 * @param {import("./data.js").Row} batch
 * @param {import("./data.js").Row[]} all
 */
function sites(batch, all) {
  const done = progress(batch, all);
  if (!done.sites.length) return null;
  return facts(done.sites.map((/** @type {any} */ site) => [site.name, t("{n} of {planned}", { n: number(site.registered), planned: number(site.planned) })]));
}

/**
 * A bag's card: tag, mass, picture, where it stands on this phone and why.
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function bag(params) {
  const one = await sample(params["id"] ?? "");
  if (!one) return { title: t("Bag"), body: empty(t("Not on this phone"), t("This bag is not known here. It may be another organisation's.")), back: "/bags" };
  const [batch, records] = await Promise.all([find("batches", one["batch"]), list({ limit: 500 })]);
  const own = records.filter((record) => [record.body["sample"], record.body["sample_id"]].includes(one.id));
  const first = own.find((record) => record.kind === "register_sample");
  const refusals = own.filter((record) => ["refused", "conflict"].includes(record.state));
  const body = h(
    "div",
    {},
    h("p", {}, mark(one["phone"])),
    ...refusals.map((record) => notice("bad", record.answer?.message ?? "", h("p", {}, record.answer?.what_to_do ?? ""), h("p", {}, h("a.plain", { href: `#/record/${record.id}` }, t("Correct it"))))),
    await photograph(first?.id),
    facts([
      [t("Tag"), showTag(one["tag"])],
      [t("Mass"), mass(one["mass_g"])],
      [t("Seal"), one["seal"] ? sealWords(one["seal"]) : t("Not sealed")],
      [t("Mass when sealed"), one["sealed_mass_g"] ? mass(one["sealed_mass_g"]) : null],
      [t("Batch"), batch?.["code"]],
      [t("Site"), one["site"]],
      [t("Depth"), first?.body["depth_m"] ? `${number(first.body["depth_m"])}\u00a0m` : null],
      [t("Registered"), first ? moment(first.made_at) : null],
      [t("Notes"), first?.body["note"]],
    ]),
    own.length ? h("h2", {}, t("On this phone")) : null,
    ...own.map(recordRow),
  );
  const seal = one["seal"] ? null : primary(t("Seal this bag"), () => go(`/seal/${one.id}`));
  const incident = button(t("Report an incident"), () => go(`/incident?sample=${one.id}`));
  return { title: showTag(one["tag"]), body, back: "/bags", action: seal ? [seal] : [incident] };
}

/** @param {import("../types.js").Kept} record */
export function recordRow(record) {
  const why = ["refused", "conflict"].includes(record.state) ? record.answer?.message : moment(record.made_at);
  return row(`/record/${record.id}`, title(record), why, mark(record.state));
}

/** @param {import("../types.js").Kept} record */
function title(record) {
  return record.body["tag"] ? `${kind(record)} ${showTag(record.body["tag"])}` : kind(record);
}
/** @param {import("../types.js").Kept} record */
const kind = (record) => kindWord(record.kind);

/** @param {string | undefined} operation */
export async function photograph(operation) {
  const blob = operation ? await thumbnail(operation) : null;
  if (!blob) return null;
  return h("img.wide", { src: URL.createObjectURL(blob), alt: t("Photograph of the bag") });
}
