// A hardware scanner types fast and ends with Enter. Where no field takes it, it goes to the search.

/** between two keys of a scanner, in the mean; people are slower */
const BETWEEN_KEYS_MS = 50;
/** a busy machine or a radio link may stumble once within a code; a person who begins again waits longer */
const STUMBLE_MS = 250;
const SHORTEST = 4;

/**
 * Call `found` with what a scanner typed while nothing took it.
 * @param {(code: string) => void} found
 */
export function watchScanner(found) {
  let typed = "";
  let first = 0;
  let last = 0;
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && takes(event.target)) {
        typed = "";
        return;
      }
      const pause = event.timeStamp - last;
      last = event.timeStamp;
      if (event.key === "Enter") {
        if (typed.length >= SHORTEST && (last - first) / typed.length <= BETWEEN_KEYS_MS) {
          // Otherwise Enter would also press the link or button that has the focus.
          event.preventDefault();
          event.stopPropagation();
          found(typed);
        }
        typed = "";
      } else if (event.key.length === 1) {
        if (pause > STUMBLE_MS || !typed) [typed, first] = ["", event.timeStamp];
        typed += event.key;
        // Letters of a code are no shortcuts: the first key may be one, the rest come too fast for it.
        if (typed.length > 1 && pause <= BETWEEN_KEYS_MS) event.stopImmediatePropagation();
      }
    },
    { capture: true },
  );
}

/**
 * @param {HTMLElement} element
 * @returns {boolean}
 */
function takes(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}
