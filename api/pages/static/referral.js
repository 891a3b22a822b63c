// The form and the buttons of a referral: they speak with /v1 and say what was refused.
"use strict";

const said = (form, text) => {
  const place = (form && form.querySelector(".said")) || document.querySelector(".said");
  place.textContent = text;
  place.hidden = false;
  place.scrollIntoView({ block: "center" });
};

const lang = new URLSearchParams(location.search).get("lang") || document.documentElement.lang;

const post = async (path, body, form) => {
  const main = document.querySelector("main");
  const headers = { "Content-Type": "application/json", "Accept-Language": lang };
  if (main.dataset.version) headers["If-Match"] = `W/"${main.dataset.version}"`;
  const answer = await fetch(path, { method: "POST", headers, body });
  const got = await answer.json().catch(() => ({}));
  if (answer.ok) return got;
  said(form, [got.detail || answer.statusText, got.field || ""].filter(Boolean).join(" · "));
  return null;
};

const base64 = (file) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(String(reader.result).split(",", 2)[1] || "");
  reader.onerror = () => failed(reader.error);
  reader.readAsDataURL(file);
});

const collect = async (form) => {
  const body = { person: {}, attachments: [] };
  for (const input of form.elements) {
    if (!input.name) continue;
    if (input.type === "file") {
      for (const file of input.files) {
        body.attachments.push({ title: file.name, media_type: file.type, data: await base64(file) });
      }
    } else if (input.type === "checkbox") {
      body[input.name] = input.checked;
    } else if (input.type === "radio") {
      if (input.checked) body[input.name] = input.value;
    } else if (input.value) {
      const [first, second] = input.name.split(".");
      if (second) body[first][second] = input.value;
      else body[first] = input.value;
    }
  }
  body.considered = [...form.querySelectorAll("[name=receiver]")].map((one) => one.value);
  if (body.direction !== "down") body.wanted = "";
  return body;
};

for (const form of document.querySelectorAll("form[data-send]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const made = await post(form.dataset.send, JSON.stringify(await collect(form)), form);
    if (!made) return;
    const [path, query] = form.dataset.next.split("?");
    location.assign(path + made.reference.split("/")[1] + (query ? `?${query}` : ""));
  });
}

for (const form of document.querySelectorAll("form[data-move]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(form));
    if (body.to === "completed") body.outputs = [{ kind: "feedback", text: body.text }];
    if (await post(form.dataset.move, JSON.stringify(body), null)) location.reload();
  });
}

for (const button of document.querySelectorAll("button[data-post]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    if (await post(button.dataset.post, button.dataset.body, null)) location.reload();
    button.disabled = false;
  });
}
