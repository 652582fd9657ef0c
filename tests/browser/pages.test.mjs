// Every page: accessible, readable on a phone and in the dark, and pictures of it to look at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { freshPage, inspect, looks, signIn, startBrowser, startStage } from "./stage.mjs";

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

/** Pages that need nobody, by name: where they are. */
const open = (urls) => ({
  "sign-in": `${urls.acme}/do/page`,
  "sign-up": `${urls.id}/sign-up`,
  "signed-out": `${urls.id}/signed-out`,
  "not-found": `${urls.id}/nothing-here`,
  refused: `${urls.acme}/closed/`,
  "portal-down": `${urls.acme}/pub/do/broken`,
  "bad-request": `${urls.acme}/pub/x;y`,
});

for (const name of ["sign-in", "sign-up", "signed-out", "not-found", "refused", "portal-down", "bad-request"]) {
  test(`${name} is accessible`, async () => {
    const { context, page, complaints } = await freshPage(browser);
    await page.goto(open(stage.urls)[name]);
    await inspect(page, name);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("a wrong password is accessible", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser);
  await page.goto(`${urls.acme}/do/page`);
  await signIn(page, urls.anna, "not the password");
  await page.locator('[role="alert"]').waitFor();
  await inspect(page, "wrong-password");
  await context.close();
});

test("the pages of a signed-in person are accessible", async () => {
  const { urls } = stage;
  const { context, page, complaints } = await freshPage(browser);
  await page.goto(`${urls.id}/`);
  await signIn(page, urls.boris);
  await page.waitForURL(`${urls.id}/`);
  for (const path of ["/", "/profile", "/profile/sessions", "/sign-out"]) {
    await page.goto(`${urls.id}${path}`);
    await inspect(page, `signed-in${path.replaceAll("/", "-").replace(/-$/, "-home")}`);
  }
  const answer = await page.goto(`${urls.globex}/private/do/page`);
  assert.equal(answer.status(), 403);
  await inspect(page, "no-access");
  await page.goto(`${urls.acme}/.bitrix-id/sign-out`);
  await inspect(page, "sign-out-on-portal");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("on a phone the section links stand in even rows and the address is whole", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser, { viewport: looks[0].viewport });
  await page.goto(`${urls.id}/`);
  await signIn(page, urls.anna);
  await page.waitForURL(`${urls.id}/`);
  for (const lang of ["en", "de", "es", "pt", "fr", "ru"]) {
    await page.goto(`${urls.id}/profile?lang=${lang}`);
    const rows = await page.locator(".sections a").evaluateAll((links) => {
      const tops = links.map((link) => link.getBoundingClientRect().top);
      return [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
    });
    assert.ok(new Set(rows).size === 1, `${rows} in a row in ${lang}`);
    const address = page.locator("header .me span");
    assert.equal(await address.getAttribute("title"), urls.anna.email);
    const cut = await address.evaluate((span) => span.scrollWidth > span.clientWidth);
    assert.ok(!cut, `the address is cut off in ${lang}`);
  }
  await context.close();
});

test("the confirmation of a new address is accessible", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser);
  await page.goto(`${urls.id}/sign-up`);
  await page.locator('input[name="name"]').fill("Nina New");
  await page.locator('input[name="email"]').fill("nina@example.com");
  await page.locator('input[name="password"]').fill("short");
  await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
  await page.locator("main form button.wide").click();
  await page.locator("[aria-invalid]").first().waitFor();
  await inspect(page, "sign-up-refused");
  await page.locator('input[name="password"]').fill("a new and long enough one");
  await page.locator("main form button.wide").click();
  await page.locator('input[name="code"]').waitFor();
  await inspect(page, "confirm-code");
  await context.close();
});

for (const [locale, word] of [
  ["de-DE", "Passwort"],
  ["es-ES", "Contraseña"],
  ["pt-BR", "Senha"],
  ["fr-FR", "Mot de passe"],
  ["ru-RU", "Пароль"],
]) {
  test(`the sign-in page holds its layout in ${locale}`, async () => {
    const { urls } = stage;
    const { context, page } = await freshPage(browser, { locale });
    await page.goto(`${urls.acme}/do/page`);
    await page.getByText(word, { exact: false }).first().waitFor();
    await inspect(page, `sign-in-${locale}`, [looks[0], looks[3]]);
    await context.close();
  });
}

test("a page at 200 % text and with the keyboard alone can be used", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  await page.goto(`${urls.acme}/do/page`);
  // The first field has the focus without a click. A browser gives it with the first frame, which may come after the
  // load: keys sent before it belong to nobody.
  await page.locator('input[type="email"]:focus').waitFor();
  await page.keyboard.type(urls.anna.email);
  const inEmail = await page.locator('input[type="email"]').inputValue();
  assert.equal(inEmail, urls.anna.email);
  await page.locator('input[type="password"]').focus();
  const outline = await page.locator('input[type="password"]').evaluate((field) => {
    const style = getComputedStyle(field);
    return `${style.outlineStyle} ${style.outlineWidth} ${style.boxShadow}`;
  });
  assert.notEqual(outline, "none 0px none", "the focus is visible");
  await page.keyboard.type(urls.anna.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${urls.acme}/do/page`);
  await context.close();
});

test("a visit asks no other host for anything", async () => {
  const { urls } = stage;
  const { context, page } = await freshPage(browser);
  const hosts = new Set();
  page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  await page.goto(`${urls.acme}/do/page`);
  await signIn(page, urls.anna);
  await page.waitForURL(`${urls.acme}/do/page`);
  assert.deepEqual([...hosts].sort(), [urls.acme, urls.id].sort());
  await context.close();
});
