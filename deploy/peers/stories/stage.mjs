// What the stories are played on: a program that serves, with its clock, its Open
// Collective and its mail server, all driven over HTTP (cmd/goodstanding, TestStories).

export const longest = 20_000; // milliseconds that anything is waited for

// until asks again and again until the answer is something, and gives it.
export async function until(what, ask) {
  for (const end = Date.now() + longest; ;) {
    const got = await ask();
    if (got) return got;
    if (Date.now() > end) throw new Error(`${what}: not within ${longest / 1000} seconds`);
    await new Promise((go) => setTimeout(go, 250));
  }
}

export class Stage {
  // open finds out where the program serves and which routes it has.
  static async open(control) {
    const stage = new Stage();
    stage.control = control;
    const { url, routes } = await stage.ask('/');
    return Object.assign(stage, { url, routes });
  }

  async ask(path, body) {
    const res = await fetch(this.control + path, body === undefined ? {} : { method: 'POST', body });
    const text = await res.text();
    if (!res.ok) throw new Error(`${path} ${body ?? ''}: ${text}`);
    return JSON.parse(text);
  }

  // clock lets time pass up to an instant in UTC, and the program read Open Collective.
  clock(to) { return this.ask('/clock', to); }

  // upstream lets something happen on Open Collective, and the program read it.
  upstream(...lines) { return this.ask('/upstream', lines.join('\n')); }

  // run is a command line of the program; it gives what is printed.
  run(...words) { return this.ask('/run', JSON.stringify(words)); }

  // propose opens a decision in somebody's name on the command line, notes where it was
  // told of, and gives its number.
  async propose(as, words) {
    const made = JSON.parse(await this.run('decisions', 'propose', '--as', as, '--affects', 'all members', '--channel', '#general', '--json', ...words));
    const { number } = JSON.parse(await this.run('decisions', 'open', made.decision, '--as', as, '--json'));
    await this.run('decisions', 'announce', String(number), '--as', as, '--place', '#general');
    return number;
  }

  // mail waits for the newest mail to an address that says something, and gives its
  // text; since is how many there were before.
  mail(to, says, since = 0) {
    return until(`a mail to ${to} that says "${says}"`, async () => (await this.mails()).slice(since).reverse()
      .find((mail) => mail.to.includes(to) && mail.text.includes(says))?.text);
  }

  // mails are all so far, as plain text.
  async mails() {
    return (await this.ask('/mails') ?? []).map(({ To, Data }) => ({ to: To, text: plain(Data) }));
  }
}

// subject is what a mail is about.
export const subject = (mail) => mail.match(/^Subject: (.*)$/m)[1];

// plain undoes what a mail's way needs: broken lines, and letters written as numbers.
function plain(data) {
  const joined = data.replaceAll('=\r\n', '').replaceAll('\r\n', '\n');
  return Buffer.from(joined.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8');
}
