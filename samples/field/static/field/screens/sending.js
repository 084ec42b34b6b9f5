// Sending, as the screens say it.

import { complain, say } from "../parts.js";
import { show } from "../router.js";
import { t } from "../text.js";
import { now } from "../sync.js";

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
