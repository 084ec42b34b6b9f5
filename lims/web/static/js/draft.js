// Forms with data-draft="key" keep what was typed in this browser until the server has taken it.

const PREFIX = "draft:";
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
    localStorage.removeItem(PREFIX + key);
    write(form, fresh);
    note.remove();
  });
  note.append("What you typed before was kept. ", forget);
  form.prepend(note);
}

/** Forget what was sent from this tab when the server has taken it. */
function settle() {
  const sent = sessionStorage.getItem(SENT);
  if (!sent || document.body.dataset.page !== "ok") return;
  const again = document.querySelector(`form[data-draft="${CSS.escape(sent)}"]`);
  const taken = !again || Boolean(document.querySelector('[data-message="success"]'));
  if (taken && !document.querySelector("[data-form-errors]")) localStorage.removeItem(PREFIX + sent);
  sessionStorage.removeItem(SENT);
}

/** Keep the drafts of all forms on this page that want it. */
export function keepDrafts() {
  settle();
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = document.querySelectorAll("form[data-draft]");
  for (const form of forms) {
    const key = form.dataset.draft ?? "";
    const fresh = read(form);
    const kept = localStorage.getItem(PREFIX + key);
    // A form that came back with its errors shows what was sent; it needs no draft.
    if (kept && !form.querySelector("[data-form-errors]") && kept !== JSON.stringify(fresh)) {
      write(form, JSON.parse(kept));
      offer(form, key, fresh);
    }
    form.addEventListener("input", () => localStorage.setItem(PREFIX + key, JSON.stringify(read(form))));
    form.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
  }
}
