// Creating a portal, asking for access, inviting: as a person does it, with script and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { freshPage, inspect, mailTo, signIn, startBrowser, startStage } from "./stage.mjs";

let stage;
let browser;

before(async () => {
  stage = await startStage();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await stage?.stop();
});

/** Somebody signed in on the Bitrix ID host. */
async function visitor(person, options = {}) {
  const { urls } = stage;
  const visit = await freshPage(browser, { reducedMotion: "reduce", ...options });
  await visit.page.goto(`${urls.id}/`);
  await signIn(visit.page, person);
  await visit.page.waitForURL(`${urls.id}/`);
  return visit;
}

const hostOf = (name) => stage.urls.acme.replace("acme.", `${name}.`);

test("a portal is created, asked for, and its people invited", async () => {
  const { urls } = stage;
  const { anna, boris } = urls;
  const { context, page, complaints } = await visitor(anna);
  await page.getByRole("link", { name: "Create a new Bitrix24" }).click();
  await inspect(page, "new-portal");
  // The address follows the name until the person writes one.
  await page.getByLabel("Name", { exact: true }).fill("Ромашка");
  await page.waitForFunction(() => document.getElementById("address").value === "romashka");
  await page.getByText("romashka.bitrix24.localhost is free.").waitFor();
  await page.getByLabel("Address", { exact: true }).fill("acrne");
  await page.getByText("Another portal has this address").waitFor();
  await inspect(page, "new-portal-taken");
  await page.getByLabel("Address", { exact: true }).fill("nova");
  await page.getByText("nova.bitrix24.localhost is free.").waitFor();
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(`${hostOf("nova")}/`);

  // Boris asks.
  const other = await visitor(boris);
  const answer = await other.page.goto(`${hostOf("nova")}/do/page?week=7`);
  assert.equal(answer.status(), 403);
  await inspect(other.page, "no-access-ask");
  await other.page.getByRole("button", { name: "Ask for access" }).click();
  await other.page.getByText("You asked for access").waitFor();
  assert.equal(other.page.url(), `${hostOf("nova")}/do/page?week=7`);
  await inspect(other.page, "no-access-asked");
  const told = await mailTo(stage, anna.email, "asks for access to nova.bitrix24.localhost");
  assert.ok(told.includes("/portals/nova/people"), told);

  // Anna answers.
  await page.goto(`${urls.id}/`);
  await page.getByText("1 request").waitFor();
  await inspect(page, "portals-owned");
  await page.getByRole("link", { name: /People, requests, invitations/ }).first().click();
  await inspect(page, "people");
  await page.getByRole("button", { name: "Let in" }).click();
  await page.getByText("They can use the portal now").waitFor();
  await inspect(page, "people-approved");
  await mailTo(stage, boris.email, "is open to you");
  await other.page.reload();
  await other.page.waitForURL(`${hostOf("nova")}/do/page?week=7`);
  assert.ok(!(await other.page.content()).includes("No access"));

  // And invites by mail and by link.
  await page.getByLabel("E-mail addresses").fill("guest@example.com");
  await page.getByRole("button", { name: "Send invitations" }).click();
  await page.getByText("The invitation is on its way.").waitFor();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  assert.match(link, /\/invitation\?token=[\w-]{43}$/);
  await page.getByRole("button", { name: "Copy" }).waitFor();
  await inspect(page, "people-link");
  await page.reload();
  assert.equal(await page.getByLabel("Link", { exact: true }).count(), 0, "it is shown once");
  const mail = await mailTo(stage, "guest@example.com", "invited to nova.bitrix24.localhost");
  const mailed = mail.match(/https:\/\/\S+\/invitation\?token=[\w-]{43}/)[0];

  // Whoever is not signed in is told who invites, and where to go.
  const guest = await freshPage(browser);
  await guest.page.goto(mailed);
  await guest.page.getByText(anna.email).waitFor();
  await inspect(guest.page, "invitation-stranger");
  assert.deepEqual([...complaints, ...other.complaints, ...guest.complaints], []);
  await guest.context.close();
  await other.context.close();
  await context.close();
});

test("without script an address is suggested, a portal created and an invitation accepted", async () => {
  const { urls } = stage;
  const { anna, boris } = urls;
  const { context, page } = await visitor(boris, { javaScriptEnabled: false });
  await page.goto(`${urls.id}/portals/new`);
  await page.locator("#title").fill("Müller & Söhne");
  await page.locator('form[action="/portals/new"] button').click();
  assert.equal(await page.locator("#address").inputValue(), "mueller-soehne");
  await page.locator('form[action="/portals/new"] button').click();
  await page.waitForURL(`${hostOf("mueller-soehne")}/`);
  await page.goto(`${urls.id}/portals/mueller-soehne/people`);
  await page.locator('button[name="link"]').click();
  const link = await page.locator("#made").inputValue();

  const guest = await freshPage(browser, { reducedMotion: "reduce" });
  await guest.page.goto(link);
  await guest.page.locator('main a[href^="/sign-in?state="]').click();
  await signIn(guest.page, anna);
  await guest.page.waitForURL(link);
  await inspect(guest.page, "invitation");
  await guest.page.locator('form[action="/invitation"] button').first().click();
  await guest.page.waitForURL(`${hostOf("mueller-soehne")}/`);
  await guest.page.goto(link);
  assert.match(await guest.page.locator("h1").textContent(), /already belong/);
  await guest.context.close();
  await context.close();
});

test("not you: another Bitrix ID in one press, and back to the page", async () => {
  const { urls } = stage;
  const { anna, boris } = urls;
  const { context, page, complaints } = await visitor(boris);
  await page.goto(`${urls.globex}/do/page?week=7`);
  await page.getByRole("button", { name: /Use another/ }).click();
  await page.getByText("You are signed out. Sign in with another Bitrix ID.").waitFor();
  await signIn(page, anna);
  await page.waitForURL(`${urls.globex}/do/page?week=7`);
  await page.goto(`${urls.id}/profile/sessions`);
  await page.getByRole("button", { name: "Not you?" }).click();
  await page.getByText("You are signed out. Sign in with another Bitrix ID.").waitFor();
  await signIn(page, boris);
  await page.waitForURL(`${urls.id}/profile/sessions`);
  assert.deepEqual(complaints, []);
  await context.close();
});
