// Conveniences only: every page does its job without this file.
(() => {
  "use strict";
  const page = document;

  // A button that shows the password; its words come from the page.
  for (const field of page.querySelectorAll("input[data-show]")) {
    const button = page.createElement("button");
    const reveal = (shown) => {
      field.type = shown ? "text" : "password";
      button.textContent = shown ? field.dataset.hide : field.dataset.show;
      button.setAttribute("aria-label", shown ? field.dataset.hideLabel : field.dataset.showLabel);
    };
    button.type = "button";
    button.className = "reveal";
    button.setAttribute("aria-controls", field.id);
    button.addEventListener("click", () => reveal(field.type === "password"));
    // Password managers look for a password field at the moment of sending.
    field.form.addEventListener("submit", () => reveal(false));
    reveal(false);
    field.after(button);
  }

  // A second press within a few seconds sends nothing.
  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  };
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(release, 8000, form);
  });
  addEventListener("pageshow", () => {
    for (const form of page.forms) release(form);
  });

  // A page that waits for a portal looks again by itself, and moves only once there is something to see.
  // Without script a plain refresh does it. (`replace` asks anew by GET, whatever brought this page here.)
  const waiting = page.querySelector("[data-retry]");
  const look = async () => {
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", redirect: "manual" });
      if (![502, 503, 504].includes(answer.status)) {
        return location.hash ? location.reload() : location.replace(location.href);
      }
    } catch {
      // Not even the gateway can be reached: keep looking.
    }
    setTimeout(look, waiting.dataset.retry * 1000);
  };
  if (waiting) setTimeout(look, waiting.dataset.retry * 1000);

  // Moments in the visitor's own time zone, as a tooltip beside the words.
  for (const moment of page.querySelectorAll("time[datetime]")) {
    const at = new Date(moment.dateTime);
    const style = { dateStyle: "long", timeStyle: "short" };
    if (!isNaN(at)) moment.title = at.toLocaleString(page.documentElement.lang, style);
  }
})();
