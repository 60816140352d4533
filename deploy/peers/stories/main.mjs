// Walks the stories and looks at every page: node stories/main.mjs CONTROL BROWSER [GALLERY].
// CONTROL is where the stage is driven (stage.mjs), BROWSER a Chromium, GALLERY a folder for
// pictures. It ends with 1 when a step fails, or when something is wrong with a page.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Examiner } from './examiner.mjs';
import { Gallery } from './gallery.mjs';
import { Stage } from './stage.mjs';
import { walk } from './pages.mjs';
import { stories } from './stories.mjs';

const [control, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run', '--renderer-process-limit=3'] });
const house = {
  browser, stage: await Stage.open(control), faults: [],
  // failed keeps what the page was when a step failed.
  async failed(what, page, fault) {
    const picture = join(await mkdtemp(join(tmpdir(), 'goodstanding-story-')), 'page.png');
    await writeFile(picture, await page.screenshot({ fullPage: true }).catch(() => ''));
    console.log(`FAILED ${what}: ${fault.message}\non ${page.url()} (picture: ${picture}), which says:\n${await page.locator('body').innerText().catch(() => 'nothing')}`);
  },
};
const blind = process.env.STORIES_ONLY === 'yes'; // for who writes a story: no page is looked at, which ends with 1
const gallery = folder ? await Gallery.in(folder) : undefined;
house.examiner = await Examiner.of(house, gallery);
// looks looks at a page that somebody has come to. In the gallery it has a name, words, a part and
// its address; narrow: a narrow picture, too; unseen: none.
house.looks = async (person, name, words, part, address, more = {}) => blind || house.examiner.looksAt(person, { name, words, part, address, ...more });
let ended = 0;
try {
  await stories(house);
  if (!blind) await walk(house);
  await gallery?.writes();
} catch (fault) {
  console.log(fault.stack);
  ended = 1;
}
console.log(house.examiner.report());
for (const fault of house.faults) console.log(`FAULT ${fault}`);
await browser.close();
process.exit(ended || (house.faults.length > 0 || blind ? 1 : 0));
