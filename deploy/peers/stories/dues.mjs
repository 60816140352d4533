// A delegate whose member's card is refused: grace, lapse, and back.
import { told } from './person.mjs';
import { subject } from './stage.mjs';

export async function grace({ stage, people: { Dana }, looks }) {
  await Dana.does('signs in by the mailed link and reads that all is well', async () => {
    await Dana.goes('/me');
    await Dana.sees('Dandelion IT', 'Paid up until 1 March 2026', 'It may vote');
    await looks(Dana, 'standing-paid', 'A member that has paid', 'Delegates', '/me');
  });
  await stage.upstream('refuse dandelion');
  await stage.clock('2026-03-06T09:00');
  await Dana.does('reads that the payment is late, and until when the rights stay', async () => {
    await Dana.opens('/me');
    await Dana.sees('Dandelion IT\nPayment late. Rights stay until 22 March 2026');
    await looks(Dana, 'standing-late', 'A member whose payment is late', 'Delegates', '/me');
    return (await Dana.page.locator('.stands').innerText()).trim();
  });
  const since = (await stage.mails()).length;
  await stage.clock('2026-03-08T09:00');
  await Dana.does('is told by mail', async () => {
    return subject(await stage.mail('dana@people.example', 'The dues of Dandelion IT', since));
  });
  await stage.clock('2026-03-22T09:00');
  await Dana.does('signs out, and in again', async () => {
    await Dana.opens('/me');
    await Dana.presses('Sign out');
    await Dana.sees('Nobody is signed in on this device');
    await Dana.signsIn();
  });
  await Dana.does('opens decision 2 while the right to vote lasts', async () => {
    await Dana.opens('/decisions/2');
    await Dana.sees('Answer for Dandelion IT');
  });
  await stage.clock('2026-04-01T09:00');
  await Dana.does('presses the button too late', async () => {
    await Dana.chooses('In favour');
    await Dana.presses('Answer for Dandelion IT');
    await Dana.sees('Nothing was changed', 'no right to vote');
    await looks(Dana, 'refused-lapsed', 'An answer that came after the lapse', 'Delegates', '/decisions/2/answer');
    return `refused: ${(await Dana.page.locator('.reasons li').first().innerText()).trim()}`;
  });
  await Dana.does('reads that it has lapsed, why, and what helps', async () => {
    await Dana.opens('/me');
    await Dana.sees('Dandelion IT\nDues not paid since 1 March 2026', 'What to do', 'Pay dues on Open Collective');
    await looks(Dana, 'standing-lapsed', 'A member that has lapsed', 'Delegates', '/me');
  });
  await stage.upstream('accept dandelion', 'join dandelion GBP 12 monthly tier=member');
  await Dana.does('pays again, and is back', async () => {
    await Dana.opens('/me');
    await Dana.sees('Dandelion IT\nPaid up until', 'It may vote');
    return (await Dana.page.locator('.stands').innerText()).trim();
  });
  await Dana.does('answers now', async () => {
    await Dana.opens('/decisions/2');
    await Dana.sees('Answer for Dandelion IT');
    await Dana.chooses('In favour');
    await Dana.presses('Answer for Dandelion IT');
    return told(await Dana.receipt());
  });
}
