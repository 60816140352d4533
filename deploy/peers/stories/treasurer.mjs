// A treasurer: setting up, the desk, money that came another way, the brake.
import { subject } from './stage.mjs';

export async function starting({ stage, people: { Tess }, looks }) {
  await Tess.does('signs in by the mailed link', async () => {
    await Tess.signsIn();
    await Tess.sees('You are treasurer');
  });
  await Tess.does('reads the set-up', async () => {
    await Tess.follows('Board');
    await Tess.follows('Set-up');
    await Tess.sees('What to do next', 'Every member has a delegate', 'Notices are off');
  });
  await Tess.does('starts the notices without a reason', async () => {
    await Tess.opens('/board/notices');
    await Tess.sees('Notices are off: nothing goes to anybody');
    await looks(Tess, 'notices-off', 'Notices before they are started', 'Treasurers', '/board/notices');
    await Tess.types('Why', ' ');
    await Tess.presses('Start the notices');
    await Tess.sees('Nothing was changed', 'a reason is needed: say why');
    return 'refused: a reason is needed';
  });
  await Tess.does('starts the notices', async () => {
    await Tess.types('Why', 'everybody is named');
    await Tess.presses('Start the notices');
    await Tess.sees('Notices are on');
    await looks(Tess, 'notices-started', 'What a start did', 'Treasurers', '/board/notices/start');
  });
}

// The entries of the provider list.
const entries = [
  ['birch-hosting-co-op', 'https://birch.example.org/', 'Hosting on machines that we own, for groups that want to know where their data is.', 'Write to Birch', 'mailto:hello@birch.example.org', 'Leeds', ['hosting', 'backups', 'e-mail'], ['en', 'cy']],
  ['clover-web-co-op', 'https://clover.example.org/', 'Websites for co-operatives, from the first sketch to the day-to-day care.', 'Write to Clover', 'https://clover.example.org/contact', 'Valencia', ['websites', 'design'], ['es', 'ca', 'en']],
  ['fern-radio-co-op', 'https://fern.example.org/', 'Streaming and podcasts for community radio.', 'Write to Fern', 'mailto:studio@fern.example.org', 'Bristol', ['streaming', 'hosting'], ['en', 'pt']],
];

export async function listing({ stage, people: { visitor } }) {
  for (const [member, url, summary, label, href, place, services, languages] of entries) {
    await stage.run('providers', 'set', member, '--url', url, '--summary', summary, '--contact-label', label, '--contact-href', href, '--place', place,
      ...services.flatMap((one) => ['--service', one]), ...languages.flatMap((one) => ['--language', one]));
    await stage.run('providers', 'consent', member, '--words', 'Yes, list us.');
    await stage.run('providers', 'approve', member);
  }
  await stage.run('--yes', 'providers', 'publish');
  await visitor.does('finds a provider by what it offers', async () => {
    await visitor.opens('/providers');
    await visitor.sees('Hosting on machines that we own');
    await visitor.follows('hosting 2');
    await visitor.sees('Birch Hosting Co-op', 'Fern Radio Co-op');
    await visitor.seesNot('Clover Web Co-op');
    return 'two of three, by a plain link';
  });
}

export async function sorting({ stage, people: { Tess }, looks }) {
  const entry = Tess.page.getByRole('listitem').filter({ hasText: 'pays and is linked to nobody' }).filter({ hasText: 'best-casino-links' });
  await Tess.does('finds a payer on the desk that nobody knows', async () => {
    await Tess.opens('/board/desk');
    await Tess.sees('To sort out', 'best-casino-links');
    await Tess.seesNot('<i>Links</i>?');
    return (await entry.innerText()).replace(/\s+/g, ' ').slice(0, 110);
  });
  await Tess.does('leaves it as it is, with a reason', async () => {
    await Tess.unfolds('Leave it as it is', entry);
    const leaving = entry.getByRole('group').filter({ hasText: 'Leave it as it is' });
    await leaving.getByLabel('Why').fill('A link farm; nobody of us.');
    await leaving.getByRole('button', { name: 'Leave it' }).click();
    Tess.sent = true;
    await Tess.sees('Left as it is', 'It returns when its facts change.');
    await Tess.opens('/board/desk');
    await Tess.seesNot('best-casino-links');
    await Tess.opens('/board/desk?all=yes');
    await Tess.sees('A link farm; nobody of us.');
    return 'gone from the desk, kept with who and why';
  });
  await Tess.does('enters a payment that is none', async () => {
    await Tess.opens('/board/members/elder-press-cic');
    await Tess.unfolds('Enter a payment');
    await Tess.types('Amount, as GBP 120.00', 'ten pounds');
    await Tess.types('For how many months', '6');
    await Tess.types('Came in on', '2026-02-20');
    const form = Tess.page.locator('#pay-form');
    await form.getByLabel('Why').fill('bank transfer');
    await Tess.presses('Enter it');
    await Tess.sees('Nothing was changed', 'amount: write it as GBP 120.00');
    await looks(Tess, 'payment-refused', 'A payment that cannot be entered', 'Treasurers', '/board/members/…/pay');
    return 'refused, with what would be right; what was typed is kept';
  });
  await Tess.does('enters it as it was', async () => {
    await Tess.types('Amount, as GBP 120.00', 'GBP 60.00');
    await Tess.presses('Enter it');
    await Tess.sees('The payment is entered');
    await looks(Tess, 'payment-entered', 'A payment was entered', 'Treasurers', '/board/members/…/pay');
    await Tess.opens('/board/members/elder-press-cic');
    await Tess.sees('£60.00 for 6 months');
  });
}

// brake: three members stop paying in one month; nobody loses a right before somebody has looked.
export async function brake({ stage, people: { Tess, Gus }, looks }) {
  await Tess.does('drops what would be told too late, after days on which nothing was sent', async () => {
    await Tess.goes('/board/notices');
    await looks(Tess, 'notices-waiting', 'Notices that wait for a yes or no', 'Treasurers', '/board/notices');
    const batch = Tess.page.getByRole('region', { name: 'nothing could be sent for days' });
    const words = (await batch.getByRole('heading').innerText()).trim();
    await batch.getByLabel('No, because').fill('All of it was said at the meeting.');
    await batch.getByRole('button', { name: 'Never send them' }).click();
    Tess.sent = true;
    await Tess.sees('Dropped');
    return words;
  });
  await stage.upstream('cancel gorse-maps', 'cancel hazel', 'cancel iris-care');
  await stage.clock('2026-05-20T09:00');
  const since = (await stage.mails()).length;
  await stage.clock('2026-05-22T09:00');
  await Tess.does('is told at once that the brake holds three members', async () => {
    return subject(await stage.mail('tess@people.example', 'The brake is on: 3 members', since));
  });
  await Gus.does('keeps the vote meanwhile', async () => {
    await Gus.goes('/me');
    await Gus.sees('Gorse Maps Co-op', 'It may vote');
  });
  await Tess.does('reads the hold, with names and likely cause', async () => {
    await Tess.goes('/board/holds');
    await Tess.sees('3 members held', 'Likely cause', 'Gorse Maps Co-op', 'Hazel Example', 'Iris Care Co-op');
    await looks(Tess, 'hold', 'A hold, to be acknowledged', 'Treasurers', '/board/holds');
  });
  await Tess.does('acknowledges it', async () => {
    await Tess.types('Why', 'All three told us that they leave.');
    await Tess.presses('Acknowledge');
    await Tess.sees('The hold is acknowledged', 'Gorse Maps Co-op', 'lapsed');
    await looks(Tess, 'hold-acknowledged', 'What an acknowledgement did', 'Treasurers', '/board/holds/acknowledge');
  });
  await Gus.does('has lapsed then, and not before', async () => {
    await Gus.goes('/me');
    await Gus.sees('Dues not paid since 1 May 2026');
  });
}

// linking: the new member pays, and the treasurer says whose account that is.
export async function linking({ stage, people: { Tess }, looks }) {
  await stage.upstream('join juniper GBP 10 monthly tier=member');
  await Tess.does('finds the new payer on the desk', async () => {
    await Tess.goes('/board/desk');
    await Tess.sees('Juniper Seeds Co-op (@juniper) pays and is linked to nobody');
    await looks(Tess, 'desk-payer', 'A payer whom nobody knows yet', 'Treasurers', '/board/desk');
  });
  await Tess.does('links the account to the new member', async () => {
    await Tess.opens('/board/members/juniper-seeds-co-op');
    await Tess.unfolds('Link an account');
    const form = Tess.page.locator('#link-form');
    await form.getByLabel('Slug or id on Open Collective').fill('juniper');
    await form.getByLabel('Why').fill('They told us.');
    await Tess.presses('Link it');
    await Tess.sees('The account is linked', 'Juniper Seeds Co-op', 'paid up');
    await looks(Tess, 'account-linked', 'An account was linked', 'Treasurers', '/board/members/…/link');
    await Tess.opens('/board/desk');
    await Tess.seesNot('@juniper');
  });
}
