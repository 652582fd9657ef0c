// Every page in every state that it knows: accessible and whole. The pages are written out by the gateway's own
// tests, which hold a specimen of each. Neighbours are states of one page, so each gets the next of the four looks;
// ALL_LOOKS=1 gives every state all of them, which takes four times as long.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { check, looks, startBrowser } from "./stage.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = process.env.BITRIX_ID_PAGES ?? mkdtempSync(join(tmpdir(), "pages-"));

let browser;

before(async () => {
  if (!process.env.BITRIX_ID_PAGES) await writePages();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  if (!process.env.BITRIX_ID_PAGES) rmSync(folder, { recursive: true });
});

/** The whole workspace is named so that nothing is built anew. */
async function writePages() {
  const what = ["test", "--locked", "--workspace", "--lib", "--", "--ignored", "pages_are_written_out"];
  const env = { ...process.env, PAGES_DIR: folder };
  await promisify(execFile)("cargo", what, { cwd: root, env, maxBuffer: 64 * 1024 * 1024 });
}

/** Names of the specimens, from the files in English. */
const written = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".en.html"))
    .map((name) => name.replace(/\.en\.html$/, ""))
    .sort();

test("every specimen that the gateway's tests name is written out", () => {
  const sources = join(root, "gateway/src/pages/tests");
  const files = [join(sources, "specimens.rs"), join(sources, "people.rs")];
  const areas = readdirSync(join(sources, "specimens"));
  files.push(...areas.map((name) => join(sources, "specimens", name)));
  const text = files.map((name) => readFileSync(name, "utf8")).join("\n");
  const named = [...text.matchAll(/\bpage\(\s*"([a-z0-9-]+)"/g)].map(([, name]) => name);
  const there = new Set(written());
  assert.ok(named.length > 200, `${named.length} names`);
  assert.deepEqual(named.filter((name) => !there.has(name)), []);
});

/** What the nth specimen is looked at in. */
const looksOf = (nth) => (process.env.ALL_LOOKS ? looks : [looks[nth % looks.length]]);

test("every page is accessible in every state", async (t) => {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const names = written();
  // A few pages at a time: most of the wait is the browser's.
  const queue = [...names.entries()];
  const failures = [];
  const work = async () => {
    const page = await context.newPage();
    while (queue.length > 0) {
      const [nth, name] = queue.shift();
      await page.goto(pathToFileURL(join(folder, `${name}.en.html`)).href);
      for (const look of looksOf(nth)) {
        await check(page, name, look).catch((error) => failures.push(error.message));
      }
    }
  };
  await Promise.all(Array.from({ length: 2 }, work));
  t.diagnostic(`${names.length} pages, ${looksOf(0).length} look(s) each`);
  assert.deepEqual(failures, []);
  await context.close();
});
