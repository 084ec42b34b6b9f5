// Tags as printed on bags: two letters, six digits, a check character. The same rules as the server's.

import { t } from "../text.js";

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const FORM = /^[A-Z]{2}[0-9]{6}[0-9A-Z]$/;

/**
 * Return the check character of a code's stem: ISO/IEC 7064:2003, MOD 37,36. It finds every single wrong character and
 * every swap of neighbours. checkCharacter("KC000123") is "J".
 * @param {string} stem letters A to Z and digits
 * @returns {string}
 */
export function checkCharacter(stem) {
  let sum = 36;
  for (const sign of stem) {
    sum = (sum + SIGNS.indexOf(sign)) % 36 || 36;
    sum = (sum * 2) % 37;
  }
  return SIGNS[(37 - sum) % 36] ?? "";
}

/**
 * @param {string} code "KC000123J"
 * @returns {string} as people read it: "KC-000123-J"
 */
export const showTag = (code) => (FORM.test(code) ? `${code.slice(0, 2)}-${code.slice(2, 8)}-${code.slice(8)}` : code);

/**
 * Read a tag that was scanned or typed, in whatever case and with whatever spaces and hyphens, or as a label's address.
 * @param {string} text
 * @returns {{code: string, problem: string}} problem "" when it is a tag
 */
export function readTag(text) {
  const inside = /\/t\/([^/?#]+)/.exec(text)?.[1] ?? text;
  const code = inside.replace(/[\s\u2010-\u2015-]+/g, "").toUpperCase();
  if (!code) return { code, problem: t("Scan or type the tag.") };
  if (!FORM.test(code)) {
    const words = t("“{text}” is not a tag: a tag looks like KC-000123-J.", { text: text.trim().slice(0, 40) });
    return { code, problem: words };
  }
  if (checkCharacter(code.slice(0, 8)) !== code[8]) {
    const wrong = { tag: showTag(code), last: code[8] ?? "" };
    return { code, problem: t("{tag} does not fit its check character {last}: a character was misread. Scan or type it again.", wrong) };
  }
  return { code, problem: "" };
}
