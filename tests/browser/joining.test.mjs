// The first sign-in: an old portal password, the code from the mail, and the portals that join.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
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
    await page.emulateMedia({ colorScheme: look.colorScheme });
    // Colours may glide from one scheme to the other; what counts is where they arrive.
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => {
      const gliding = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      return Promise.all(gliding.map(({ finished }) => finished));
    });
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

/** The code in the newest mail to an address; the worker takes a moment. */
async function codeFor(email) {
  for (let tries = 0; tries < 100; tries += 1) {
    const mails = readdirSync(stage.urls.outbox)
      .sort()
      .map((name) => readFileSync(join(stage.urls.outbox, name), "utf8"))
      .filter((mail) => mail.includes(email) && /^Subject: \d{6}/m.test(mail));
    if (mails.length > 0) return /^Subject: (\d{6})/m.exec(mails.at(-1))[1];
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail to ${email}`);
}

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
  await page.locator('input[name="code"]').fill(await codeFor(urls.carla.email));
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
  await page.locator('[role="status"]').waitFor();
  await inspect(page, "joining-undone");
  const answer = await page.goto(`${urls.initech}/crm/do/page`);
  assert.equal(answer.status(), 403);
  await inspect(page, "joining-no-access");
  await page.getByRole("link", { name: "Join" }).click();
  await page.locator('input[type="checkbox"]').check();
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
  const code = await codeFor(urls.dora.email);
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
