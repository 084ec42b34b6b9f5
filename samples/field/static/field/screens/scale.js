// The scale's daily check: the check weight, and what the scale says of it.

import { empty, h, notice, number, say } from "../parts.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, defaults, find, keepDefaults, ref, uuid7 } from "./data.js";
import { Form, checkMass, checkNumber } from "./form.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function scale() {
  const [scales, last] = await Promise.all([ref("scales"), defaults()]);
  if (!scales.length) return { title: t("Scale's daily check"), body: empty(t("No scale"), t("Your office enters the scales; they come at the next contact.")), back: "/more" };
  const form = await Form.open("scale", { check_id: uuid7(), scale: last["scale"] ?? "", nominal_g: last["nominal_g"] ?? "", read_g: "" });
  const said = h("div", { role: "status" });
  const compare = async () => {
    const one = await find("scales", form.values["scale"]);
    const { nominal_g: nominal, read_g: read } = form.values;
    if (!one || checkNumber(nominal) || checkNumber(read)) return said.replaceChildren();
    const difference = Math.abs(Number(read) - Number(nominal));
    const words = t("{n} g off; one division of this scale is {division} g", { n: number(difference.toFixed(3)), division: number(one["division_g"]) });
    return said.replaceChildren(notice(difference <= Number(one["division_g"]) ? "good" : "warn", words));
  };
  const choices = scales.map((one) => /** @type {[string, string]} */ ([one.id, one["name"]]));
  const body = h(
    "div",
    {},
    form.summary,
    form.choice("scale", t("Scale"), choices, { changed: compare }),
    form.text("nominal_g", t("Check weight"), { unit: "g", mode: "decimal", check: checkMass, changed: compare }),
    form.text("read_g", t("Reading"), { unit: "g", mode: "decimal", check: checkNumber, changed: compare, focus: Boolean(form.values["nominal_g"]) }),
    said,
  );
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    form.ended = true;
    await add("record_scale_check", { check_id: v["check_id"], scale: v["scale"], nominal_g: v["nominal_g"], read_g: v["read_g"], at: new Date().toISOString() }, { drafts: ["scale"] });
    await keepDefaults({ scale: v["scale"], nominal_g: v["nominal_g"] });
    say(t("Check recorded"));
    go("/");
  };
  return { title: t("Scale's daily check"), body, back: "/more", action: primary(t("Keep"), keep, { id: "save-scale" }) };
}
