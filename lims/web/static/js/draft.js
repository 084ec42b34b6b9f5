// Forms with data-draft="key" keep what was typed in this browser until the server has taken it; for each person
// apart, because a bench's computer has many.

const SENT = "draft-sent";
/** never kept: secrets, tokens, files, and what is not the reader's to type */
const NEVER = /^(password|hidden|file|submit|button|reset)$/;

/** @typedef {Record<string, string[]>} Draft */

/**
 * @param {HTMLFormElement} form
 * @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]}
 */
function fieldsOf(form) {
  return [...form.querySelectorAll("input[name], textarea[name], select[name]")].filter(
    /** @returns {field is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */
    (field) =>
      (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) &&
      !NEVER.test(field.type),
  );
}

/**
 * @param {HTMLFormElement} form
 * @returns {Draft}
 */
function read(form) {
  /** @type {Draft} */
  const draft = {};
  for (const field of fieldsOf(form)) {
    const values = (draft[field.name] ??= []);
    if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type)) {
      if (field.checked) values.push(field.value);
    } else if (field instanceof HTMLSelectElement) {
      values.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      values.push(field.value);
    }
  }
  return draft;
}

/**
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 */
function write(form, draft) {
  for (const field of fieldsOf(form)) {
    const values = draft[field.name];
    if (!values) continue;
    if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type)) {
      field.checked = values.includes(field.value);
    } else if (field instanceof HTMLSelectElement) {
      for (const option of field.options) option.selected = values.includes(option.value);
    } else {
      field.value = values[0] ?? "";
    }
  }
}

/**
 * Where the draft of a form is kept.
 * @param {string} key
 * @returns {string}
 */
function placeOf(key) {
  return `draft:${document.body.dataset.person ?? ""}:${key}`;
}

/**
 * What was kept of a form; nothing when it cannot be read.
 * @param {string} key
 * @returns {Draft | null}
 */
function kept(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(placeOf(key)) ?? "null");
    return draft && typeof draft === "object" ? draft : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {HTMLFormElement} form
 */
function keep(key, form) {
  try {
    localStorage.setItem(placeOf(key), JSON.stringify(read(form)));
  } catch {
    // A full or closed store keeps no draft; typing goes on.
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} key
 * @param {Draft} fresh
 */
function offer(form, key, fresh) {
  const note = document.createElement("p");
  note.className = "draft-note";
  note.setAttribute("role", "status");
  const forget = document.createElement("button");
  forget.type = "button";
  forget.className = "btn btn-sm";
  forget.textContent = "Start afresh";
  forget.addEventListener("click", () => {
    localStorage.removeItem(placeOf(key));
    write(form, fresh);
    note.remove();
  });
  note.append("What you typed before was kept. ", forget);
  form.prepend(note);
}

/**
 * Whether the page that came says that the server has taken the form: with a word of success, or by leading on to
 * another page without a word of failure.
 * @param {string} key
 * @returns {boolean}
 */
function taken(key) {
  if (document.querySelector("[data-form-errors]")) return false;
  if (document.querySelector('[data-message="success"]')) return true;
  const here = document.querySelector(`form[data-draft="${CSS.escape(key)}"]`);
  return !here && !document.querySelector('[data-message="error"]');
}

/** Forget what was sent from this tab when the server has taken it; the sign-in page and failures keep it. */
function settle() {
  const sent = sessionStorage.getItem(SENT);
  if (sent === null) return;
  sessionStorage.removeItem(SENT);
  if (document.body.dataset.page === "ok" && taken(sent)) localStorage.removeItem(placeOf(sent));
}

/** Keep the drafts of all forms on this page that want it. */
export function keepDrafts() {
  settle();
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = document.querySelectorAll("form[data-draft]");
  for (const form of forms) {
    const key = form.dataset.draft ?? "";
    const fresh = read(form);
    const draft = kept(key);
    // A form that came back with its errors shows what was sent; it needs no draft.
    if (draft && !form.querySelector("[data-form-errors]") && JSON.stringify(draft) !== JSON.stringify(fresh)) {
      write(form, draft);
      offer(form, key, fresh);
    }
    form.addEventListener("input", () => keep(key, form));
    form.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
  }
}
