// Hand over: seals one by one, the whole mass, then the phone is turned round and the receiver confirms the same summary.

import { button, empty, h, icon, mass, notice, say } from "../parts.js";
import { placeLine, stopPlaces } from "../places.js";
import { go, primary, show } from "../router.js";
import { t } from "../text.js";
import { consignment, consignments, defaults, ref, sampleByTag, scaleChoices, uuid7 } from "./data.js";
import { bagsOf, codeOf, roadRows } from "./consignments.js";
import { confirmed } from "./confirm.js";
import { Form, checkMass } from "./form.js";
import { readTag, showTag } from "./tag.js";
import { conditions, sealWords } from "./words.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function choose() {
  const roads = (await consignments()).filter((one) => one["state"] === "DISPATCHED");
  const form = new Form("", {});
  const found = async (/** @type {string} */ code) => {
    const bag = await sampleByTag(code);
    const road = roads.find((one) => bagsOf(one).some((/** @type {any} */ item) => item.tag === code || item.sample === bag?.id));
    if (road) go(`/handover/${road.id}`);
    else form.fault("tag", t("This bag is in no consignment on the road."));
  };
  const body = h(
    "div",
    {},
    form.tag("tag", t("Scan any bag of it"), { found, focus: true }),
    h("h2", {}, t("On the road")),
    ...(roads.length ? roadRows(roads, (one) => `/handover/${one.id}`) : [empty(t("Nothing is on the road"), t("Dispatch a consignment first; then it can be handed over."))]),
  );
  return { title: t("Hand over"), body, scanned: (code) => form.take("tag", code) };
}

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function handover(params) {
  const road = await consignment(params["id"] ?? "");
  if (!road) return { title: t("Hand over"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/handover" };
  const key = `handover.${road.id}`;
  const form = await Form.open(key, { event_id: uuid7(), step: "seals", seen: {}, mass_g: "", scale: (await defaults())["scale"] ?? "", condition: "INTACT", place: "", to_person: "", to_name: "", to_document: "" });
  const step = form.values["step"];
  const to = async (/** @type {string} */ next) => {
    form.set("step", next);
    await form.keep();
    await show();
  };
  const made = step === "whole" ? await whole(form, road, to) : step === "turn" ? await confirmed(form, road, to) : seals(form, road, to);
  const at = ["seals", "whole", "turn"].indexOf(step);
  const line = h("ol.steps", { "aria-label": t("Step {n} of 3", { n: at + 1 }) }, ...[0, 1, 2].map((one) => h(one <= at ? "li.past" : "li")));
  return { back: at > 0 ? null : "/handover", leave: stopPlaces, ...made, body: [line, ...[made.body].flat()] };
}

/**
 * Step 1: the seals, one by one.
 * @param {Form} form
 * @param {import("./data.js").Row} road
 * @param {(step: string) => Promise<void>} to
 * @returns {import("../router.js").Screen}
 */
function seals(form, road, to) {
  const bags = bagsOf(road);
  const seen = /** @type {Record<string, string[] | "none">} */ (form.values["seen"]);
  const stage = h("div", { "aria-live": "polite" });
  const rows = h("div");
  let now = bags.find((/** @type {any} */ bag) => !(bag.sample in seen));
  const next = primary("", () => to("whole"), { id: "seals-done" });
  const mark = (/** @type {any} */ bag, /** @type {string[] | "none"} */ what) => {
    form.set("seen", { ...form.values["seen"], [bag.sample]: what });
    Object.assign(seen, form.values["seen"]);
    now = bags.find((/** @type {any} */ one) => !(one.sample in form.values["seen"]));
    draw();
  };
  const draw = () => {
    const looked = Object.keys(form.values["seen"]).length;
    stage.replaceChildren(now ? bagSeal(now, bags.indexOf(now) + 1, bags.length, mark) : notice("good", t("All {n} seals were looked at", { n: bags.length })));
    rows.replaceChildren(...bags.map((/** @type {any} */ bag) => sealRow(bag, form.values["seen"][bag.sample], () => ((now = bag), draw(), window.scrollTo(0, 0)))));
    next.className = looked < bags.length ? "plain" : "primary";
    next.replaceChildren(h("span", {}, looked < bags.length ? t("{n} of {all} looked at: go on", { n: looked, all: bags.length }) : t("Go on")));
  };
  draw();
  const scanned = (/** @type {string} */ text) => {
    const bag = bags.find((/** @type {any} */ one) => one.tag === readTag(text).code);
    if (!bag) return say(t("This bag is not in the consignment."), "bad");
    now = bag;
    return draw();
  };
  return { title: t("Hand over {code}", { code: codeOf(road) }), body: [stage, h("h2", {}, t("Bags")), rows], action: next, scanned };
}

/**
 * @param {any} bag
 * @param {number} at
 * @param {number} of
 * @param {(bag: any, what: string[] | "none") => void} mark
 */
function bagSeal(bag, at, of, mark) {
  const maker = /** @type {HTMLInputElement} */ (h("input", { "aria-label": t("Seal's maker"), placeholder: t("Seal's maker"), value: bag.seal?.[0] ?? "" }));
  const number = /** @type {HTMLInputElement} */ (h("input", { "aria-label": t("Seal's number"), placeholder: t("Seal's number") }));
  const fault = h("p.fault", { role: "alert" });
  const other = () => (maker.value.trim() && number.value.trim() ? mark(bag, [maker.value.trim(), number.value.trim()]) : fault.replaceChildren(t("Maker and number, please.")));
  return h(
    "div.card",
    {},
    h("small", {}, t("Bag {n} of {all}", { n: at, all: of })),
    h("div.numbers.codes", {}, h("div", {}, h("b", {}, showTag(bag.tag)), h("small", {}, mass(bag.sealed_mass_g))), h("div", {}, h("b", {}, sealWords(bag.seal)), h("small", {}, t("seal applied")))),
    h("div.field"),
    bag.seal ? primary(t("This seal, and whole"), () => mark(bag, bag.seal), { icon: "done", id: "seal-whole" }) : null,
    h("details", {}, h("summary", {}, t("Another seal, or none")), h("div", {}, maker, h("p"), number, fault, h("p"), button(t("This other seal"), other), h("p"), button(t("Broken or missing"), () => mark(bag, "none"), { kind: "danger" }))),
  );
}

/**
 * @param {any} bag
 * @param {string[] | "none" | undefined} seen
 * @param {() => void} look
 */
function sealRow(bag, seen, look) {
  const same = Array.isArray(seen) && seen.join(" ") === bag.seal?.join(" ");
  const words = seen === undefined ? t("not looked at yet") : seen === "none" ? t("Broken or missing") : same ? t("This seal, and whole") : t("Another: {seal}", { seal: sealWords(seen) });
  return h("button.row", { type: "button", onclick: look }, h("span.row-text", {}, h("b", {}, showTag(bag.tag)), h("small", {}, words)), seen === undefined ? icon("wait") : icon(same ? "done" : "warn"));
}

/**
 * Step 2: the whole: mass, condition, place.
 * @param {Form} form
 * @param {import("./data.js").Row} road
 * @param {(step: string) => Promise<void>} to
 * @returns {Promise<import("../router.js").Screen>}
 */
async function whole(form, road, to) {
  const [scales, contacts] = await Promise.all([scaleChoices(), ref("contacts")]);
  const sealed = bagsOf(road).reduce((/** @type {number} */ sum, /** @type {any} */ bag) => sum + Number(bag.sealed_mass_g ?? 0), 0);
  const people = contacts.filter((one) => one["organisation"] === road["carrier"]);
  /** @type {[string, string][]} */
  const takers = [...people.map((one) => /** @type {[string, string]} */ ([one.id, one["name"]])), ["", t("Somebody else")]];
  const outsider = h("div", {}, form.text("to_name", t("Receiver's name"), { most: 200 }), form.text("to_document", t("Number of passport or identity card"), { most: 100 }));
  outsider.hidden = Boolean(form.values["to_person"]);
  const ifOutsider = (/** @type {string} */ name) => {
    const field = form.fields.get(name);
    if (field) field.check = () => (form.values["to_person"] || String(form.values[name] ?? "").trim() ? "" : t("This is missing."));
  };
  ["to_name", "to_document"].forEach(ifOutsider);
  const body = h(
    "div",
    {},
    form.summary,
    form.text("mass_g", t("Gross mass of the whole"), { unit: "g", mode: "decimal", optional: true, check: checkMass, hint: t("Sealed: {mass}.", { mass: mass(sealed) }) }),
    scales.length ? form.choice("scale", t("Scale"), scales, { optional: true }) : null,
    form.chips("condition", t("Condition"), conditions()),
    form.text("place", t("Name of the place"), { optional: true, most: 100 }),
    placeLine(),
    form.chips("to_person", t("Who takes over"), takers, { optional: true, quiet: true, changed: (value) => (outsider.hidden = Boolean(value)) }),
    outsider,
  );
  const on = async () => {
    if (form.check()) await to("turn");
  };
  return { title: t("Hand over {code}", { code: codeOf(road) }), body, action: h("div.pair", {}, button(t("Back"), () => to("seals")), primary(t("Turn the phone round"), on, { id: "turn" })) };
}
