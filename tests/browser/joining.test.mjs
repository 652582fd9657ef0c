// The first sign-in: an old portal password, the code from the mail, and the portals that join.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { codeFor, freshPage, inspect, signIn, startBrowser, startStage } from "./stage.mjs";

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

test("one password and a code join three portals, and a join can be undone", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await freshPage(browser);
  await page.goto(`${urls.acme}/crm/do/page?week=7`);
  await signIn(page, urls.carla);
  await page.waitForURL(`${urls.id}/welcome`);
  await inspect(page, "joining-prove");
  await page.locator('input[name="code"]').fill("000000");
  await page.locator("main form button.wide").click();
  await page.locator('[role="alert"]').waitFor();
  await inspect(page, "joining-wrong-code");
  await page.locator('input[name="code"]').fill(await codeFor(stage, urls.carla.email));
  await page.keyboard.press("Enter");
  await page.locator('input[type="checkbox"]').first().waitFor();
  assert.equal(await page.locator('input[type="checkbox"]:checked').count(), 3);
  await inspect(page, "joining-join");
  await page.getByRole("button", { name: "Join" }).click();
  await page.waitForURL(`${urls.acme}/crm/do/page?week=7`);
  assert.equal(await page.locator("#email").textContent(), urls.carla.email);
  for (const portal of [urls.globex, urls.initech]) {
    await page.goto(`${portal}/crm/do/page`);
    assert.equal(page.url(), `${portal}/crm/do/page`);
  }

  await page.goto(`${urls.id}/profile/portals`);
  await inspect(page, "joining-portals");
  await page.getByRole("link", { name: "Undo the join" }).last().click();
  await inspect(page, "joining-undo");
  await page.getByRole("button", { name: "Undo the join" }).click();
  await page.locator("#done:focus").waitFor();
  await inspect(page, "joining-undone");
  const answer = await page.goto(`${urls.initech}/crm/do/page`);
  assert.equal(answer.status(), 403);
  await inspect(page, "joining-no-access");
  await page.getByRole("link", { name: "Join" }).click();
  // Ticked, as this portal's own button led here; without it there is nothing to do, and that is said.
  await page.locator('input[type="checkbox"]').uncheck();
  await page.getByRole("button", { name: "Join" }).click();
  await page.locator('[role="alert"]:focus').waitFor();
  await inspect(page, "joining-none-ticked");
  await page.getByRole("link", { name: "Tick the portal" }).click();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Join" }).click();
  await page.waitForURL(`${urls.initech}/crm/do/page`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("without script the first sign-in does its job, and the mail's link fills the code in", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser, { javaScriptEnabled: false });
  await page.goto(`${urls.globex}/crm/do/page`);
  await signIn(page, urls.dora);
  await page.waitForURL(`${urls.id}/welcome`);
  const code = await codeFor(stage, urls.dora.email);
  await page.goto(`${urls.id}/welcome?code=${code}`);
  assert.equal(await page.locator('input[name="code"]').inputValue(), code);
  await page.locator("main form button.wide").click();
  await page.locator('input[type="checkbox"]').first().waitFor();
  await page.getByRole("button", { name: "Not now" }).click();
  // Nothing was joined, so this portal does not know her.
  await page.locator("h1").waitFor();
  assert.equal(new URL(page.url()).origin, urls.globex);
  await context.close();
});

test("one portal alone can be gone on to, and a mail's link in another browser says where the code goes", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser);
  await page.goto(`${urls.acme}/crm/do/page`);
  await signIn(page, urls.elsa);
  await page.waitForURL(`${urls.id}/welcome`);
  await page.getByRole("button", { name: /^Go on to/ }).first().click();
  await page.waitForURL(`${urls.acme}/crm/do/page`);
  await page.goto(`${urls.id}/`);
  await inspect(page, "joining-unproved-home");
  await page.getByRole("button", { name: "Prove your address" }).click();
  await page.waitForURL(`${urls.id}/welcome`);
  const other = await freshPage(browser);
  await other.page.goto(`${urls.id}/welcome?code=123456`);
  await inspect(other.page, "joining-code-elsewhere");
  await other.context.close();
  await context.close();
});
