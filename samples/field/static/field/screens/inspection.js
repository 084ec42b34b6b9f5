// An inspection on the road: the bag is opened and sealed again; and a bag that is gone.

import { h, notice, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary, show } from "../router.js";
import { t } from "../text.js";
import { add, defaults, lean, sampleByTag, scaleChoices, uuid7 } from "./data.js";
import { Form, checkMass } from "./form.js";
import { picture } from "./picture.js";
import { showTag } from "./tag.js";
import { sealWords } from "./words.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function inspection() {
  const key = "inspection";
  const form = await Form.open(key, { event_id: uuid7(), step: "open", tag: "", note: "", place: "" });
  return form.values["step"] === "reseal" ? reseal(form) : open(form);
}

/** @param {string} code */
async function known(code) {
  return (await sampleByTag(code)) ?? null;
}

/**
 * @param {Form} form
 * @returns {Promise<import("../router.js").Screen>}
 */
async function open(form) {
  const photo = await picture(form.key);
  const said = h("div", { role: "status" });
  const found = async (/** @type {string} */ code) => {
    const bag = await known(code);
    said.replaceChildren(bag ? notice("info", t("{tag}: seal {seal}", { tag: showTag(code), seal: sealWords(bag["seal"]) })) : notice("bad", t("No bag with this tag on the phone.")));
  };
  const body = h(
    "div",
    {},
    form.summary,
    notice("info", t("Record it before the bag is opened."), h("p", {}, t("A bag opened outside a laboratory opens an incident; your note and photograph explain it."))),
    form.tag("tag", t("Tag"), { found, focus: !form.values["tag"] }),
    said,
    form.text("note", t("Who opened it, and why"), { long: true, most: 1000 }),
    form.text("place", t("Name of the place"), { optional: true, most: 100 }),
    photo.element,
    placeLine(),
  );
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    const bag = await known(v["tag"]);
    if (!bag) return form.fault("tag", t("No bag with this tag on the phone."));
    const told = { event_id: v["event_id"], sample: bag.id, here: here({ place: v["place"], note: v["note"] }) };
    await add("open_bag", told, { photographs: photo.taken(), drafts: [photo.key] });
    say(t("{tag} was opened: now seal it again", { tag: showTag(v["tag"]) }));
    form.set("step", "reseal");
    form.set("event_id", uuid7());
    await form.keep();
    await show();
  };
  return { title: t("Inspection"), body, back: "/more", action: primary(t("It is opened"), keep, { id: "save-open" }), scanned: (code) => form.take("tag", code), leave: stopPlaces };
}

/**
 * @param {Form} form
 * @returns {Promise<import("../router.js").Screen>}
 */
async function reseal(form) {
  const tag = form.values["tag"];
  const [last, scales, bag, photo] = await Promise.all([defaults(), scaleChoices(), known(tag), picture(`${form.key}.seal`, t("Photograph of the seal"))]);
  form.values["maker"] ??= last["maker"] ?? "";
  form.values["scale"] ??= last["scale"] ?? "";
  const body = h(
    "div",
    {},
    form.summary,
    form.text("maker", t("New seal's maker"), { most: 60, focus: !form.values["maker"] }),
    form.text("number", t("New seal's number"), { most: 60, focus: Boolean(form.values["maker"]) }),
    form.text("mass_g", t("Mass of the sealed bag"), { unit: "g", mode: "decimal", check: checkMass }),
    scales.length ? form.choice("scale", t("Scale"), scales, { optional: true }) : null,
    photo.element,
    placeLine(),
  );
  const keep = async () => {
    if (!form.check() || !bag) return;
    const v = form.values;
    form.ended = true;
    try {
      const told = lean({ event_id: v["event_id"], sample: bag.id, maker: v["maker"].trim(), number: v["number"].trim(), mass_g: v["mass_g"], scale: v["scale"], here: here({ place: v["place"] }) });
      await add("reseal_bag", told, { photographs: photo.taken(), drafts: [form.key, photo.key] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    say(t("Seal {number} is on {tag}", { number: v["number"], tag: showTag(tag) }));
    go(`/bag/${bag.id}`);
  };
  return { title: t("Seal {tag} again", { tag: showTag(tag) }), body, back: "/more", action: primary(t("Sealed again"), keep, { id: "save-reseal" }), leave: stopPlaces };
}

/** @returns {Promise<import("../router.js").Screen>} */
export async function lost() {
  const form = await Form.open("lost", { event_id: uuid7(), tag: "", note: "" });
  const body = h("div", {}, form.summary, form.tag("tag", t("Tag of the lost bag"), { focus: !form.values["tag"] }), form.text("note", t("How it was lost"), { long: true, most: 1000 }), placeLine());
  const keep = async () => {
    if (!form.check()) return;
    const bag = await known(form.values["tag"]);
    if (!bag) return form.fault("tag", t("No bag with this tag on the phone."));
    form.ended = true;
    await add("report_lost", { event_id: form.values["event_id"], sample: bag.id, here: here({ note: form.values["note"] }) }, { drafts: [form.key] });
    say(t("{tag} is reported lost", { tag: showTag(form.values["tag"]) }));
    go(`/bag/${bag.id}`);
  };
  return { title: t("Lost bag"), body, back: "/more", action: primary(t("Report it lost"), keep, { id: "save-lost" }), scanned: (code) => form.take("tag", code), leave: stopPlaces };
}
