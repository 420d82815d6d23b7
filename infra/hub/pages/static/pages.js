// What a person does here goes over REST, as a browser on the real thing would send it.
const repository = document.body.dataset.repository;
const api = `/api/v3/repos/${repository}`;
// A browser's text ends its lines with CRLF.
const asBrowserText = (text) => text.replace(/\r?\n/g, "\r\n");

async function send(method, path, body) {
  const answer = await fetch(api + path, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  if (!answer.ok) { complain((await answer.json().catch(() => ({}))).message || answer.statusText); throw new Error(path); }
  return answer.status === 204 ? null : answer.json();
}

function complain(text) {
  const oops = document.getElementById("oops");
  oops.textContent = text; oops.hidden = false;
  setTimeout(() => { oops.hidden = true; }, 6000);
}

document.getElementById("who").addEventListener("change", (event) => {
  document.cookie = `hub_user=${event.target.value}; path=/; samesite=lax`;
  location.reload();
});

document.getElementById("new-issue")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const made = await send("POST", "/issues", { title: form.get("title"), body: asBrowserText(form.get("body")) });
  location.href = `/${repository}/issues/${made.number}`;
});

const comment = document.getElementById("comment");
comment?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const box = comment.elements.body;
  await send("POST", `/issues/${comment.dataset.number}/comments`, { body: asBrowserText(box.value) });
  box.value = "";
  refresh();
});

document.getElementById("close")?.addEventListener("click", async (event) => {
  await send("PATCH", `/issues/${comment.dataset.number}`, { state: event.target.dataset.state });
  location.reload();
});

// One handler for what is redrawn: boxes, faces, the merge button.
document.addEventListener("click", async (event) => {
  const face = event.target.closest(".face");
  if (face) return react(face);
  if (event.target.matches("input[data-box]")) return tick(event.target);
  if (event.target.id === "merge") {
    event.target.disabled = true;
    await send("PUT", `/pulls/${event.target.dataset.number}/merge`, { merge_method: "merge" });
    return refresh();
  }
});

const target = (element) => element.dataset.kind === "comment" ? `/issues/comments/${element.dataset.id}` : `/issues/${element.dataset.number || document.getElementById("live").dataset.number}`;

async function react(face) {
  const path = `${target(face)}/reactions`;
  if (face.classList.contains("mine")) {
    const all = await send("GET", `${path}?content=${encodeURIComponent(face.dataset.content)}&per_page=100`);
    const mine = all.find((one) => one.user && one.user.login === document.body.dataset.viewer);
    if (mine) await send("DELETE", `${path}/${mine.id}`);
  } else {
    await send("POST", path, { content: face.dataset.content });
  }
  refresh();
}

async function tick(box) {
  const body = box.closest(".body");
  let number = -1;
  const flipped = body.dataset.raw.replace(/^(\s*[-*+] )\[([ xX])\]/gm, (all, before, sign) => {
    number += 1;
    return number === Number(box.dataset.box) ? `${before}[${sign === " " ? "x" : " "}]` : all;
  });
  await send("PATCH", target(body), { body: flipped });
  refresh();
}

// Comments are edited in place, so the thread is read again; what is unchanged is left alone.
const live = document.getElementById("live");
let drawn = live?.innerHTML;
async function refresh() {
  if (!live) return;
  const answer = await fetch(`${location.pathname}?fragment=1`);
  const html = await answer.text();
  if (!answer.ok || html === drawn) return;
  const open = [...live.querySelectorAll("details")].map((one) => one.open);
  live.innerHTML = html; drawn = html;
  live.querySelectorAll("details").forEach((one, at) => { if (open[at]) one.open = true; });
}
if (live) { drawn = null; setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 1000); }
