// The application's words in the person's language. English is written in the code; a missing translation stays English.

/** @type {Record<string, string>} own names of the languages */
export const LANGUAGES = { en: "English", my: "မြန်မာ", hi: "हिन्दी", kac: "Jinghpaw" };
const CHOSEN = "field-language";
const WORDS = "field-words-";

/** @type {Record<string, string>} */
let words = {};
/** @type {Set<string>} what no native speaker has looked at */
let unreviewed = new Set();
let spoken = "en";

/** @returns {string} the language that is spoken now */
export const language = () => spoken;
/** @returns {boolean} whether some of it was translated by a machine */
export const machineMade = () => unreviewed.size > 0;

/**
 * Say an English sentence in the person's language, with {names} filled in.
 * @param {string} english
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(english, values) {
  const text = words[english] || english;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole)) : text;
}

/**
 * Mark an English sentence that is said later, by t(), so that it is found for translation.
 * @param {string} english
 * @returns {string}
 */
export const later = (english) => english;

/** Speak the language that was chosen before, else the phone's own if we have it. */
export function startText() {
  const own = navigator.languages.map((tag) => tag.split("-")[0] ?? "").find((tag) => tag in LANGUAGES);
  speak(localStorage.getItem(CHOSEN) ?? own ?? "en");
}

/** @param {string} chosen */
function speak(chosen) {
  spoken = chosen in LANGUAGES ? chosen : "en";
  take(JSON.parse(localStorage.getItem(WORDS + spoken) ?? "{}"));
  document.documentElement.lang = spoken;
}

/** @param {Record<string, any>} catalogue */
function take(catalogue) {
  const { __review: review = [], ...rest } = catalogue;
  words = rest;
  unreviewed = new Set(review);
}

/**
 * Change the language, for this phone and from now on.
 * @param {string} chosen
 */
export async function setLanguage(chosen) {
  localStorage.setItem(CHOSEN, chosen);
  if (chosen !== "en" && !localStorage.getItem(WORDS + chosen)) await fetchWords(chosen);
  speak(chosen);
}

/**
 * Bring the words of all languages to the phone while there is a network, so that a change works without.
 * @returns {Promise<boolean>} whether the words spoken now became others
 */
export async function refreshText() {
  const before = localStorage.getItem(WORDS + spoken);
  for (const code of Object.keys(LANGUAGES)) if (code !== "en") await fetchWords(code);
  const changed = localStorage.getItem(WORDS + spoken) !== before;
  if (changed) speak(spoken);
  return changed;
}

/** @param {string} code */
async function fetchWords(code) {
  try {
    const answer = await fetch(`/field/text/${code}.json`, { credentials: "omit" });
    if (answer.ok) localStorage.setItem(WORDS + code, JSON.stringify(await answer.json()));
  } catch {
    // No network: what is on the phone stays.
  }
}
