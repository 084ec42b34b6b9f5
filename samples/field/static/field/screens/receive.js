// Receive: bag by bag against the manifest; what is missing is always in sight.

import { button, empty, h, icon, mass, notice, number, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary, show } from "../router.js";
import { cameraWilling } from "../scan.js";
import { t } from "../text.js";
import { add, consignment, consignments, defaults, keepDefaults, lean, list, scaleChoices, uuid7 } from "./data.js";
import { bagsOf, codeOf, roadRows } from "./consignments.js";
import { Form, checkMass, checkNumber } from "./form.js";
import { picture } from "./picture.js";
import { showTag } from "./tag.js";
import { conditions, sealWords } from "./words.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function choose() {
  const roads = (await consignments()).filter((one) => ["DISPATCHED", "PARTLY_RECEIVED"].includes(one["state"]));
  const body = roads.length ? roadRows(roads, (one) => `/receive/${one.id}`) : [empty(t("Nothing to receive"), t("A consignment shows here once it is dispatched to your laboratory."))];
  return { title: t("Receive"), body };
}

/** @param {string} id */
async function receivedHere(id) {
  const own = await list({ limit: 5000 });
  const bags = own.filter((record) => record.kind === "receive_bag" && record.body["consignment"] === id && !["refused", "replaced"].includes(record.state));
  return new Set(bags.map((record) => record.body["tag"]));
}

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function receive(params) {
  const road = await consignment(params["id"] ?? "");
  if (!road) return { title: t("Receive"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/receive" };
  const key = `receive.${road.id}`;
  const [last, scales, mine, photo] = await Promise.all([defaults(), scaleChoices(), receivedHere(road.id), picture(key)]);
  const form = await Form.open(key, { event_id: uuid7(), tag: "", mass_g: "", scale: last["scale"] ?? "", whole: "", maker: "", number: "", condition: "INTACT", drying_loss_g: "" });
  const bags = bagsOf(road);
  const isIn = (/** @type {any} */ bag) => bag.state === "RECEIVED" || mine.has(bag.tag);
  const came = bags.filter(isIn).length + [...mine].filter((tag) => !bags.some((/** @type {any} */ bag) => bag.tag === tag)).length;
  const missing = bags.filter((/** @type {any} */ bag) => !isIn(bag));
  const figure = (/** @type {number} */ value, /** @type {string} */ words) => h("div", {}, h("b", {}, number(value)), h("small", {}, words));
  const expected = h("div", { role: "status" });
  const sealPart = h("div");
  const drawSeal = (/** @type {string} */ code) => {
    const bag = bags.find((/** @type {any} */ one) => one.tag === code);
    expected.replaceChildren(...(code ? [bag ? notice(isIn(bag) ? "warn" : "good", isIn(bag) ? t("{tag} was received before", { tag: showTag(code) }) : t("{tag}: seal {seal}, {mass}", { tag: showTag(code), seal: sealWords(bag.seal), mass: mass(bag.sealed_mass_g) })) : notice("warn", t("{tag} is not on the manifest", { tag: showTag(code) }), h("p", {}, t("Receive it all the same: an incident opens by itself.")))] : []));
    sealPart.replaceChildren(sealField(form, bag));
  };
  const found = (/** @type {string} */ code) => {
    drawSeal(code);
    document.getElementById("f-mass_g")?.focus();
  };
  drawSeal(/^[A-Z]{2}\d{6}.$/.test(form.values["tag"]) ? form.values["tag"] : "");
  const body = h(
    "div",
    {},
    h("div.card", {}, h("div.numbers.three", {}, figure(bags.length, t("expected")), figure(came, t("received")), figure(missing.length, t("missing")))),
    form.summary,
    form.tag("tag", t("Tag"), { found, focus: !form.values["tag"], open: cameraWilling() }),
    expected,
    form.text("mass_g", t("Mass"), { unit: "g", mode: "decimal", check: checkMass }),
    scales.length ? form.choice("scale", t("Scale"), scales, { optional: true }) : null,
    sealPart,
    form.chips("condition", t("Condition"), conditions()),
    photo.element,
    h("details", {}, h("summary", {}, t("Lost by drying")), h("div", {}, form.text("drying_loss_g", t("Lost by drying"), { unit: "g", mode: "decimal", optional: true, check: checkNumber, hint: t("Only if the bag was dried on the way and it was written down.") }))),
    placeLine(),
    h("h2", {}, t("Missing")),
    ...(missing.length ? missing.map((/** @type {any} */ bag) => h("div.row", {}, h("span.row-text", {}, h("b", {}, showTag(bag.tag)), h("small", {}, `${mass(bag.sealed_mass_g)} · ${sealWords(bag.seal)}`)), icon("wait"))) : [notice("good", t("All bags are here"))]),
  );
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    const bag = bags.find((/** @type {any} */ one) => one.tag === v["tag"]);
    const seals = v["whole"] === "yes" && bag?.seal ? [bag.seal] : v["whole"] === "other" ? [[v["maker"].trim(), v["number"].trim()]] : [];
    form.ended = true;
    try {
      const told = lean({ event_id: v["event_id"], consignment: road.id, tag: v["tag"], mass_g: v["mass_g"], scale: v["scale"], condition: v["condition"], drying_loss_g: v["drying_loss_g"], seals, here: here() });
      await add("receive_bag", told, { photographs: photo.taken(), drafts: [key, photo.key] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    await keepDefaults({ scale: v["scale"] });
    say(t("{tag} received", { tag: showTag(v["tag"]) }));
    await show();
  };
  const finish = button(t("Finish"), () => go(`/receive/${road.id}/finish`), { id: "finish" });
  return { title: t("Receive {code}", { code: codeOf(road) }), body, back: "/receive", action: h("div.pair", {}, finish, primary(t("Received, next"), keep, { id: "save-receive" })), scanned: (code) => form.take("tag", code), leave: stopPlaces };
}

/**
 * @param {Form} form
 * @param {any} bag
 */
function sealField(form, bag) {
  const other = h("div.two", {}, form.text("maker", t("Seal's maker"), { most: 60 }), form.text("number", t("Seal's number"), { most: 60 }));
  for (const name of ["maker", "number"]) {
    const field = form.fields.get(name);
    if (field) field.check = () => (form.values["whole"] !== "other" || String(form.values[name] ?? "").trim() ? "" : t("This is missing."));
  }
  const reveal = (/** @type {string} */ value) => (other.hidden = value !== "other");
  reveal(form.values["whole"]);
  /** @type {[string, string][]} */
  const choices = [["other", t("Another seal")], ["none", t("Broken or missing")]];
  if (bag?.seal) choices.unshift(["yes", t("Seal {seal}, whole", { seal: sealWords(bag.seal) })]);
  if (!choices.some(([value]) => value === form.values["whole"])) form.values["whole"] = "";
  return h("div", {}, form.chips("whole", t("Seal found"), choices, { changed: reveal }), other);
}

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function finish(params) {
  const road = await consignment(params["id"] ?? "");
  if (!road) return { title: t("Receive"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/receive" };
  const mine = await receivedHere(road.id);
  const missing = bagsOf(road).filter((/** @type {any} */ bag) => bag.state !== "RECEIVED" && !mine.has(bag.tag));
  const words = missing.length ? t("{n} bags are missing: the consignment stays partly received, and they may still come.", { n: missing.length }) : t("All bags are here: the receipt ends.");
  const keep = async () => {
    await add("finish_receipt", { consignment: road.id, here: here() }, {});
    say(t("Receipt finished"));
    go("/receive");
  };
  const rows = missing.map((/** @type {any} */ bag) => h("div.row", {}, h("b", {}, showTag(bag.tag))));
  return { title: t("Finish the receipt"), body: [notice(missing.length ? "warn" : "good", words), ...rows], back: `/receive/${road.id}`, action: primary(t("Finish the receipt"), keep, { id: "save-finish" }) };
}
