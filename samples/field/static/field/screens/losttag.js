// A tag is lost or a bag is re-bagged: old tag to new tag, with two witnesses and a photograph.

import { h, notice, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, freeTags, sampleByTag, samples, uuid7 } from "./data.js";
import { Form } from "./form.js";
import { picture } from "./picture.js";
import { readTag, showTag } from "./tag.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function lostTag() {
  const key = "losttag";
  const form = await Form.open(key, { replacement_id: uuid7(), tag: "", new_tag: "", reason: "", name_one: "", document_one: "", name_two: "", document_two: "" });
  const [photo, bags, free] = await Promise.all([picture(key, t("Photograph of bag and new tag")), samples(), freeTags()]);
  const oldOnes = (/** @type {string} */ typed) => (typed.length < 2 ? [] : bags.map((one) => String(one["tag"])).filter((code) => code.includes(typed)).slice(0, 2));
  const newOnes = (/** @type {string} */ typed) => (typed.length < 2 ? [] : free.filter((code) => code.includes(typed)).slice(0, 2));
  const onABag = (/** @type {string} */ code) => (bags.some((one) => one["tag"] === code) ? t("{tag} is on a bag already. Is it the right tag?", { tag: showTag(code) }) : "");
  const onNone = (/** @type {string} */ code) => (bags.some((one) => one["tag"] === code) ? "" : t("No bag with this tag on the phone."));
  const witness = (/** @type {string} */ which, /** @type {string} */ title) => h("div", {}, h("h2", {}, title), form.text(`name_${which}`, t("Name"), { most: 200 }), form.text(`document_${which}`, t("Document number"), { most: 100 }));
  const body = h(
    "div",
    {},
    form.summary,
    form.tag("tag", t("Old tag"), { check: onNone, suggest: oldOnes, focus: !form.values["tag"] }),
    form.tag("new_tag", t("New tag"), { check: onABag, suggest: newOnes }),
    form.text("reason", t("Reason"), { long: true, most: 1000, hint: t("What happened to the old tag, and how you know the bag.") }),
    witness("one", t("First witness")),
    witness("two", t("Second witness")),
    photo.element,
    placeLine(),
  );
  const scanned = (/** @type {string} */ code) => form.take(readTag(form.values["tag"]).problem ? "tag" : "new_tag", code);
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    if (!photo.taken().length) return void form.summary.replaceChildren(notice("bad", t("A photograph of the bag with its new tag is needed.")));
    if (v["name_one"].trim().toLowerCase() === v["name_two"].trim().toLowerCase()) return form.fault("name_two", t("Two different people, please."));
    const bag = await sampleByTag(readTag(v["tag"]).code);
    const witnesses = ["one", "two"].map((which) => ({ name: v[`name_${which}`].trim(), document: v[`document_${which}`].trim() }));
    form.ended = true;
    try {
      const told = { replacement_id: v["replacement_id"], sample: bag?.id, new_tag: readTag(v["new_tag"]).code, reason: v["reason"].trim(), witnesses, here: here() };
      await add("replace_tag", told, { photographs: photo.taken(), drafts: [key, photo.key] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    say(t("{tag} replaces {old}", { tag: showTag(readTag(v["new_tag"]).code), old: showTag(v["tag"]) }));
    go(`/bag/${bag?.id}`);
  };
  return { title: t("Lost tag"), body, back: "/more", action: primary(t("Replace the tag"), keep, { id: "save-replace" }), scanned, leave: stopPlaces };
}
