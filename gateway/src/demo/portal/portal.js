// Everything on the page works without this file. With it, the switcher lists the portals of the person who
// is signed in, and the two streams show that they are alive.
"use strict";

async function showPortals(list) {
    const answer = await fetch("/.bitrix-id/portals", { headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const portals = await answer.json();
    list.replaceChildren(...portals.map(({ title, url, current }) => {
        const link = document.createElement("a");
        link.href = url;
        link.textContent = title;
        if (current) link.setAttribute("aria-current", "true");
        const item = document.createElement("li");
        item.append(link);
        return item;
    }));
}

function showEvents(output) {
    const source = new EventSource("/events");
    source.onmessage = ({ data }) => { output.textContent = data; };
    source.onerror = () => { output.textContent = "closed"; source.close(); };
}

function showSocket(output) {
    const url = new URL("/ws", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => { output.textContent = `echoed "${data}"`; };
    socket.onclose = () => { output.textContent = "closed"; };
}

showPortals(document.getElementById("portals"));
showEvents(document.querySelector("#events output"));
showSocket(document.querySelector("#socket output"));
