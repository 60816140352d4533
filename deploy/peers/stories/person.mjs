// A person with a browser of their own, in which no script runs: reads, presses and
// types what a person would find on the page, by its words.
import { longest, until } from './stage.mjs';

const folded = (text) => text.replace(/\s+/g, ' ').toLowerCase();

// browsing makes a browser of somebody's own. What a page does that it must not is
// kept in house.faults: it asks another place, or the browser complains.
export async function browsing(house) {
  const context = await house.browser.newContext({ javaScriptEnabled: false, viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce', locale: 'en-GB' });
  context.setDefaultTimeout(longest);
  context.on('page', (page) => {
    page.on('console', (said) => {
      // of a page whose status is no success the browser says so
      if (!/the server responded with a status of (4\d\d|502)/.test(said.text())) house.faults.push(`${page.url()}: the browser says ${said.text()}`);
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== house.stage.url) house.faults.push(`${page.url()} asks ${request.url()}`);
    });
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText; // who goes on before all has come ends what is on its way
      if (why !== 'net::ERR_ABORTED') house.faults.push(`${page.url()}: ${request.url()} failed: ${why}`);
    });
  });
  return context;
}

export class Person {
  // of is somebody in a role; email is '' for who never signs in.
  static async of(house, role, email = '') {
    const person = Object.assign(new Person(), { house, role, email });
    person.page = await (await browsing(house)).newPage();
    return person;
  }

  // does carries out one step of a story, and tells what came of it in one line.
  async does(words, act) {
    try {
      const came = await act();
      console.log(`story|${this.role}|${words}|${came ?? 'as it should be'}`);
      return came;
    } catch (fault) {
      await this.house.failed(`story|${this.role}|${words}`, this.page, fault);
      throw fault;
    }
  }

  async opens(path) {
    this.sent = false;
    return this.page.goto(this.house.stage.url + path);
  }

  // presses a button, or follows a link.
  async presses(name, role = 'button') {
    this.sent = role === 'button';
    await this.page.getByRole(role, { name, exact: true }).first().click();
    await this.page.waitForLoadState();
  }

  follows(name) { return this.presses(name, 'link'); }

  async types(label, text) { await this.page.getByLabel(label, { exact: true }).first().fill(text); }

  async chooses(label) { await this.page.getByLabel(label, { exact: true }).first().check(); }

  async unfolds(summary, within = this.page) { await within.locator('summary').filter({ hasText: summary }).first().click(); }

  // part is a named part of the page.
  part(name, role = 'region') { return this.page.getByRole(role, { name }).first(); }

  async text() { return this.page.locator('body').innerText(); }

  // sees waits for words on the page. A page that was only read is loaded again
  // meanwhile: what others do is on it within a second or two.
  async sees(...all) {
    let lacks;
    try {
      await until('', async () => {
        const text = folded(await this.text());
        lacks = all.find((words) => !text.includes(folded(words)));
        if (lacks && !this.sent) await this.page.reload();
        return !lacks;
      });
    } catch {
      throw new Error(`the page lacks "${lacks}"`);
    }
  }

  async seesNot(...all) {
    const text = folded(await this.text());
    const there = all.find((words) => text.includes(folded(words)));
    if (there) throw new Error(`the page says "${there}"`);
  }

  // signsIn goes to the entrance and comes in by a link that is mailed.
  async signsIn() {
    const since = (await this.house.stage.mails()).length;
    await this.opens('/me');
    await this.types('Your e-mail address', this.email);
    await this.presses('Send me a link');
    await this.sees('Look into your mail');
    const link = (await this.house.stage.mail(this.email, '/sign-in/link/', since)).match(/http\S+\/sign-in\/link\/\S+/)[0];
    await this.page.goto(link);
    await this.presses('Sign in');
    this.sent = false;
    if (new URL(this.page.url()).pathname !== '/me') throw new Error(`signing in leads to ${this.page.url()}`);
  }

  // goes to a page, signing in first where the session has ended, or there was none.
  async goes(path) {
    await this.opens(path);
    if (await this.page.getByRole('navigation', { name: 'You' }).getByRole('link', { name: 'Sign in' }).count()) {
      await this.signsIn();
      await this.opens(path);
    }
  }

  // receipt reads the receipt that the page shows.
  async receipt() {
    const of = async (term) => (await this.part('Your receipt').locator('dl > div').filter({ has: this.page.locator('dt', { hasText: term }) }).locator('dd').innerText()).trim();
    const receipt = { entry: Number.parseInt(await of(/^Entry$/), 10), hash: await of(/^Hash of the entry/) };
    if (!(receipt.entry > 0) || !/^[0-9a-f]{64}$/.test(receipt.hash)) throw new Error(`no receipt: ${JSON.stringify(receipt)}`);
    return receipt;
  }
}

export const told = ({ entry, hash }) => `receipt: entry ${entry}, ${hash.slice(0, 12)}…`;

// same fails unless both are alike.
export function same(what, got, want) {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}
