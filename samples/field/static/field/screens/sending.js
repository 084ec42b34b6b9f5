// Sending, as the screens say it.

import { complain, say } from "../parts.js";
import { show } from "../router.js";
import { t } from "../text.js";
import { now } from "../sync.js";

/** The store was opened: hear the office without waiting for the next minute. Who listens is told what came of it. */
export function sendSoon() {
  now().catch(() => undefined);
}

/** Send what waits, now, and say what became of it. */
export async function sendNow() {
  if (!navigator.onLine) return say(t("No network. What is kept is sent by itself when there is a signal."), "bad");
  try {
    await now();
  } catch (error) {
    complain(error);
  }
  return show();
}
