// The browser's own time zone, where it is another one; without this file it is picked from the lists.
(() => {
  "use strict";
  const own = document.getElementById("own-zone");
  if (!own) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // One without a place, such as UTC, is proposed to nobody.
  if (!zone || !zone.includes("/") || zone.startsWith("Etc/") || zone === own.dataset.current) return;
  own.querySelector("input[name=zone]").value = zone;
  own.querySelector("b").textContent = zone.replaceAll("_", " ");
  own.hidden = false;
})();
