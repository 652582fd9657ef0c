// Signing in with an account at a provider: a real one, in a real browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { freshPage, inspect, startBrowser, startStage } from "./stage.mjs";

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

/** The provider's pages ask for a font of another host, which need not be there. */
const ours = (complaint) => !/net::ERR_/.test(complaint);

/** On the provider's pages: signs in and agrees. */
async function agree(page, login) {
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("a visitor on the way to a portal signs in with a button", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await freshPage(browser);
  await page.goto(`${urls.acme}/anyone/do/page`);
  await inspect(page, "social-sign-in");
  await page.getByRole("link", { name: "Continue with Login" }).click();
  assert.equal(new URL(page.url()).origin, urls.provider);
  await agree(page, "clara");
  await page.waitForURL(`${urls.acme}/anyone/do/page`);
  assert.equal(await page.locator("#email").textContent(), "clara@example.com");
  await page.goto(`${urls.id}/profile/social`);
  assert.ok((await page.locator(".rows").textContent()).includes("clara@example.com"));
  await inspect(page, "social-links");
  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.locator('[role="alert"]').waitFor();
  await inspect(page, "social-last-way");
  assert.deepEqual(complaints.filter(ours), []);
  await context.close();
});

test("an address that has a Bitrix ID is confirmed with its password", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await freshPage(browser);
  await page.goto(`${urls.id}/sign-in`);
  await page.getByRole("link", { name: "Continue with Login" }).click();
  await agree(page, "anna");
  await page.waitForURL(`${urls.id}/social/next`);
  await inspect(page, "social-confirm");
  await page.locator('input[type="password"]').fill(urls.anna.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/" || url.pathname === "/welcome");
  await page.goto(`${urls.id}/profile/social`);
  assert.ok((await page.locator(".rows").textContent()).includes("anna@example.com"));
  await page.getByRole("button", { name: "Connect Login" }).click();
  await page.waitForURL(`${urls.id}/profile/social`);
  await page.locator('[role="status"]').waitFor();
  assert.deepEqual(complaints.filter(ours), []);
  await context.close();
});

test("a callback that is nobody's is a page with a way on", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser);
  const answer = await page.goto(`${urls.id}/social/login/callback?state=x&code=y`);
  assert.equal(answer.status(), 400);
  await inspect(page, "social-stale");
  await page.getByRole("link", { name: "Sign in another way" }).click();
  await page.waitForURL(`${urls.id}/sign-in`);
  await context.close();
});
