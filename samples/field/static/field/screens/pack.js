// One consignment: what is in it, its papers, its dose rate; and when all is there, dispatch in one sentence.

import { button, empty, facts, h, icon, mass, notice, row, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary, show } from "../router.js";
import { finder } from "../scan.js";
import { t } from "../text.js";
import { add, consignment, consignments, find, list, samples } from "./data.js";
import { bagsOf, codeOf } from "./consignments.js";
import { splittable } from "./split.js";
import { readTag, showTag } from "./tag.js";
import { consignmentWord, mark, papers, sealWords } from "./words.js";

/** @param {Record<string, string>} params */
export async function one(params) {
  const found = await consignment(params["id"] ?? "");
  if (!found) return { title: t("Consignment"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/consignments" };
  const [carrier, destination] = await Promise.all([find("organisations", found["carrier"]), find("organisations", found["destination"])]);
  const bags = bagsOf(found);
  const total = bags.reduce((/** @type {number} */ sum, /** @type {any} */ bag) => sum + Number(bag.sealed_mass_g ?? 0), 0);
  const packing = found["state"] === "PACKING";
  const body = h(
    "div",
    {},
    h("p", {}, h("b", {}, consignmentWord(found["state"])), " ", found["phone"] ? mark(found["phone"]) : null),
    facts([[t("Carrier"), carrier?.["name"]], [t("Laboratory"), destination?.["name"]], [t("Bags"), String(bags.length)], [t("Sealed mass"), mass(total)]]),
    packing ? await checklist(found) : legs(found),
    h("h2", {}, t("Bags")),
    ...(bags.length ? bags.map((/** @type {any} */ bag) => bagRow(found, bag, packing)) : [h("p", {}, t("None yet: scan sealed bags to pack them."))]),
    splittable(found) ? h("div.after", {}, button(t("Split the consignment"), () => go(`/split/${found.id}`), { id: "go-split" })) : null,
  );
  const act = packing
    ? [h("div.pair", {}, button(t("Add bags"), () => go(`/pack/${found.id}`), { icon: "scan", id: "add-bags" }), primary(t("Dispatch"), () => go(`/dispatch/${found.id}`), { id: "go-dispatch" }))]
    : [h("div.pair", {}, button(t("On the way"), () => go(`/road/${found.id}`)), primary(t("Hand over"), () => go(`/handover/${found.id}`), { icon: "hand" }))];
  return { title: codeOf(found), body, back: "/consignments", action: act };
}

/**
 * @param {import("./data.js").Row} found
 * @param {any} bag
 * @param {boolean} packing
 */
function bagRow(found, bag, packing) {
  const words = h("span.row-text", {}, h("b", {}, showTag(bag.tag)), h("small", {}, `${mass(bag.sealed_mass_g)} · ${sealWords(bag.seal)}`));
  const out = async () => {
    await add("unpack", { consignment: found.id, sample: bag.sample }, {});
    say(t("{tag} taken out", { tag: showTag(bag.tag) }));
    await show();
  };
  return h("div.row", {}, words, packing ? button("", out, { icon: "close", kind: "beside", name: t("Take {tag} out", { tag: showTag(bag.tag) }) }) : null);
}

/** @param {import("./data.js").Row} found */
function legs(found) {
  const list = found["legs"] ?? [];
  if (!list.length) return null;
  return h("div", {}, h("h2", {}, t("Route")), ...list.map((/** @type {any} */ leg) => h("div.row", {}, h("span.row-text", {}, h("b", {}, `${leg.from} → ${leg.to}`), h("small", {}, leg.done_at ? t("done") : leg.due_at ? t("due {when}", { when: new Date(leg.due_at).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }) }) : "")), leg.done_at ? icon("done") : null)));
}

/**
 * What must be there before it leaves: the phone knows what was recorded on it; the office knows the rest.
 * @param {import("./data.js").Row} found
 */
async function checklist(found) {
  const done = await recorded(found.id);
  const rows = papers().map(([kind, words]) => row(`/paper/${found.id}/${kind}`, words, done.papers.get(kind) ?? t("Not recorded on this phone"), done.papers.has(kind) ? icon("done") : icon("wait")));
  const dose = row(`/dose/${found.id}`, t("Dose rate"), done.dose || t("Not recorded on this phone"), done.dose ? icon("done") : icon("wait"));
  return h("div", {}, h("h2", {}, t("Before it leaves")), ...rows, dose);
}

/** @param {string} id */
async function recorded(id) {
  const own = (await list({ limit: 1000 })).filter((record) => record.body["consignment"] === id && !["refused", "replaced"].includes(record.state));
  const rate = own.find((record) => record.kind === "record_dose_rate")?.body;
  return {
    papers: new Map(own.filter((record) => record.kind === "record_document").map((record) => [record.body["kind"], record.body["reference"]])),
    dose: rate ? `${rate["surface_usv_h"]} / ${rate["at_1m_usv_h"]} µSv/h` : "",
  };
}

/**
 * Bag after bag: scanned, packed, the next.
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function pack(params) {
  const found = await consignment(params["id"] ?? "");
  const [bags, roads] = await Promise.all([samples(), consignments()]);
  if (!found) return { title: t("Add bags"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/consignments" };
  const taken = new Set(roads.filter((road) => road["state"] !== "CANCELLED").flatMap((road) => bagsOf(road).map((/** @type {any} */ item) => item.sample)));
  const loose = new Map(bags.filter((bag) => bag["seal"] && !taken.has(bag.id)).map((bag) => [bag["tag"], bag]));
  /** @type {Map<string, import("./data.js").Row>} */
  const chosen = new Map();
  const said = h("div", { role: "status" });
  const rows = h("div");
  const press = primary("", () => keep(), { id: "save-pack" });
  const label = () => {
    const total = [...chosen.values()].reduce((sum, bag) => sum + Number(bag["sealed_mass_g"] ?? bag["mass_g"] ?? 0), 0);
    press.replaceChildren(h("span", {}, chosen.size ? t("Pack {n} bags, {mass}", { n: chosen.size, mass: mass(total) }) : t("Scan or choose bags")));
    /** @type {HTMLButtonElement} */ (press).disabled = !chosen.size;
  };
  const draw = () => {
    rows.replaceChildren(...[...loose.values()].map((bag) => h("button.row", { type: "button", role: "checkbox", "aria-checked": String(chosen.has(bag.id)), onclick: () => (toggle(bag), draw()) }, h("span.row-text", {}, h("b", {}, showTag(bag["tag"])), h("small", {}, `${mass(bag["sealed_mass_g"] ?? bag["mass_g"])} · ${sealWords(bag["seal"])}`)), icon(chosen.has(bag.id) ? "done" : "plus"))));
    if (!loose.size) rows.replaceChildren(empty(t("No sealed bag is free"), t("Seal bags first; then they can be packed.")));
    label();
  };
  const toggle = (/** @type {import("./data.js").Row} */ bag) => (chosen.has(bag.id) ? chosen.delete(bag.id) : chosen.set(bag.id, bag));
  const scanned = (/** @type {string} */ text) => {
    const { code, problem } = readTag(text);
    const bag = loose.get(code);
    if (bag) chosen.set(bag.id, bag);
    said.replaceChildren(bag ? notice("good", t("{tag} goes in", { tag: showTag(code) })) : notice("bad", problem || t("{tag} is no sealed bag that is free", { tag: showTag(code) })));
    draw();
  };
  const place = h("div");
  const camera = button(t("Camera"), () => place.replaceChildren(finder(scanned).element), { icon: "scan" });
  const keep = async () => {
    await add("pack", { consignment: found.id, samples: [...chosen.keys()] }, {});
    say(t("{n} bags packed", { n: chosen.size }));
    go(`/consignment/${found.id}`);
  };
  draw();
  return { title: t("Add bags"), body: h("div", {}, place, camera, said, h("h2", {}, t("Sealed and free")), rows), back: `/consignment/${found.id}`, action: press, scanned };
}

/**
 * Binding: what will happen stands there in one sentence.
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function dispatch(params) {
  const found = await consignment(params["id"] ?? "");
  if (!found) return { title: t("Dispatch"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/consignments" };
  const bags = bagsOf(found);
  const [carrier, destination, done] = await Promise.all([find("organisations", found["carrier"]), find("organisations", found["destination"]), recorded(found.id)]);
  const total = bags.reduce((/** @type {number} */ sum, /** @type {any} */ bag) => sum + Number(bag.sealed_mass_g ?? 0), 0);
  const missing = papers().filter(([kind]) => !done.papers.has(kind)).map(([, words]) => words);
  if (!done.dose) missing.push(t("Dose rate"));
  const words = t("{n} bags, {mass}, go to {carrier} for {laboratory}; from now on the manifest is locked.", { n: bags.length, mass: mass(total), carrier: carrier?.["name"] ?? "–", laboratory: destination?.["name"] ?? "–" });
  const body = h(
    "div",
    {},
    h("div.card", {}, h("b", {}, words)),
    missing.length ? notice("warn", t("Not recorded on this phone"), h("ul", {}, ...missing.map((one) => h("li", {}, one))), h("p", {}, t("If the office has not recorded them either, it will refuse the dispatch."))) : notice("good", t("Papers and dose rate are recorded")),
    placeLine(),
  );
  const keep = async () => {
    await add("dispatch", { consignment: found.id, here: here() }, {});
    say(t("Dispatched"));
    go(`/consignment/${found.id}`);
  };
  const disabled = !bags.length;
  return { title: t("Dispatch"), body, back: `/consignment/${found.id}`, action: primary(t("Dispatch {n} bags", { n: bags.length }), keep, { id: "save-dispatch", disabled }), leave: stopPlaces };
}
