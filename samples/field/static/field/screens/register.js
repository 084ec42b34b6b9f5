// Register a sample: the tag, the mass, the place; the rest is carried over from the last one.

import { button, h, mass, notice, number, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { primary, show } from "../router.js";
import { cameraWilling } from "../scan.js";
import { t } from "../text.js";
import { add, defaults, dropDraft, freeTags, keepDefaults, lean, meta, openBatches, progress, samples, scaleChoices, uuid7 } from "./data.js";
import { Form, checkMass, checkNumber } from "./form.js";
import { picture } from "./picture.js";
import { showTag } from "./tag.js";
import { empty } from "../parts.js";

const KEY = "register";
/** what the next sample begins with */
const CARRIED = ["batch", "site", "depth_m", "scale", "collector"];

/** @returns {Promise<import("../router.js").Screen>} */
export async function register() {
  const [batches, bags, last, me] = await Promise.all([openBatches(), samples(), defaults(), meta()]);
  if (!batches.length) {
    const body = empty(t("No open batch"), t("Your office opens a batch for the mine. It comes to this phone at the next contact."));
    return { title: t("Register a sample"), body };
  }
  const carried = Object.fromEntries(CARRIED.map((name) => [name, last[name] ?? ""]));
  const first = batches.length === 1 ? batches[0]?.id : "";
  const form = await Form.open(KEY, { ...carried, collector: last["collector"] || me.person.name, batch: last["batch"] || first, sample_id: uuid7(), tag: "", mass_g: "" });
  const [photo, free, scales] = await Promise.all([picture(KEY), freeTags(), scaleChoices()]);
  const batch = batches.find((one) => one.id === form.values["batch"]);
  const used = new Map(bags.map((one) => [one["tag"], one]));

  const elsewhere = (/** @type {string} */ code) => (used.has(code) ? t("{tag} is on a bag already. Is it the right tag?", { tag: showTag(code) }) : "");
  const suggest = (/** @type {string} */ typed) => (typed.length < 2 ? [] : free.filter((code) => code.slice(0, -1).endsWith(typed) || code.startsWith(typed)).slice(0, 2));
  const toMass = () => /** @type {HTMLElement | null} */ (document.getElementById("f-mass_g"))?.focus();
  const again = async () => {
    await form.keep();
    await show();
  };
  const body = h(
    "div",
    {},
    form.summary,
    batchPart(form, batches, again),
    form.tag("tag", t("Tag"), { found: toMass, check: elsewhere, suggest, open: cameraWilling(), focus: !form.values["tag"] }),
    form.text("mass_g", t("Mass"), { unit: "g", mode: "decimal", check: checkMass }),
    scalePart(form, scales),
    placeLine(),
    batch ? sitePart(form, progress(batch, bags)) : null,
    photo.element,
    morePart(form),
  );

  const keep = async () => {
    if (!form.check()) return false;
    const values = { ...form.values };
    form.ended = true;
    try {
      await add("register_sample", bodyOf(values), { photographs: photo.taken(), drafts: [KEY, photo.key] });
    } catch (error) {
      form.ended = false;
      void form.keep();
      throw error;
    }
    await dropDraft(KEY);
    await keepDefaults(Object.fromEntries(CARRIED.map((name) => [name, values[name] ?? ""])));
    say(t("{tag}, {mass}: kept on this phone", { tag: showTag(values["tag"]), mass: mass(values["mass_g"]) }));
    return values;
  };
  const next = async () => {
    if (await keep()) await show();
  };
  const seal = async () => {
    const values = await keep();
    if (values) location.hash = `#/seal/${values["sample_id"]}`;
  };
  const actions = [primary(t("Save and next"), next, { id: "save-next" }), button(t("Save and seal"), seal, { id: "save-seal" })];
  return { title: t("Register a sample"), body, action: h("div.pair", {}, actions[1], actions[0]), scanned: (code) => form.take("tag", code), leave: stopPlaces };
}

/**
 * @param {Record<string, any>} values
 * @returns {import("../types.js").Body}
 */
function bodyOf(values) {
  const blind = values["blind"] ? { kind: values["blind"], material: (values["material"] ?? "").trim() } : null;
  const names = ["sample_id", "batch", "tag", "mass_g", "site", "depth_m", "note", "field_number", "collector", "scale"];
  return lean({ ...Object.fromEntries(names.map((name) => [name, typeof values[name] === "string" ? values[name].trim() : values[name]])), blind, here: here() });
}

/**
 * @param {Form} form
 * @param {import("./data.js").Row[]} batches
 * @param {() => void} again
 */
function batchPart(form, batches, again) {
  /** @type {[string, string][]} */
  const choices = batches.map((one) => [one.id, [one["code"], one["campaign"]].filter(Boolean).join(" · ")]);
  return form.choice("batch", t("Batch"), choices, { changed: again });
}

/**
 * The scale is chosen once; then it is only told.
 * @param {Form} form
 * @param {[string, string][]} scales
 */
function scalePart(form, scales) {
  if (!scales.length) return null;
  const chosen = scales.find(([id]) => id === form.values["scale"]);
  const choice = form.choice("scale", t("Scale"), scales, { optional: true });
  if (!chosen) return choice;
  const words = t("Scale: {name}", { name: chosen[1] });
  return h("details", {}, h("summary", {}, words), h("div", {}, choice));
}

/**
 * @param {Form} form
 * @param {ReturnType<typeof progress>} done
 */
function sitePart(form, done) {
  if (!done.sites.length) return form.text("site", t("Site"), { optional: true, most: 60, hint: t("Pit, hole or heap.") });
  /** @type {[string, string, string][]} */
  const choices = done.sites.map((/** @type {any} */ site) => [site.name, site.name, `${number(site.registered)} / ${number(site.planned)}`]);
  return form.chips("site", t("Site in the plan"), choices, { optional: true });
}

/** @param {Form} form */
function morePart(form) {
  const material = form.text("material", t("Material"), { most: 100, hint: t("The name on its certificate or bottle.") });
  material.hidden = !form.values["blind"];
  /** @type {[string, string][]} */
  const kinds = [["BLANK", t("Blank")], ["CRM", t("Reference material")]];
  const blind = form.chips("blind", t("Blind quality-control item"), kinds, { optional: true, changed: (value) => (material.hidden = !value) });
  const check = form.fields.get("material");
  if (check) check.check = () => (form.values["blind"] && !String(form.values["material"] ?? "").trim() ? t("This is missing.") : "");
  return h(
    "details",
    { open: Boolean(form.values["note"] || form.values["field_number"] || form.values["blind"]) },
    h("summary", {}, t("Depth, notes, quality control")),
    h(
      "div",
      {},
      form.text("depth_m", t("Depth"), { unit: "m", mode: "decimal", optional: true, check: checkNumber }),
      form.text("note", t("Notes"), { long: true, optional: true, most: 4000 }),
      form.text("field_number", t("Field number"), { optional: true, most: 60 }),
      form.text("collector", t("Collected by"), { optional: true, most: 200 }),
      blind,
      material,
      notice("info", t("The laboratory is never told which bags are quality control.")),
    ),
  );
}
