// Put a seal on a bag: its maker and number, and the bag's mass with it.

import { empty, h, notice, number, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, defaults, keepDefaults, lean, sample, sampleByTag, samples, scaleChoices, uuid7 } from "./data.js";
import { Form, checkMass } from "./form.js";
import { picture } from "./picture.js";
import { readTag, showTag } from "./tag.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function sealNext() {
  const open = (await samples()).filter((one) => !one["seal"] && one["state"] !== "WITHDRAWN");
  if (!open.length) return { title: t("Seal"), body: empty(t("Every bag is sealed"), t("Register a sample, then seal its bag.")) };
  go(`/seal/${open[0]?.id}`);
  return { title: t("Seal"), body: h("div") };
}

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function seal(params) {
  const one = await sample(params["id"] ?? "");
  if (!one) return { title: t("Seal"), body: empty(t("Not on this phone"), t("Register the sample first.")), back: "/bags" };
  const key = `seal.${one.id}`;
  const last = await defaults();
  const form = await Form.open(key, { event_id: uuid7(), maker: last["maker"] ?? "", number: "", mass_g: "", scale: last["scale"] ?? "" });
  const [photo, scales] = await Promise.all([picture(key, t("Photograph of the seal")), scaleChoices()]);
  const scanned = async (/** @type {string} */ code) => {
    const other = readTag(code).problem ? null : await sampleByTag(readTag(code).code);
    if (other) return go(`/seal/${other.id}`);
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById("f-number"));
    if (field) field.value = code;
    return form.set("number", code);
  };
  const body = h(
    "div",
    {},
    form.summary,
    one["seal"] ? notice("warn", t("This bag carries a seal: {seal}", { seal: one["seal"].join(" ") })) : null,
    form.text("maker", t("Seal's maker"), { most: 60, focus: !form.values["maker"] }),
    form.text("number", t("Seal's number"), { most: 60, focus: Boolean(form.values["maker"]), hint: t("Type it, or read its code with a hardware scanner.") }),
    form.text("mass_g", t("Mass of the sealed bag"), { unit: "g", mode: "decimal", check: checkMass, hint: t("Registered with {mass} g.", { mass: number(one["mass_g"]) }) }),
    scales.length ? form.choice("scale", t("Scale"), scales, { optional: true }) : null,
    photo.element,
    placeLine(),
  );
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    form.ended = true;
    try {
      const told = lean({ event_id: v["event_id"], sample: one.id, maker: v["maker"].trim(), number: v["number"].trim(), mass_g: v["mass_g"], scale: v["scale"], here: here() });
      await add("seal_sample", told, { photographs: photo.taken(), drafts: [key, photo.key] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    await keepDefaults({ maker: v["maker"].trim(), scale: v["scale"] });
    say(t("Seal {number} is on {tag}", { number: v["number"], tag: showTag(one["tag"]) }));
    go(`/register`);
  };
  return { title: t("Seal {tag}", { tag: showTag(one["tag"]) }), body, back: `/bag/${one.id}`, action: primary(t("Sealed"), keep, { id: "save-seal" }), scanned, leave: stopPlaces };
}
