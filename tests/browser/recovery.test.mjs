// A new password by mail, in a real browser: each step looked at, with and without script.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freshPage, inspect, mailTo, screenshots, signIn, startBrowser, startStage } from "./stage.mjs";

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

/** The link in the newest mail to an address that holds a checkword. */
async function linkFor(email) {
  const mail = await mailTo(stage, email, "checkword=");
  return mail.match(/https:\S+checkword=[0-9A-Z-]+/)[0];
}

const button = (page) => page.locator("main form button:not([type=button])").first();

test("a visitor who forgot the password sets a new one and ends where they were going", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await freshPage(browser);
  const wanted = `${urls.acme}/crm/deal/42/do/page`;
  await page.goto(wanted);
  await signIn(page, urls.anna, "not the password");
  await page.locator('[role="alert"]').waitFor();
  await inspect(page, "recovery-0-wrong-password");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  assert.equal(await page.getByLabel("E-mail").inputValue(), urls.anna.email);
  await inspect(page, "recovery-1-address");
  await button(page).click();
  await page.getByText("is on its way").waitFor();
  await inspect(page, "recovery-2-checkword");

  const link = await linkFor(urls.anna.email);
  const checkword = new URL(link).searchParams.get("checkword");
  await page.getByLabel("Checkword").fill("0000-0000-0000-0000-0000-0000-0000");
  await page.keyboard.press("Enter");
  await page.locator('[role="alert"]').waitFor();
  await page.locator("#checkword:focus").waitFor();
  await inspect(page, "recovery-2-wrong");
  await page.getByLabel("Checkword").fill(checkword.toLowerCase().replaceAll("-", " "));
  await page.keyboard.press("Enter");
  await page.getByLabel("New password", { exact: true }).waitFor();
  await inspect(page, "recovery-3-new");

  await page.getByLabel("New password", { exact: true }).fill("eleven quiet badgers");
  await page.getByLabel("New password, once more").fill("eleven quiet");
  await page.keyboard.press("Enter");
  await page.locator('[role="alert"]').waitFor();
  await inspect(page, "recovery-3-differs");
  await page.getByRole("button", { name: "Show password" }).first().click();
  await page.getByLabel("New password", { exact: true }).fill("eleven quiet badgers");
  assert.equal(await page.locator("#password").getAttribute("type"), "text");
  await page.getByLabel("New password, once more").fill("eleven quiet badgers");
  await page.keyboard.press("Enter");
  await page.getByText("It holds on all 3 portals.").waitFor();
  await inspect(page, "recovery-4-done");
  await page.locator("main a.button").click();
  await page.waitForURL(wanted);
  assert.deepEqual(complaints, []);

  await page.goto(link);
  await inspect(page, "recovery-5-used");
  await page.goto(`${urls.id}/profile/security`);
  await inspect(page, "recovery-6-security");
  await context.close();
});

test("without script the link does it too, in another browser", async () => {
  const { urls } = stage;
  const first = await freshPage(browser, { javaScriptEnabled: false });
  await first.page.goto(`${urls.id}/forgot-password`);
  await first.page.getByLabel("E-mail").fill(urls.boris.email);
  await button(first.page).click();
  await first.page.getByText("is on its way").waitFor();
  // Counted down by the stylesheet: the button is not there yet.
  assert.equal(await first.page.getByRole("button", { name: "Send a new message" }).isVisible(), false);
  await first.page.screenshot({ path: join(screenshots, "recovery-2-without-script.png"), fullPage: true });
  await first.context.close();

  const { context, page } = await freshPage(browser, { javaScriptEnabled: false });
  await page.goto(await linkFor(urls.boris.email));
  assert.equal(await page.getByRole("button", { name: "Show password" }).count(), 0);
  await page.getByLabel("New password", { exact: true }).fill("twelve noisy badgers");
  await page.getByLabel("New password, once more").fill("twelve noisy badgers");
  await button(page).click();
  await page.getByText("Your password is new").first().waitFor();
  await page.locator("main a.button").click();
  await page.waitForURL(`${urls.id}/`);
  await context.close();
});

test("no request tells the address that holds the checkword", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser);
  const asked = [];
  const listen = (request) => asked.push(request.allHeaders());
  page.on("request", listen);
  await page.goto(`${urls.id}/reset-password?checkword=7QK4-M0ZD-3H8V-XW2N-C5TR-91BG-YEFA`);
  await inspect(page, "recovery-7-unknown");
  await page.locator("main a.button").click();
  await page.getByLabel("E-mail").waitFor();
  // Every request has told its fields before the page goes.
  await page.waitForLoadState("networkidle");
  page.off("request", listen);
  const referers = (await Promise.all(asked)).map((fields) => fields.referer ?? "");
  assert.ok(referers.length > 2, `${referers.length} requests`);
  assert.deepEqual(referers.filter((referer) => referer.includes("checkword")), []);
  await context.close();
});
