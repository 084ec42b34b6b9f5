// Report an incident: what, of which bag or consignment, with a photograph.

import { h, notice, say } from "../parts.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, consignments, lean, sample, sampleByTag, uuid7 } from "./data.js";
import { codeOf } from "./consignments.js";
import { Form } from "./form.js";
import { picture } from "./picture.js";
import { readTag } from "./tag.js";
import { incidents } from "./words.js";

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function incident(params) {
  const key = "incident";
  const given = params["sample"] ? await sample(params["sample"]) : undefined;
  const form = await Form.open(key, { incident_id: uuid7(), kind: "", detail: "", tag: given?.["tag"] ?? "", consignment: "" });
  const [photo, roads] = await Promise.all([picture(key), consignments()]);
  const choices = roads.map((one) => /** @type {[string, string]} */ ([one.id, codeOf(one)]));
  const tag = form.tag("tag", t("Tag of the bag"), {});
  const field = form.fields.get("tag");
  const typed = () => String(form.values["tag"] ?? "").trim();
  if (field) field.check = () => (typed() ? readTag(typed()).problem : form.values["consignment"] ? "" : t("Name a bag or a consignment."));
  const body = h(
    "div",
    {},
    form.summary,
    form.choice("kind", t("What is it"), incidents()),
    form.text("detail", t("What happened"), { long: true, most: 500 }),
    tag,
    choices.length ? form.choice("consignment", t("Consignment"), choices, { optional: true }) : null,
    photo.element,
    notice("info", t("Whoever is asked explains it; until then the samples stay out of decisions.")),
  );
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    const bag = typed() ? await sampleByTag(readTag(typed()).code) : null;
    if (typed() && !bag) return form.fault("tag", t("No bag with this tag on the phone."));
    form.ended = true;
    try {
      const told = lean({ incident_id: v["incident_id"], kind: v["kind"], detail: v["detail"].trim(), sample: bag?.id, consignment: v["consignment"] });
      await add("report_incident", told, { photographs: photo.taken(), drafts: [key, photo.key] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    say(t("Incident reported"));
    go("/outbox");
  };
  return { title: t("Report an incident"), body, back: "/more", action: primary(t("Report"), keep, { id: "save-incident" }), scanned: (code) => form.take("tag", code) };
}
