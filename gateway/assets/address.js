// The address of a new portal: suggested from its name, looked at while it is typed.
(() => {
  "use strict";
  const title = document.getElementById("title");
  const address = document.getElementById("address");
  const said = document.getElementById("address-said");
  if (!title || !address || !said) return;
  // A suggestion never replaces what the person wrote.
  let written = address.value !== "";
  let turn = 0;
  let timer;
  const look = async (asked, question) => {
    try {
      const url = `${address.dataset.check}?${new URLSearchParams(question)}`;
      const answer = await fetch(url, { cache: "no-store" });
      if (!answer.ok) return;
      const { address: name, free, message } = await answer.json();
      // Answers may overtake each other.
      if (asked !== turn) return;
      if (!written) address.value = name;
      said.textContent = message;
      said.className = free ? "hint good" : "wrong";
      address.setAttribute("aria-invalid", String(!free && message !== ""));
    } catch {
      // The form says the same once it is sent.
    }
  };
  const ask = (question) => {
    clearTimeout(timer);
    timer = setTimeout(look, 250, ++turn, question);
  };
  title.addEventListener("input", () => {
    if (!written) ask({ title: title.value });
  });
  address.addEventListener("input", () => {
    written = address.value !== "";
    ask(written ? { address: address.value } : { title: title.value });
  });
})();
