// Words for what is kept as codes.

import { h, icon } from "../parts.js";
import { later, t } from "../text.js";

/** Each state of a record: word, tone, icon. @type {Record<string, [string, string, string]>} */
const STATES = {
  draft: [later("Draft"), "info", "draft"],
  kept: [later("Kept"), "warn", "wait"],
  sent: [later("Sent"), "info", "send"],
  applied: [later("Accepted"), "good", "done"],
  refused: [later("Refused"), "bad", "stop"],
  conflict: [later("Conflict"), "bad", "warn"],
  quarantined: [later("Quarantined"), "warn", "wait"],
  replaced: [later("Corrected"), "info", "draft"],
};

/** @param {string} state */
export const stateWord = (state) => t(STATES[state]?.[0] ?? "Accepted");

/**
 * @param {string} state of a record on this phone; "" for what came from the office
 * @returns {HTMLElement}
 */
export function mark(state) {
  const [word, tone, shape] = STATES[state || "applied"] ?? ["Accepted", "good", "done"];
  return h(`span.mark.${tone}`, {}, icon(shape), t(word));
}

/** @type {Record<string, string>} */
const KINDS = {
  register_sample: later("Sample registered"),
  seal_sample: later("Bag sealed"),
  start_consignment: later("Consignment started"),
  pack: later("Bags packed"),
  unpack: later("Bag taken out"),
  record_document: later("Paper recorded"),
  record_dose_rate: later("Dose rate measured"),
  dispatch: later("Dispatched"),
  hand_over: later("Handed over"),
  record_event: later("On the way"),
  receive_bag: later("Bag received"),
  finish_receipt: later("Receipt finished"),
  report_incident: later("Incident reported"),
  open_bag: later("Bag opened"),
  reseal_bag: later("Bag sealed again"),
  report_lost: later("Bag reported lost"),
  replace_tag: later("Tag replaced"),
  record_scale_check: later("Scale checked"),
  add_photograph: later("Photograph"),
  split_consignment: later("Consignment split"),
};

/** @param {string} kind */
export const kindWord = (kind) => t(KINDS[kind] ?? kind);

/** @type {Record<string, string>} */
const CONSIGNMENTS = { PACKING: later("Packing"), DISPATCHED: later("On the road"), PARTLY_RECEIVED: later("Partly received"), RECEIVED: later("Received"), CANCELLED: later("Cancelled") };
/** @param {string} state */
export const consignmentWord = (state) => t(CONSIGNMENTS[state] ?? state);

/** @type {[string, string][]} */
const PAPERS = [
  ["EXPORT_PAPER", later("Export paper")],
  ["PLANT_QUARANTINE", later("Plant-quarantine permit for soil")],
  ["RADIOLOGICAL_SURVEY", later("Radiological survey")],
  ["DUE_DILIGENCE", later("Due-diligence file")],
];
/** @returns {[string, string][]} */
export const papers = () => PAPERS.map(([value, words]) => [value, t(words)]);

/** @returns {[string, string][]} */
export const conditions = () => [["INTACT", t("Intact")], ["DAMAGED", t("Damaged")], ["OPENED", t("Opened")]];

/** @returns {[string, string][]} */
export const happenings = () => [["CHECKPOINT", t("Checkpoint")], ["BORDER_CROSSED", t("Border crossed")], ["ARRIVED", t("Arrived")]];

/** What a person may report; the others are found by the checks. @type {[string, string][]} */
const INCIDENTS = [
  ["SEAL_BROKEN", later("Seal broken")],
  ["SEAL_MISMATCH", later("Another seal than the one applied")],
  ["MASS_OUT_OF_TOLERANCE", later("Mass out of tolerance")],
  ["OPENED_OUTSIDE", later("Opened outside a laboratory")],
  ["CUSTODY_GAP", later("Gap in custody")],
  ["OFF_ROUTE", later("Off the route")],
  ["OVERDUE_LEG", later("Overdue")],
  ["LOST", later("Lost")],
];
/** @returns {[string, string][]} */
export const incidents = () => INCIDENTS.map(([value, words]) => [value, t(words)]);

/** Names of a body's fields. @type {Record<string, string>} */
const FIELDS = {
  tag: later("Tag"), new_tag: later("New tag"), mass_g: later("Mass, g"), site: later("Site"), depth_m: later("Depth, m"), note: later("Notes"), field_number: later("Field number"),
  collector: later("Collected by"), maker: later("Seal's maker"), number: later("Seal's number"), kind: later("Kind"), reference: later("Number of the paper"), detail: later("What happened"),
  instrument: later("Instrument"), surface_usv_h: later("At the surface, µSv/h"), at_1m_usv_h: later("At 1 m, µSv/h"), to_name: later("Receiver's name"),
  to_document: later("Document number"), condition: later("Condition"), drying_loss_g: later("Lost by drying, g"), nominal_g: later("Check weight, g"), read_g: later("Reading, g"), reason: later("Reason"),
};
/** @param {string} name */
export const fieldWord = (name) => (FIELDS[name] ? t(FIELDS[name] ?? "") : "");

/**
 * @param {string[] | null | undefined} seal maker and number
 * @returns {string}
 */
export const sealWords = (seal) => (seal?.length ? seal.join(" ") : "–");
