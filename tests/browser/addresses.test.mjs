// Addresses, showing once more who one is, and merging two Bitrix IDs: in every look, and without script.

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

async function signedIn(person, options) {
  const { urls } = stage;
  const fresh = await freshPage(browser, options);
  await fresh.page.goto(`${urls.id}/`);
  await signIn(fresh.page, person);
  await fresh.page.waitForURL(`${urls.id}/`);
  return fresh;
}

test("a person adds an address and makes it the primary one", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await signedIn(urls.anna);
  await page.goto(`${urls.id}/profile/emails`);
  await inspect(page, "emails");
  await page.getByLabel("New address").fill("anna@firma.example");
  await page.getByLabel("Current password").fill("not it");
  await page.getByRole("button", { name: "Add address" }).click();
  await page.locator("#password-wrong").waitFor();
  assert.equal(await page.getByLabel("New address").inputValue(), "anna@firma.example");
  await inspect(page, "emails-wrong");
  await page.getByLabel("Current password").fill(urls.anna.password);
  await page.getByRole("button", { name: "Add address" }).click();
  await page.waitForURL(`${urls.id}/profile/emails/confirm`);
  await inspect(page, "emails-code");
  await page.getByLabel("Code").fill(await codeFor(stage, "anna@firma.example"));
  await page.keyboard.press("Enter");
  await page.waitForURL(`${urls.id}/profile/emails`);
  await page.locator('[role="status"]').waitFor();
  await inspect(page, "emails-added");
  await page.getByRole("button", { name: "Make primary" }).click();
  await page.getByText("anna@firma.example is your primary address now").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("two become one and two again, without script", async () => {
  const { urls } = stage;
  const { context, page } = await signedIn(urls.boris, { javaScriptEnabled: false });
  await page.goto(`${urls.id}/profile/merge`);
  await page.locator("#email").fill("anna@example.com");
  await page.locator("#password").fill(urls.anna.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${urls.id}/profile/merge/review`);
  await page.getByRole("button", { name: "Merge" }).click();
  await page.waitForURL(`${urls.id}/profile/merge`);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("The other Bitrix ID has back what was its own").waitFor();
  await context.close();
});

test("the pages of a merge are accessible in every look", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await signedIn(urls.boris);
  await page.goto(`${urls.id}/profile/merge`);
  await inspect(page, "merge");
  await page.locator("#email").fill("anna@example.com");
  await page.getByRole("button", { name: "Send a code" }).click();
  await page.waitForURL(`${urls.id}/profile/merge/code`);
  await inspect(page, "merge-code");
  await page.getByLabel("Code").fill(await codeFor(stage, "anna@example.com"));
  await page.keyboard.press("Enter");
  await page.waitForURL(`${urls.id}/profile/merge/review`);
  await inspect(page, "merge-review");
  assert.deepEqual(complaints, []);
  await context.close();
});
