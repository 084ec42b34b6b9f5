// Consignments: the list, and a new one.

import { empty, h, row, say } from "../parts.js";
import { go, primary } from "../router.js";
import { t } from "../text.js";
import { add, consignments, defaults, keepDefaults, lean, meta, ref, uuid7 } from "./data.js";
import { Form } from "./form.js";
import { consignmentWord, mark } from "./words.js";

/** @param {import("./data.js").Row} one */
export const bagsOf = (one) => (one["items"] ?? []).filter((/** @type {any} */ item) => item.state !== "MOVED");

/** @param {import("./data.js").Row} one */
export const codeOf = (one) => one["code"] || t("New consignment");

/**
 * A list to choose a consignment from.
 * @param {import("./data.js").Row[]} found
 * @param {(one: import("./data.js").Row) => string} to
 */
export const roadRows = (found, to) =>
  found.map((one) => row(to(one), codeOf(one), `${consignmentWord(one["state"])} · ${t("{n} bags", { n: bagsOf(one).length })}`, one["phone"] ? mark(one["phone"]) : null));

/** @returns {Promise<import("../router.js").Screen>} */
export async function list() {
  const all = await consignments();
  const body = all.length ? roadRows(all, (one) => `/consignment/${one.id}`) : [empty(t("No consignment"), t("Start one when sealed bags leave the mine."))];
  return { title: t("Consignments"), body, action: primary(t("Start a consignment"), () => go("/new-consignment"), { icon: "plus", id: "start" }) };
}

/** @returns {Promise<import("../router.js").Screen>} */
export async function begin() {
  const [organisations, routes, me, last] = await Promise.all([ref("organisations"), ref("routes"), meta(), defaults()]);
  const among = (/** @type {string} */ kind) => organisations.filter((one) => one["kind"] === kind).map((one) => /** @type {[string, string]} */ ([one.id, one["name"]]));
  const form = await Form.open("consignment", { consignment_id: uuid7(), owner: last["owner"] ?? "", carrier: last["carrier"] ?? "", destination: last["destination"] ?? "", route: last["route"] ?? "", arrival: "" });
  const owners = me.organisations.map((one) => /** @type {[string, string]} */ ([one.id, one.name]));
  const arrival = /** @type {HTMLInputElement} */ (h("input", { type: "date", value: form.values["arrival"] }));
  arrival.addEventListener("input", () => form.set("arrival", arrival.value));
  const body = h(
    "div",
    {},
    form.summary,
    form.choice("owner", t("Owner"), owners),
    form.choice("carrier", t("Carrier"), among("CARRIER")),
    form.choice("destination", t("Laboratory"), among("LABORATORY")),
    routes.length ? form.choice("route", t("Route"), routes.map((one) => [one.id, one["name"]]), { optional: true }) : null,
    form.hold("arrival", t("Planned arrival"), arrival, h("div.control", {}, arrival), { optional: true }),
  );
  const keep = async () => {
    if (!form.check()) return;
    const { arrival: day, ...v } = form.values;
    form.ended = true;
    try {
      await add("start_consignment", lean({ ...v, planned_arrival: day ? new Date(`${day}T12:00`).toISOString() : "" }), { drafts: ["consignment"] });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    await keepDefaults({ owner: v["owner"], carrier: v["carrier"], destination: v["destination"], route: v["route"] });
    say(t("Consignment started"));
    go(`/consignment/${v["consignment_id"]}`);
  };
  return { title: t("Start a consignment"), body, back: "/consignments", action: primary(t("Start and pack"), keep, { id: "save-start" }) };
}
