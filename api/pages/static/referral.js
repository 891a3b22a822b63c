// The form "send a referral" asks by itself what the chosen receiver would answer.
// Everything also works without this script: the same form, the same answers as whole pages.
"use strict";

const form = document.querySelector("form[data-preview]");

const place = (from, id) => {
  const found = from.getElementById(id);
  const here = document.getElementById(id);
  if (found && here) here.replaceWith(document.importNode(found, true));
};

let asked = 0;

const preview = async () => {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "preview");
  form.classList.add("busy");
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // An answer that was overtaken by a newer question says nothing any more.
    if (mine !== asked) return;
    place(page, "preview");
    place(page, "told");
    // Chosen files are still chosen: the hint that they are lost is for pages that were loaded anew.
    for (const one of document.querySelectorAll("#preview .files")) one.remove();
  } finally {
    if (mine === asked) form.classList.remove("busy");
  }
};

if (form) {
  const telling = ["receiver", "wanted", "direction", "discharge"];
  form.addEventListener("change", (event) => {
    const name = event.target.name || "";
    if ((telling.includes(name) || name.startsWith("orders[")) && form.checkValidity()) preview();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.value === "preview") {
      event.preventDefault();
      preview();
    }
  });
}
