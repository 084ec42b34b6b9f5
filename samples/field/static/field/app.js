// The field application: which screen belongs to which address, and who may see it.

import { h, icon, number } from "./parts.js";
import { screen, show, shown, startRouter } from "./router.js";
import { hearScanner } from "./scan.js";
import { bag, bags } from "./screens/bags.js";
import { begin, list as roads } from "./screens/consignments.js";
import { counts, state } from "./screens/data.js";
import { start } from "./screens/enrol.js";
import { choose as chooseHandover, handover } from "./screens/handover.js";
import { home, more } from "./screens/home.js";
import { incident } from "./screens/incident.js";
import { inspection, lost } from "./screens/inspection.js";
import { lostTag } from "./screens/losttag.js";
import { carry, correcting, outbox, record } from "./screens/outbox.js";
import { dispatch, one, pack } from "./screens/pack.js";
import { dose, paper } from "./screens/papers.js";
import { choose as chooseReceipt, finish, receive } from "./screens/receive.js";
import { register } from "./screens/register.js";
import { choose as chooseRoad, happened } from "./screens/road.js";
import { scale } from "./screens/scale.js";
import { seal, sealNext } from "./screens/seal.js";
import { newPin, settings } from "./screens/settings.js";
import { split } from "./screens/split.js";
import { expired, locked, revoked, wiping } from "./screens/unlock.js";
import * as sync from "./sync.js";
import { refreshText, startText, t } from "./text.js";


/** @type {[string, import("./router.js").Maker][]} */
const SCREENS = [
  ["/", home],
  ["/more", more],
  ["/start", start],
  ["/locked", locked],
  ["/expired", expired],
  ["/revoked", revoked],
  ["/wipe", wiping],
  ["/register", register],
  ["/bags", bags],
  ["/bag/:id", bag],
  ["/seal", sealNext],
  ["/seal/:id", seal],
  ["/consignments", roads],
  ["/new-consignment", begin],
  ["/consignment/:id", one],
  ["/pack/:id", pack],
  ["/paper/:id/:kind", paper],
  ["/dose/:id", dose],
  ["/dispatch/:id", dispatch],
  ["/split/:id", split],
  ["/handover", chooseHandover],
  ["/handover/:id", handover],
  ["/road", chooseRoad],
  ["/road/:id", happened],
  ["/receive", chooseReceipt],
  ["/receive/:id", receive],
  ["/receive/:id/finish", finish],
  ["/inspection", inspection],
  ["/lost", lost],
  ["/losttag", lostTag],
  ["/incident", incident],
  ["/scale", scale],
  ["/outbox", outbox],
  ["/record/:id", record],
  ["/correct/:id", correcting],
  ["/carry", carry],
  ["/settings", settings],
  ["/pin", newPin],
];

/** @returns {Promise<string | null>} where somebody must go first */
async function guard() {
  const path = (location.hash.slice(1) || "/").split("?")[0] ?? "/";
  const now = await state();
  if (now === "open") return ["/start", "/locked", "/expired", "/revoked"].includes(path) ? "/" : null;
  if (path === "/wipe" && now !== "new") return null;
  if (now === "expired" && path === "/carry") return null;
  return { new: "/start", locked: "/locked", expired: "/expired", revoked: "/revoked" }[now];
}

const status = h("a.status", { href: "#/outbox" });

/** Say on every screen how much has not been sent. */
async function drawStatus() {
  if ((await state()) !== "open") return;
  const told = await counts();
  status.className = told.unsent || told.refused ? "status waiting" : "status";
  status.setAttribute("aria-label", told.unsent ? t("{n} not sent yet", { n: told.unsent }) : t("Everything has arrived"));
  status.replaceChildren(icon(told.refused ? "stop" : told.unsent ? "wait" : "done"), number(told.unsent));
}

/**
 * A screen that shows what comes in is drawn anew, but never under somebody's fingers: nobody types on these, and while
 * the store is closed a PIN is being typed.
 * @param {string} code why the sending stopped
 */
async function drawQuietly(code) {
  if ((await state()) !== "open" && code !== "device-revoked") return;
  const path = (location.hash.slice(1) || "/").split("?")[0] ?? "/";
  if (code === "device-revoked" || ["/", "/outbox"].includes(path)) await show(true);
}

async function begun() {
  startText();
  document.body.append(h("div.said", { id: "said", role: "status", "aria-live": "polite" }));
  for (const [pattern, maker] of SCREENS) screen(pattern, maker);
  hearScanner((code) => shown()?.scanned?.(code));
  await startRouter(guard, () => (void drawStatus(), status));
  let last = "";
  sync.on((news) => {
    void drawStatus();
    if (news.state !== last && news.state !== "sending") void drawQuietly(news.code);
    last = news.state;
  });
  sync.start();
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" }).catch(console.warn);
  // The words may come while somebody types already: then they are seen from the next screen on.
  if (navigator.onLine && (await refreshText()) && !document.activeElement?.matches("input, textarea, select, [data-focus]")) await show();
}

void begun();
