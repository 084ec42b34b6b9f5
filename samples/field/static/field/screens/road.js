// On the way: a checkpoint, the border, the arrival.

import { empty, h, say } from "../parts.js";
import { here, placeLine, stopPlaces } from "../places.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, consignment, consignments, lean, uuid7 } from "./data.js";
import { codeOf, roadRows } from "./consignments.js";
import { Form } from "./form.js";
import { picture } from "./picture.js";
import { happenings } from "./words.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function choose() {
  const roads = (await consignments()).filter((one) => ["DISPATCHED", "PARTLY_RECEIVED"].includes(one["state"]));
  const body = roads.length ? roadRows(roads, (one) => `/road/${one.id}`) : [empty(t("Nothing is on the road"), t("Checkpoints and borders are recorded for a consignment that was dispatched."))];
  return { title: t("On the way"), body };
}

/**
 * @param {Record<string, string>} params
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function happened(params) {
  const road = await consignment(params["id"] ?? "");
  if (!road) return { title: t("On the way"), body: empty(t("Not on this phone"), t("This consignment is not known here.")), back: "/road" };
  const key = `road.${road.id}`;
  const form = await Form.open(key, { event_id: uuid7(), kind: "", place: "", note: "" });
  const photo = await picture(key);
  const names = [...new Set((road["legs"] ?? []).filter((/** @type {any} */ leg) => !leg.done_at).map((/** @type {any} */ leg) => String(leg.to)))].slice(0, 4);
  const place = form.text("place", t("Name of the place"), { optional: true, most: 100 });
  const put = (/** @type {string} */ value) => {
    const input = /** @type {HTMLInputElement} */ (form.fields.get("place")?.input);
    input.value = value;
    form.set("place", value);
  };
  const body = h(
    "div",
    {},
    form.summary,
    form.chips("kind", t("What"), happenings()),
    names.length ? form.chips("leg", t("Next on the route"), names.map((name) => [name, name]), { optional: true, changed: put }) : null,
    place,
    placeLine(),
    photo.element,
    form.text("note", t("Notes"), { long: true, optional: true, most: 4000 }),
  );
  const keep = async () => {
    if (!form.check()) return;
    const v = form.values;
    form.ended = true;
    try {
      const told = lean({ event_id: v["event_id"], consignment: road.id, kind: v["kind"], here: here({ place: v["place"], note: v["note"] }) });
      await add("record_event", told, { photographs: photo.taken(), drafts: [key, photo.key] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    say(happenings().find(([value]) => value === v["kind"])?.[1] ?? "");
    go(`/consignment/${road.id}`);
  };
  return { title: codeOf(road), body, back: "/road", action: primary(t("Keep"), keep, { id: "save-road" }), leave: stopPlaces };
}
