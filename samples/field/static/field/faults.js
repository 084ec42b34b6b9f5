// Errors that carry a code: the screens say them in the person's words.

/** An error with a stable code, and the time until which it holds if it passes by itself. */
export class Fault extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {number} [until] milliseconds since 1970
   */
  constructor(code, message, until) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.until = until;
  }
}

/**
 * Return the fault that an error of the store means: a full phone has a name of its own.
 * @param {unknown} error
 * @returns {unknown}
 */
export function named(error) {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") return new Fault("storage-full", "The phone's storage is full. Nothing that was kept is lost.");
  return error;
}
