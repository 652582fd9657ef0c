// Starts the scene (gateway, upstreams, people) and a browser for it, and looks at pages and mails. The scene
// is the program `stage` of the crate beside this folder: it prints one line of JSON and ends when its
// standard input does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.env.CARGO_TARGET_DIR ?? join(here, "../../target"));

/** Where screenshots of the pages go, to be looked at. */
export const screenshots = join(target, "screenshots");

/** What every page is looked at in. */
export const looks = [
  { name: "phone-light", viewport: { width: 360, height: 740 }, colorScheme: "light" },
  { name: "phone-dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  { name: "desktop-light", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { name: "desktop-dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
];

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Starts the scene. `urls` holds its addresses and people; `stop()` ends it. */
export async function startStage() {
  const program = process.env.BITRIX_ID_STAGE ?? join(target, "debug/stage");
  if (!existsSync(program)) throw new Error(`${program} is not there: run \`cargo build --workspace\` first`);
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", done));
  const lines = createInterface({ input: child.stdout });
  const first = new Promise((done) => lines.once("line", done));
  const line = await Promise.race([first, ended.then(() => undefined)]);
  if (line === undefined) throw new Error("the scene ended before it was set");
  return {
    urls: JSON.parse(line),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Starts Chromium so that it finds every host of the scene here and accepts its certificates. */
export async function startBrowser() {
  mkdirSync(screenshots, { recursive: true });
  const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = process.env.CHROMIUM ?? candidates.find((path) => existsSync(path));
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--ignore-certificate-errors",
      "--host-resolver-rules=MAP *.localhost 127.0.0.1",
    ],
  });
}

/** A fresh profile with a page. The page fails the test when a script throws or CSP blocks something. */
export async function freshPage(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    const harmless = /the server responded with a status of/.test(text);
    if (message.type() === "error" && !harmless) complaints.push(`console: ${text}`);
  });
  return { context, page, complaints };
}

/** Types address and password and presses the button, as a person does. */
export async function signIn(page, person, password = person.password) {
  await page.getByLabel("Email").or(page.getByLabel("E-mail")).first().fill(person.email);
  await page.locator('input[type="password"]').fill(password);
  await page.locator('form:has(input[type="password"]) button:not([type="button"])').click();
}

/** Nothing of weight from axe, nothing cut off at the side, in one look. */
export async function check(page, name, look) {
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
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.deepEqual(told, [], `${name} on ${look.name}`);
}

/** The same in every look, with a picture of each. */
export async function inspect(page, name, chosen = looks) {
  for (const look of chosen) {
    await check(page, name, look);
    await page.screenshot({ path: join(screenshots, `${name}-${look.name}.png`), fullPage: true });
  }
}

/** The newest mail to an address that holds `wanted`, decoded; asked for until it is there. */
export async function mailTo(stage, address, wanted) {
  const holds = (mail) => (wanted instanceof RegExp ? wanted.test(mail) : mail.includes(wanted));
  for (let tries = 0; tries < 100; tries += 1) {
    const found = readdirSync(stage.urls.outbox)
      .filter((name) => name.endsWith(".eml"))
      .sort()
      .map((name) => readFileSync(join(stage.urls.outbox, name), "utf8"))
      .map((mail) => mail.replace(/=\r?\n/g, "").replaceAll("=3D", "="))
      .findLast((mail) => mail.includes(`To: ${address}`) && holds(mail));
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail to ${address} with ${wanted}`);
}

/** The code in the newest mail to an address that holds one. */
export async function codeFor(stage, address) {
  const subject = /^Subject: (\d{6})/m;
  return subject.exec(await mailTo(stage, address, subject))[1];
}
