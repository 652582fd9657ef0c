// One's own pages: details, photo, names on portals, sessions, data and leaving; with and without script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { freshPage, inspect, signIn, startBrowser, startStage } from "./stage.mjs";

/** A red dot, 2 x 1 pixels. */
const picture = {
  name: "me.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR4nGP4z8AARAAI/gH/xp559wAAAABJRU5ErkJggg==",
    "base64",
  ),
};

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

/** Signed in as Anna on the Bitrix ID host. */
async function anna(options) {
  const { urls } = stage;
  const fresh = await freshPage(browser, options);
  await fresh.page.goto(`${urls.id}/`);
  await signIn(fresh.page, urls.anna);
  await fresh.page.waitForURL(`${urls.id}/`);
  return fresh;
}

test("one's own pages are accessible in every look", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await anna();
  for (const [name, path] of [
    ["you", "/profile"],
    ["time-zone", "/profile/time-zone"],
    ["time-zone-europe", "/profile/time-zone?area=Europe"],
    ["own-name", "/profile/portal/acme"],
    ["sessions", "/profile/sessions"],
    ["data", "/profile/data"],
    ["delete", "/profile/delete"],
    ["not-me-gone", "/not-me?key=nothing"],
    ["keep-nothing", "/profile/keep"],
  ]) {
    await page.goto(`${urls.id}${path}`);
    await inspect(page, `people-${name}`);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the browser's own time zone is proposed, taken with one press, and told with the focus", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await anna({ timezoneId: "America/Argentina/Buenos_Aires" });
  await page.goto(`${urls.id}/profile/time-zone`);
  const own = page.locator("#own-zone");
  // Browsers call some zones as they were called before.
  assert.match(await own.innerText(), /America\/(Argentina\/)?Buenos Aires/);
  await inspect(page, "people-time-zone-proposed");
  await own.locator("button").click();
  await page.locator("#done").waitFor();
  assert.match(await page.locator("#done").innerText(), /America\/(Argentina\/)?Buenos_Aires/);
  await page.locator("#done:focus").waitFor();
  await page.goto(`${urls.id}/profile/time-zone`);
  assert.equal(await own.isVisible(), false, "it is theirs already");
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";

  test(`a photo is given, seen and removed ${how}`, async () => {
    const { urls } = stage;
    const { context, page, complaints } = await anna({ javaScriptEnabled });
    await page.goto(`${urls.id}/profile`);
    await page.locator("#photo").setInputFiles(picture);
    await page.locator('form[action="/profile/photo"] button').click();
    await page.locator('[role="status"]').waitFor();
    const photo = page.locator('img[src^="/profile/photo"]');
    assert.equal(await photo.evaluate((img) => img.decode().then(() => img.naturalWidth)), 256);
    if (javaScriptEnabled) {
      await inspect(page, "people-you-with-photo");
    }
    await page.locator('form[action="/profile/photo/remove"] button').click();
    await page.locator('[role="status"]').waitFor();
    assert.equal(await photo.count(), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test(`a time zone is chosen ${how}`, async () => {
    const { urls } = stage;
    const { context, page } = await anna({ javaScriptEnabled });
    await page.goto(`${urls.id}/profile/time-zone`);
    await page.locator("#area").selectOption("Europe");
    await page.locator('form[method="get"] button').click();
    await page.locator("#place").selectOption("Lisbon");
    await page.locator("form:has(#place) button").click();
    await page.locator('[role="status"]').waitFor();
    assert.match(await page.locator('[role="status"]').innerText(), /Europe\/Lisbon/);
    await page.goto(`${urls.id}/profile/sessions`);
    assert.match(await page.locator("main").innerText(), /\(Europe\/Lisbon\)/);
    await context.close();
  });

  test(`another browser is signed out ${how}`, async () => {
    const { urls } = stage;
    const other = await anna({ javaScriptEnabled });
    const { context, page } = await anna({ javaScriptEnabled });
    await page.goto(`${urls.id}/profile/sessions`);
    await page.locator('button[value="others"]').click();
    await page.locator('[role="status"]').waitFor();
    await other.page.goto(`${urls.id}/profile`);
    assert.ok(other.page.url().startsWith(`${urls.id}/sign-in`), other.page.url());
    await other.context.close();
    await context.close();
  });
}

test("a wrong phone number stands at its field, which has the focus", async () => {
  const { urls } = stage;
  const { context, page } = await anna();
  await page.goto(`${urls.id}/profile`);
  await page.locator("#phone").fill("12345");
  await page.locator('form[action="/profile"] button').click();
  await page.locator("#phone-wrong").waitFor();
  await page.locator("#phone:focus").waitFor();
  assert.equal(await page.locator("#phone").inputValue(), "12345");
  await inspect(page, "people-phone-wrong");
  await context.close();
});
