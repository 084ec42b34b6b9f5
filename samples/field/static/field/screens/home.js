// What is on my phone, what has arrived? And the one thing done most: register a sample.

import { age, empty, h, icon, mass, number, row } from "../parts.js";
import { t } from "../text.js";
import { consignments, counts, defaults, meta, openBatches, progress, room, samples } from "./data.js";
import { consignmentWord } from "./words.js";

/** @returns {Promise<import("../router.js").Screen>} */
export async function home() {
  const [told, bags, batches, last, roads, me, space] = await Promise.all([counts(), samples(), openBatches(), defaults(), consignments(), meta(), room()]);
  const batch = batches.find((one) => one.id === last["batch"]) ?? batches[0];
  const going = roads.filter((one) => ["PACKING", "DISPATCHED", "PARTLY_RECEIVED"].includes(one["state"]));
  const body = h(
    "div",
    {},
    tally(told, me.lastSync),
    gauges(space),
    h("a.big", { href: "#/register", id: "go-register" }, icon("plus"), t("Register a sample")),
    h("div.grid", {}, ...places()),
    h("h2", {}, t("Today's batch")),
    batch ? batchCard(batch, bags) : empty(t("No open batch"), t("Your office opens a batch for the mine. It comes to this phone at the next contact.")),
    h("h2", {}, t("Consignments under way")),
    ...(going.length ? going.slice(0, 4).map(road) : [h("p", {}, t("None. Pack sealed bags when they leave the mine."))]),
  );
  return { title: me.person.name, body, back: null };
}

/**
 * The unsent count, always in sight, with the age of the oldest.
 * @param {import("../types.js").Counts} told
 * @param {number | null} lastSync
 */
function tally(told, lastSync) {
  const when = lastSync ? t("Last contact {age} ago", { age: age(lastSync) }) : t("No contact yet");
  if (told.refused) {
    const under = told.unsent ? t("and {n} not sent yet", { n: number(told.unsent) }) : when;
    return h("a.tally.bad", { href: "#/outbox?show=refused" }, icon("stop"), h("span", {}, h("b", {}, t("{n} refused: look why", { n: number(told.refused) })), h("small", {}, under)));
  }
  if (told.unsent) {
    const under = `${t("the oldest for {age}", { age: age(told.oldest) })} · ${when}`;
    return h("a.tally.warn", { href: "#/outbox" }, icon("wait"), h("span", {}, h("b", {}, t("{n} not sent yet", { n: number(told.unsent) })), h("small", {}, under)));
  }
  return h("a.tally.good", { href: "#/outbox" }, icon("done"), h("span", {}, h("b", {}, t("Everything has arrived")), h("small", {}, when)));
}

/** @param {Awaited<ReturnType<typeof room>>} space */
function gauges(space) {
  const battery = space.battery !== null ? t("Battery {n} %", { n: space.battery }) : t("Battery: not told");
  const free = space.free ? t("Free {size}", { size: space.free }) : t("Storage: not told");
  return h("div.gauges.figures", {}, h("span", {}, battery), h("span", {}, free));
}

function places() {
  /** @type {[string, string, string][]} */
  const list = [
    ["/bags", "bag", t("Bags and seals")],
    ["/consignments", "box", t("Pack and dispatch")],
    ["/handover", "hand", t("Hand over")],
    ["/road", "place", t("On the way")],
    ["/receive", "scan", t("Receive")],
    ["/more", "list", t("More")],
  ];
  return list.map(([to, shape, words]) => h("a", { href: `#${to}` }, icon(shape), words));
}

/**
 * @param {import("./data.js").Row} batch
 * @param {import("./data.js").Row[]} bags
 */
function batchCard(batch, bags) {
  const done = progress(batch, bags);
  const figure = (/** @type {string} */ value, /** @type {string} */ words) => h("div", {}, h("b", {}, value), h("small", {}, words));
  const plan = done.planned ? t("{n} of {planned} planned", { n: number(done.registered), planned: number(done.planned) }) : "";
  const meter = done.planned ? h("progress.meter", { value: Math.min(done.registered, done.planned), max: done.planned, "aria-label": plan }) : null;
  return h(
    "a.card",
    { href: `#/bags?batch=${batch.id}` },
    h("b", {}, batch["code"]),
    batch["campaign"] ? h("div", {}, batch["campaign"]) : null,
    h("div.numbers", {}, figure(number(done.today), t("bags today")), figure(mass(done.today_g), t("today")), figure(number(done.bags), t("bags in all")), figure(mass(done.mass_g), t("in all"))),
    meter,
    plan ? h("small.figures", {}, plan) : null,
  );
}

/** @param {import("./data.js").Row} one */
function road(one) {
  const bags = (one["items"] ?? []).filter((/** @type {any} */ item) => item.state !== "MOVED");
  return row(`/consignment/${one.id}`, one["code"] || t("New consignment"), consignmentWord(one["state"]), t("{n} bags", { n: number(bags.length) }));
}

/** @returns {import("../router.js").Screen} */
export function more() {
  const list = [
    row("/inspection", t("Inspection"), t("A bag opened on the road, and sealed again")),
    row("/losttag", t("Lost tag"), t("Old tag to new tag, two witnesses, a photograph")),
    row("/lost", t("Lost bag"), t("A bag that is gone")),
    row("/incident", t("Report an incident"), t("Anything that somebody must explain")),
    row("/scale", t("Scale's daily check"), t("With the check weight, before the first bag")),
    row("/outbox", t("Outbox"), t("Every record with its answer")),
    row("/settings", t("Settings"), t("Language, PIN, wipe")),
  ];
  return { title: t("More"), body: list };
}
