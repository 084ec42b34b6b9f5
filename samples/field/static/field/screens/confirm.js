// The phone is turned round: the receiver reads the same summary and confirms by PIN, personal code or signature.

import { button, facts, h, mass, moment, notice, say } from "../parts.js";
import { here, stopPlaces } from "../places.js";
import { go, primary } from "../router.js";
import { finder } from "../scan.js";
import { t } from "../text.js";
import { bagsOf, codeOf } from "./consignments.js";
import { add, find, lean, meta, sealSecret } from "./data.js";
import { pad } from "./pin.js";
import { signature } from "./signature.js";
import { conditions } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

/**
 * What is handed on, as the operation says it; the seals are those that were seen.
 * @param {Form} form
 * @param {import("./data.js").Row} road
 */
function told(form, road) {
  const v = form.values;
  const seals = Object.values(v["seen"]).filter((one) => one !== "none");
  const looked = Object.keys(v["seen"]).length;
  const outsider = v["to_person"] ? {} : { to_name: v["to_name"].trim(), to_document: v["to_document"].trim() };
  return { event_id: v["event_id"], consignment: road.id, to_person: v["to_person"], ...outsider, mass_g: v["mass_g"], scale: v["scale"], seals: looked ? seals : null, condition: v["condition"], here: here({ place: v["place"] }) };
}

/**
 * @param {Form} form
 * @param {import("./data.js").Row} road
 * @param {(step: string) => Promise<void>} to
 * @returns {Promise<import("../router.js").Screen>}
 */
export async function confirmed(form, road, to) {
  const v = form.values;
  const [me, taker] = await Promise.all([meta(), v["to_person"] ? find("contacts", v["to_person"]) : null]);
  const name = taker?.["name"] ?? v["to_name"];
  const bags = bagsOf(road);
  const looked = Object.values(v["seen"]);
  const bad = bags.filter((/** @type {any} */ bag) => v["seen"][bag.sample] && v["seen"][bag.sample].toString() !== String(bag.seal)).length;
  const summary = h(
    "div.turned",
    {},
    h("h2", {}, t("{name}, you take over:", { name })),
    facts([
      [t("Consignment"), codeOf(road)],
      [t("Bags"), String(bags.length)],
      [t("Seals looked at"), `${looked.length}${bad ? ` · ${t("{n} not as applied", { n: bad })}` : ""}`],
      [t("Gross mass"), v["mass_g"] ? mass(v["mass_g"]) : t("not weighed")],
      [t("Condition"), conditions().find(([value]) => value === v["condition"])?.[1]],
      [t("From"), me.person.name],
      [t("Place"), v["place"]],
      [t("Time"), moment(Date.now())],
    ]),
  );
  const stage = h("div");
  const keep = async (/** @type {Record<string, any> | null} */ confirmation, /** @type {Blob | null} */ signed) => {
    form.ended = true;
    try {
      const body = lean({ ...told(form, road), confirmation });
      await add("hand_over", body, { drafts: [form.key], ...(signed ? { signature: signed } : {}) });
    } catch (error) {
      form.ended = false;
      throw error;
    }
    stopPlaces();
    say(t("{name} has {n} bags", { name, n: bags.length }));
    go(`/consignment/${road.id}`);
  };
  ways(stage, Boolean(taker), keep);
  const back = button(t("Back"), () => to("whole"));
  const without = button(t("Without confirmation"), () => stage.replaceChildren(notice("warn", t("The office will ask why nobody confirmed"), h("p"), button(t("Hand over unconfirmed"), () => keep(null, null), { kind: "danger" }))));
  return { title: t("Confirm"), body: [summary, stage], back: null, action: h("div.pair", {}, back, without) };
}

/**
 * @param {HTMLElement} stage
 * @param {boolean} known one of the carrier's people, who may have a PIN
 * @param {(confirmation: Record<string, any> | null, signed: Blob | null) => Promise<void>} keep
 */
function ways(stage, known, keep) {
  const secret = async (/** @type {string} */ how, /** @type {string} */ text) => keep({ how, sealed: await sealSecret(text) }, null);
  const byPin = () => stage.replaceChildren(pad(t("Receiver: type your PIN"), (pin) => secret("PIN", pin), { shortest: 4 }).element);
  const byCode = () => {
    const opened = finder((text) => {
      opened.stop();
      void secret("QR", text);
    });
    stage.replaceChildren(opened.element);
  };
  const byHand = () => {
    const field = signature();
    const done = primary(t("I take over"), async () => {
      const png = await field.png();
      if (!png) return say(t("Sign with a finger first."), "bad");
      return keep({ how: "SIGNATURE" }, png);
    }, { id: "signed" });
    stage.replaceChildren(h("b", {}, t("Sign here with a finger")), field.element, done);
  };
  const choices = known ? [primary(t("My PIN"), byPin, { id: "by-pin" }), h("p"), button(t("My personal code"), byCode, { icon: "scan" }), h("p")] : [];
  stage.replaceChildren(...choices, known ? button(t("Sign with a finger"), byHand, { id: "by-hand" }) : h("div"));
  if (!known) byHand();
}
