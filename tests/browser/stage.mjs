// Starts the scene (gateway, upstreams, people) and a browser for it. The scene is the program `stage` of
// the crate beside this folder: it prints one line of JSON and ends when its standard input does.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.env.CARGO_TARGET_DIR ?? join(here, "../../target"));

/** Where screenshots of the pages go, to be looked at. */
export const screenshots = join(target, "screenshots");

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
