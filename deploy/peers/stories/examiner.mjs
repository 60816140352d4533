// Looks at a page as it was served to somebody, in a browser that may run scripts,
// since axe needs one: the same text again, with the program's own style sheets.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

// What hangs on colours alone is looked at again in the dark; all else is the same there.
const inTheDark = ['color-contrast', 'link-in-text-block'];
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [360, 1200], schemes = ['light', 'dark'];

export class Examiner {
  static async of(house, gallery) {
    const context = await house.browser.newContext({ bypassCSP: true, reducedMotion: 'reduce', locale: 'en-GB' });
    await context.addInitScript(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const page = await context.newPage();
    return Object.assign(new Examiner(), { house, gallery, page, cdp: await context.newCDPSession(page), pages: 0, runs: 0, violations: 0, named: 0, strange: 0 });
  }

  // looks at what a person's page shows now. about says which it is: its name is that
  // of its pictures, its words stand beside them.
  async looksAt(person, about) {
    const url = person.page.url(), html = await person.page.content();
    await this.page.unrouteAll();
    await this.page.route(url, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    this.pages++;
    if (html.includes('&lt;b&gt;x&lt;/b&gt;')) this.named++;
    for (const width of widths) {
      await this.page.setViewportSize({ width, height: 800 });
      await this.page.emulateMedia({ colorScheme: schemes[0] });
      await this.stands(url, about.name, width);
      for (const scheme of schemes) {
        await this.page.emulateMedia({ colorScheme: scheme });
        await this.axe(about.name, width, scheme);
        await this.gallery?.takes(this.cdp, about, width, scheme);
      }
    }
  }

  // stands goes to a page and looks for what moves while it comes, for what is wider than
  // the window, and for what no page here is made of: somebody's name became a part of it.
  // A busy machine draws a long table before all of its rows are read, and its columns move
  // then; so what moves has to do so each time that the page comes.
  async stands(url, name, width) {
    let moved, wider, strange;
    for (let comes = 0; comes === 0 || moved > 0 && comes < 4; comes++) {
      await this.page.goto(url);
      ({ moved, wider, strange } = await this.measures());
    }
    this.strange += strange.length;
    for (const one of strange) this.house.faults.push(`${name}: a page of this program holds no ${one}`);
    if (moved > 0) this.house.faults.push(`${name} at ${width}: the layout shifts by ${moved}`);
    if (wider > 0) this.house.faults.push(`${name} at ${width}: it is ${wider} px wider than the window`);
  }

  measures() {
    return this.page.evaluate(() => new Promise((tell) => {
      let moved = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((one) => { moved += one.value; })).observe({ type: 'layout-shift', buffered: true });
      const strange = [...document.querySelectorAll('b, i, u, script, iframe, object, embed, [style], a[href^="javascript" i]')].map((one) => one.outerHTML.slice(0, 100));
      requestAnimationFrame(() => requestAnimationFrame(() => tell({ moved, strange, wider: document.documentElement.scrollWidth - document.documentElement.clientWidth })));
    }));
  }

  async axe(name, width, scheme) {
    const only = scheme === 'dark' ? { type: 'rule', values: inTheDark } : { type: 'tag', values: rules };
    const violations = await this.page.evaluate((only) => globalThis.axe.run(document, { runOnly: only, resultTypes: ['violations'] }).then((found) => found.violations), only);
    this.runs++;
    for (const found of violations) {
      this.violations++;
      const [node] = found.nodes;
      this.house.faults.push(`axe: ${name} at ${width}, ${scheme}: ${found.id}, ${found.nodes.length} times: ${node.html.slice(0, 200)}: ${(node.failureSummary ?? '').replace(/\s+/g, ' ').slice(0, 300)}`);
    }
  }

  // report is what a log ends with. Without a page that shows the name that looks like
  // a part of a page, nothing was tried.
  report() {
    if (this.named < 5) this.house.faults.push(`only ${this.named} pages show the name that looks like a part of a page`);
    console.log(`names|pages that show a name with <b> in it ${this.named}|parts of a page that no page is made of ${this.strange}`);
    return `axe|pages ${this.pages}|runs ${this.runs}|violations ${this.violations}`;
  }
}
