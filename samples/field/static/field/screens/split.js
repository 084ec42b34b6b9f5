// Split a consignment on the road: the bags that are chosen travel on as a consignment of their own.

import { button, empty, h, icon, mass, notice, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary } from "../router.js";
import { finder } from "../scan.js";
import { t } from "../text.js";
import { codeOf } from "./consignments.js";
import { add, consignment, lean, uuid7 } from "./data.js";
import { Form } from "./form.js";
import { readTag, showTag } from "./tag.js";
import { sealWords } from "./words.js";

/**
 * Whether something can be split off: it is on the road with more than one bag.
 * @param {import("./data.js").Row} road
 */
export const splittable = (road) => ["DISPATCHED", "PARTLY_RECEIVED"].includes(road["state"]) && travelling(road).length > 1;

/**
 * @param {import("./data.js").Row} road
 * @returns {any[]} its bags that nobody has received yet
 */
const travelling = (road) => (road["items"] ?? []).filter((/** @type {any} */ item) => item.state === "PACKED");

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function split(params) {
  const road = await consignment(params["id"] ?? "");
  const title = t("Split the consignment");
  if (!road) return { title, body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/consignments" };
  const back = `/consignment/${road.id}`;
  if (!splittable(road)) return { title, body: empty(t("Nothing can be split off"), t("Only a consignment on the road with two bags or more can be split.")), back };
  const form = await Form.open(`split.${road.id}`, { consignment_id: uuid7(), samples: [], place: "", note: "" });
  const press = primary("", () => keep(road, form), { id: "save-split" });
  const list = bagList(road, form, /** @type {HTMLButtonElement} */ (press));
  const place = h("div");
  const camera = button(t("Camera"), () => place.replaceChildren(finder(list.scanned).element), { icon: "scan" });
  const body = h(
    "div",
    {},
    form.summary,
    notice("info", t("The bags you choose travel on as a consignment of their own, with the same papers. The others stay together.")),
    place,
    camera,
    h("h2", {}, t("Which bags go")),
    list.element,
    h("h2", {}, t("Where and why")),
    form.text("place", t("Name of the place"), { optional: true, most: 100 }),
    placeLine(),
    form.text("note", t("Notes"), { long: true, optional: true, most: 4000 }),
  );
  return { title: t("Split {code}", { code: codeOf(road) }), body, back, action: press, scanned: list.scanned, leave: stopPlaces };
}

/**
 * The bags, each chosen by a press or a scan; the button says what would go.
 * @param {import("./data.js").Row} road
 * @param {Form} form
 * @param {HTMLButtonElement} press
 */
function bagList(road, form, press) {
  const bags = travelling(road);
  const rows = h("div");
  const said = h("div", { role: "status" });
  const chosen = () => bags.filter((bag) => form.values["samples"].includes(bag.sample));
  const draw = () => {
    const going = chosen();
    const total = going.reduce((sum, bag) => sum + Number(bag.sealed_mass_g ?? 0), 0);
    const all = going.length === bags.length;
    rows.replaceChildren(...bags.map((bag) => bagRow(bag, going.includes(bag), () => toggle(bag))));
    press.disabled = !going.length || all;
    const ready = t("Split off {n} bags, {mass}", { n: going.length, mass: mass(total) });
    press.replaceChildren(h("span", {}, all ? t("One bag must stay at least") : going.length ? ready : t("Scan or choose bags")));
  };
  const toggle = (/** @type {any} */ bag) => {
    const at = bags.indexOf(bag);
    const held = form.values["samples"];
    form.set("samples", held.includes(bag.sample) ? held.filter((/** @type {string} */ one) => one !== bag.sample) : [...held, bag.sample]);
    draw();
    /** @type {HTMLElement | undefined} */ (rows.children[at])?.focus();
  };
  const scanned = (/** @type {string} */ text) => {
    const { code, problem } = readTag(text);
    const bag = bags.find((one) => one.tag === code);
    if (bag && !form.values["samples"].includes(bag.sample)) form.set("samples", [...form.values["samples"], bag.sample]);
    said.replaceChildren(bag ? notice("good", t("{tag} is chosen", { tag: showTag(code) })) : notice("bad", problem || t("This bag is not in the consignment.")));
    draw();
  };
  draw();
  return { element: h("div", {}, said, rows), scanned };
}

/**
 * @param {any} bag
 * @param {boolean} goes
 * @param {() => void} pressed
 */
function bagRow(bag, goes, pressed) {
  const words = h("span.row-text", {}, h("b", {}, showTag(bag.tag)), h("small", {}, `${mass(bag.sealed_mass_g)} · ${sealWords(bag.seal)}`));
  return h("button.row", { type: "button", role: "checkbox", "aria-checked": String(goes), "data-tag": bag.tag, onclick: pressed }, words, icon(goes ? "done" : "plus"));
}

/**
 * @param {import("./data.js").Row} road
 * @param {Form} form
 */
async function keep(road, form) {
  if (!form.check()) return;
  const v = form.values;
  const still = new Set(travelling(road).map((bag) => bag.sample));
  const samples = v["samples"].filter((/** @type {string} */ one) => still.has(one));
  form.ended = true;
  try {
    const told = lean({ consignment_id: v["consignment_id"], consignment: road.id, samples, here: here({ place: v["place"], note: v["note"] }) });
    await add("split_consignment", told, { drafts: [form.key] });
  } catch (error) {
    form.ended = false;
    throw error;
  }
  say(t("{n} bags split off from {code}", { n: samples.length, code: codeOf(road) }));
  go(`/consignment/${v["consignment_id"]}`);
}
