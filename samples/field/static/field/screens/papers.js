// Papers and the dose rate of a consignment.

import { h, notice, say } from "../parts.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, consignment, defaults, keepDefaults, lean, ref } from "./data.js";
import { Form, checkNumber } from "./form.js";
import { papers } from "./words.js";

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function paper(params) {
  const { id = "", kind = "" } = params;
  const [found, documents] = await Promise.all([consignment(id), ref("documents")]);
  const fitting = documents.filter((one) => one["kind"] === kind && (!one["owner"] || one["owner"] === found?.["owner"]));
  const key = `paper.${id}.${kind}`;
  const form = await Form.open(key, { document: "", reference: "" });
  const reference = form.text("reference", t("Number of the paper"), { most: 100 });
  const today = new Date().toLocaleDateString("sv-SE");
  /** @type {[string, string, string][]} */
  const choices = fitting.map((one) => [one.id, one["number"], one["expires_on"] ? t("until {day}", { day: one["expires_on"] }) : ""]);
  const chosen = (/** @type {string} */ value) => {
    const one = fitting.find((other) => other.id === value);
    const input = /** @type {HTMLInputElement} */ (form.fields.get("reference")?.input);
    if (one) form.set("reference", (input.value = one["number"]));
    late.hidden = !(one?.["expires_on"] && one["expires_on"] < today);
  };
  const late = notice("warn", t("This paper has expired"), h("p", {}, t("The office will refuse the dispatch with it.")));
  late.hidden = true;
  const body = h("div", {}, form.summary, choices.length ? form.chips("document", t("Papers of the office"), choices, { optional: true, changed: chosen }) : null, late, reference);
  const keep = async () => {
    if (!form.check()) return;
    form.ended = true;
    await add("record_document", lean({ consignment: id, kind, reference: form.values["reference"].trim(), document: form.values["document"] }), { drafts: [key] });
    say(t("Paper recorded"));
    go(`/consignment/${id}`);
  };
  const title = papers().find(([value]) => value === kind)?.[1] ?? t("Paper");
  return { title, body, back: `/consignment/${id}`, action: primary(t("Keep"), keep, { id: "save-paper" }) };
}

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function dose(params) {
  const id = params["id"] ?? "";
  const last = await defaults();
  const key = `dose.${id}`;
  const form = await Form.open(key, { instrument: last["instrument"] ?? "", surface_usv_h: "", at_1m_usv_h: "" });
  const body = h(
    "div",
    {},
    form.summary,
    h("p", {}, t("Measure the packed consignment: the highest reading at its surface, then at 1 m.")),
    form.text("instrument", t("Instrument"), { most: 100, hint: t("Model and serial number.") }),
    form.text("surface_usv_h", t("At the surface"), { unit: "µSv/h", mode: "decimal", check: checkNumber }),
    form.text("at_1m_usv_h", t("At 1 m"), { unit: "µSv/h", mode: "decimal", check: checkNumber }),
  );
  const keep = async () => {
    if (!form.check()) return;
    form.ended = true;
    const v = form.values;
    await add("record_dose_rate", { consignment: id, instrument: v["instrument"].trim(), surface_usv_h: v["surface_usv_h"], at_1m_usv_h: v["at_1m_usv_h"] }, { drafts: [key] });
    await keepDefaults({ instrument: v["instrument"].trim() });
    say(t("Dose rate recorded"));
    go(`/consignment/${id}`);
  };
  return { title: t("Dose rate"), body, back: `/consignment/${id}`, action: primary(t("Keep"), keep, { id: "save-dose" }) };
}
