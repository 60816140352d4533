// Goes over every page that there is, by the program's own list of routes: each as
// somebody who may see it. A route whose names in braces nobody has said what to put
// for is a fault.

// What stands for a name in braces, by the route's path; several are several pages.
const samples = {
  '/decisions/{decision}': ['/decisions/2', '/decisions/4', '/decisions/5', '/decisions/6'],
  '/board/members/{member}': ['/board/members/dandelion-it', '/board/members/elder-press-cic?at=2026-03-10&known=2026-03-20'],
  '/sign-in/link/{token}': [async ({ stage }) => new URL(await stage.run('people', 'sign-in-link', 'Noor')).pathname.trim()],
  '/confirm-delegate/{token}': [contactLink],
  '/join/confirm/{token}': [({ stage }) => stage.application],
  '/decisions/{decision}/amend': ['/decisions/5/amend'],
  '/decisions/{decision}/electorate': ['/decisions/5/electorate'],
  '/decisions/{decision}/edit': [async ({ stage }) => {
    const { decision } = JSON.parse(await stage.run('decisions', 'propose', '--as', 'Ada', '--size', 'medium', '--title', 'A draft', '--changes', 'Something.', '--affects', 'all', '--channel', '#general', '--json'));
    return `/decisions/${decision}/edit`;
  }],
  '/logos/{logo}.png': [async ({ stage }) => (await (await fetch(`${stage.url}/providers`)).text()).match(/\/logos\/\w+\.png/)[0]],
  '/board/letters/{kind}': ['/board/letters/lapsed'],
};

// What else a page shows, by its query.
const more = {
  '/providers': ['/providers?service=hosting'],
  '/members': ['/members?kind=individual'],
  '/decisions': ['/decisions?state=passed'],
  '/board': ['/board?state=lapsed&sort=next', '/board?find=nobody'],
  '/board/desk': ['/board/desk?all=yes'],
  '/board/holds': ['/board/holds?all=yes'],
  '/board/notices': ['/board/notices?state=sent'],
};

// No pages, or pages that the stories have looked at already, with the reason.
const elsewhere = {
  '/sign-in/openid': 'leads to a provider, of which these stories have none',
  '/sign-in/openid/back': 'is where a provider sends people back to',
  '/board/letters/{kind}.html': 'is a mail, as a mail program shows it',
  '/language/{language}': 'keeps a choice and leads back, and is gone through to the pages in Spanish',
};

// Words for the gallery; a page without them is called by its address.
const words = {
  '/': 'Home', '/providers': 'Recommended providers', '/providers/frame': 'The list in another website’s frame', '/members': 'Members', '/decisions': 'Decisions', '/rules': 'The rules in words',
  '/code': 'Code of co-operation', '/opportunities': 'Opportunities', '/privacy': 'What is kept, and who sees it', '/sign-in': 'Sign in', '/sign-out': 'Sign out', '/signed-out': 'After signing out',
  '/sign-in/mail': 'After asking for a link', '/sign-in/link/{token}': 'A mailed link', '/confirm-delegate/{token}': 'A member’s contact confirms a delegate', '/decisions/{decision}': 'A decision',
  '/me': 'My standing', '/me/notices': 'Notices I got', '/me/delegates': 'Delegates', '/me/data': 'What we keep about you', '/opportunities/new': 'Posting an opportunity',
  '/board': 'Board', '/board/members/{member}': 'One member', '/board/desk': 'To sort out', '/board/holds': 'Holds', '/board/notices': 'Notices', '/board/set-up': 'Set-up',
  '/join': 'Join', '/join/sent': 'After sending an application', '/join/confirmed': 'After confirming it', '/join/confirm/{token}': 'An application that is confirmed', '/admissions': 'Admissions',
  '/decisions/new': 'Proposing a decision', '/decisions/{decision}/edit': 'A draft', '/decisions/{decision}/amend': 'Amending the text',
  '/decisions/{decision}/electorate': 'Who may answer', '/facilitate': 'Facilitate', '/members/participation': 'Participation, to members', '/me/listing': 'My listing', '/me/data/erase': 'Asking for erasure',
  '/erased': 'After erasure', '/board/listings': 'Listings', '/board/pictures': 'Pictures', '/board/rules': 'Rules', '/board/payers': 'Payers', '/board/letters': 'Letters', '/board/letters/{kind}': 'A letter',
};
const narrow = new Set(['/', '/providers', '/members', '/decisions', '/decisions/{decision}', '/rules', '/me', '/board', '/board/members/{member}', '/board/desk', '/join', '/decisions/new', '/facilitate', '/me/listing', '/board/pictures', '/board/rules']);

const most = 60_000; // bytes of a public page with what it loads

export async function walk(house) {
  const { stage, people: { visitor, Ada, Fay, Tess } } = house;
  for (const person of [Ada, Fay, Tess]) await person.goes('/me');
  // Who is asked first is who sees least.
  const asked = [[visitor, 'Everybody'], [Ada, 'Delegates'], [Fay, 'Facilitators'], [Tess, 'Treasurers']];
  for (const path of Object.keys({ ...samples, ...more, ...elsewhere, ...words })) {
    if (!stage.routes.some((route) => route.Path === path)) house.faults.push(`pages.mjs knows ${path}, which is no route`);
  }
  const counts = { pages: 0, other: 0, elsewhere: 0 };
  for (const { Method, Path } of stage.routes) {
    if (Method !== 'GET') continue;
    if (elsewhere[Path]) { counts.elsewhere++; continue; }
    for (const sample of [...(samples[Path] ?? [Path]), ...(more[Path] ?? [])]) {
      const address = typeof sample === 'string' ? sample : await sample(house);
      if (address.includes('{')) throw new Error(`${Path}: say in samples (pages.mjs) what stands for the name in braces`);
      counts[await one(house, asked, Path, address, typeof sample === 'string' ? address : Path)]++;
    }
  }
  await inside(house);
  await inSpanish(house);
  console.log(`pages|shown ${counts.pages}|in other forms ${counts.other}|elsewhere ${counts.elsewhere}`);
}

// one looks at a page as the first person who may see it, and says of which sort it is.
// known is its address without what is another one each time.
async function one(house, asked, path, address, known) {
  const got = [];
  for (const [person, part] of asked) {
    const answer = await person.page.context().request.get(house.stage.url + address, { maxRedirects: 0 });
    if (answer.status() !== 200) {
      got.push(`${person.role} ${answer.status()}`);
      continue;
    }
    if (part === 'Everybody') await small(house, address);
    if (!answer.headers()['content-type'].startsWith('text/html') || !(await answer.text()).includes('<html')) return 'other'; // or a piece of a page, for other websites
    await person.opens(address);
    await house.looks(person, nameOf(known), words[path] ?? path, part, known,
      { narrow: narrow.has(path) && address === (samples[path] ?? [path])[0], unseen: (more[path] ?? []).includes(address) });
    return 'pages';
  }
  throw new Error(`nobody sees ${address}: ${got.join(', ')}`);
}

// nameOf is what the picture of a page is called.
function nameOf(address) {
  return address.replace(/[{}]/g, '').slice(1).replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '') || 'home';
}

// small fails where a public page takes too much on its way, with its style sheets and
// its mark, logos apart.
async function small({ stage, faults }, address) {
  const weighed = async (url) => {
    const answer = await fetch(url), body = Buffer.from(await answer.arrayBuffer());
    const head = [...answer.headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
    return { body, bytes: body.length + head };
  };
  const page = await weighed(stage.url + address);
  const links = page.body.toString().match(/(?<=<link rel="(?:stylesheet|icon)" href=")[^"]+/g) ?? [];
  const bytes = (await Promise.all(links.map((link) => weighed(new URL(link, stage.url))))).reduce((sum, one) => sum + one.bytes, page.bytes);
  if (bytes > most) faults.push(`${address} takes ${bytes} bytes with what it loads, at most ${most}`);
}

// inside are public pages as who is signed in reads them.
async function inside({ people: { Ada }, looks }) {
  for (const [address, name, title] of [['/decisions/5', 'decision-of-a-delegate', 'A decision, to answer'], ['/opportunities', 'opportunities-of-a-delegate', 'Opportunities, to members']]) {
    await Ada.goes(address);
    await looks(Ada, name, title, 'Delegates', address, { narrow: true });
  }
}

// inSpanish are pages in the second language, by the link at their foot.
async function inSpanish({ people: { visitor, Ada }, looks, faults }) {
  for (const [person, address, name, title, part] of [[visitor, '/rules', 'rules-in-spanish', 'The rules in words, in Spanish', 'Everybody'],
    [visitor, '/join', 'join-in-spanish', 'Join, in Spanish', 'Everybody'], [Ada, '/me', 'me-in-spanish', 'My standing, in Spanish', 'Delegates'], [Ada, '/decisions/5', 'decision-in-spanish', 'A decision, in Spanish', 'Delegates']]) {
    await person.opens(address);
    await person.page.getByRole('link', { name: 'Español' }).click();
    const language = await person.page.getAttribute('html', 'lang');
    if (language !== 'es' || new URL(person.page.url()).pathname !== address) faults.push(`${address} in Spanish is ${person.page.url()} in ${language}`);
    await looks(person, name, title, part, address, { narrow: true });
    await person.page.getByRole('link', { name: 'English' }).click();
  }
}

// contactLink is where a member's contact confirms a delegate who was added while
// decisions are open.
async function contactLink({ stage }) {
  const mail = await stage.mail('office@kelp.example', '/confirm-delegate/');
  return new URL(mail.match(/http\S+\/confirm-delegate\/\S+/)[0]).pathname;
}
