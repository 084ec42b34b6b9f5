// The language, changed at once.

import { show } from "../router.js";
import { setLanguage } from "../text.js";

/** @param {string} code */
export async function changeLanguage(code) {
  await setLanguage(code);
  await show();
}
