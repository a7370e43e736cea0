/* The colour field: what is typed can be picked as well, and the other way round. */

const field = document.querySelector("input[data-colour]");
const picker = document.querySelector("input[data-colour-pick]");

if (field && picker) {
  picker.hidden = false;
  picker.addEventListener("input", () => {
    field.value = picker.value;
  });
  field.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
  });
}
