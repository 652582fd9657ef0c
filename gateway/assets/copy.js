// A link that can be copied; without this file it can be selected.
(() => {
  "use strict";
  // The button's words come from the page.
  for (const field of document.querySelectorAll("input[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = field.dataset.copy;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = field.dataset.copied;
      } catch {
        // It is selected, which is half the way.
      }
    });
    field.after(button);
  }
})();
