// Enter goes on: a scanner ends with Enter, and the next field is ready. After the last one the form goes.

/**
 * Return the fields of a form into which one types, in their order.
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement[]}
 */
export function typedFields(form) {
  // What is folded away is not asked for: focus could not go there.
  return [...form.querySelectorAll("input")].filter(
    (field) => /^(text|search|number)$/.test(field.type) && !field.disabled && !field.closest("details:not([open])"),
  );
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !(field instanceof HTMLInputElement)) return;
  const form = field.form;
  if (!form?.hasAttribute("data-enter-goes-on")) return;
  const fields = typedFields(form);
  const next = fields.slice(fields.indexOf(field) + 1).find((one) => !one.value);
  if (!fields.includes(field) || !next) return; // the browser sends the form
  event.preventDefault();
  next.focus();
});
