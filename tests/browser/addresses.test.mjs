// Addresses, showing once more who one is, and merging two Bitrix IDs: in every look, and without script.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";

import { freshPage, screenshots, signIn, startBrowser, startStage } from "./stage.mjs";

const looks = [
  { name: "phone-light", viewport: { width: 360, height: 740 }, colorScheme: "light" },
  { name: "phone-dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  { name: "desktop-light", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { name: "desktop-dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
];

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

/** Nothing of weight from axe, nothing cut off at the side, in every look; a picture of each. */
async function inspect(page, name) {
  for (const look of looks) {
    await page.setViewportSize(look.viewport);
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide on ${look.name}`);
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const told = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assert.deepEqual(told, [], `${name} on ${look.name}`);
    await page.screenshot({ path: join(screenshots, `${name}-${look.name}.png`), fullPage: true });
  }
}

/** The six digits of the newest mail to an address. */
async function codeTo(address) {
  const { outbox } = stage.urls;
  for (let tries = 0; tries < 100; tries += 1) {
    const files = readdirSync(outbox).sort();
    const mails = files.map((file) => readFileSync(join(outbox, file), "utf8"));
    const code = mails
      .filter((mail) => mail.includes(`To: ${address}`))
      .map((mail) => mail.match(/\b\d{6}\b/)?.[0])
      .filter(Boolean)
      .at(-1);
    if (code) return code;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail with a code to ${address}`);
}

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
  await page.getByLabel("Code").fill(await codeTo("anna@firma.example"));
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
  await page.getByLabel("Code").fill(await codeTo("anna@example.com"));
  await page.keyboard.press("Enter");
  await page.waitForURL(`${urls.id}/profile/merge/review`);
  await inspect(page, "merge-review");
  assert.deepEqual(complaints, []);
  await context.close();
});
