// A proposer and a facilitator: from a preview to an open decision, its rest, and its text.
import { told } from './person.mjs';

export async function proposing({ people: { Bo, Fay }, looks }) {
  let address;
  const back = async (person, receipt) => {
    await person.opens(address);
    await person.sees(`chain has ${receipt.entry} entries`);
  };
  await Bo.does('proposes a decision, and reads how the members would', async () => {
    await Bo.goes('/decisions');
    await Bo.follows('Propose a decision');
    await Bo.sees('In the name of Clover Web Co-op');
    await Bo.types('Title', 'A shared handbook');
    await Bo.types('What changes', 'We write **one** handbook.\n\n- in the open\n- <b>together</b>');
    await Bo.types('Whom it affects', 'all members');
    await Bo.chooses('Medium');
    await Bo.types('Last day to answer', '2026-06-04');
    await Bo.types('Where it is discussed', '#general');
    await Bo.presses('Preview');
    await Bo.sees('How the members would read it', 'The mail', 'In the room');
    await looks(Bo, 'proposal-preview', 'A proposal, as members would read it', 'Delegates', '/decisions/new');
    return (await Bo.page.locator('.short-notice, .stop').first().innerText()).replace(/\s+/g, ' ').trim();
  });
  await Bo.does('gives it more time, and opens it', async () => {
    await Bo.types('Last day to answer', '2026-06-15');
    await Bo.presses('Preview');
    await Bo.sees('How the members would read it');
    await Bo.presses('Open it');
    const receipt = await Bo.receipt();
    address = new URL(await Bo.page.getByRole('link', { name: 'Back to the decision' }).getAttribute('href'), Bo.page.url()).pathname;
    await looks(Bo, 'proposal-opened', 'A decision was opened', 'Delegates', '/decisions/new');
    return `${address}, ${told(receipt)}`;
  });
  await Fay.does('lets it rest', async () => {
    await Fay.goes(address);
    await Fay.sees('For a facilitator');
    await Fay.unfolds('Let it rest');
    await Fay.page.locator('#stall-words').fill('The handbook group meets first.');
    await Fay.presses('Let it rest');
    const receipt = await Fay.receipt();
    await back(Fay, receipt);
    await Fay.sees('Reopen it');
    await Fay.opens('/facilitate');
    await Fay.sees('Resting', 'A shared handbook');
    await looks(Fay, 'facilitate-resting', 'What needs a facilitator', 'Facilitators', '/facilitate');
    return told(receipt);
  });
  await Fay.does('reopens it with a new deadline', async () => {
    await Fay.opens(address);
    await Fay.unfolds('Reopen it');
    await Fay.page.locator('#reopen-until').fill('2026-06-20');
    await Fay.presses('Reopen it');
    return told(await Fay.receipt());
  });
  await Bo.does('amends the text, both texts side by side', async () => {
    await Bo.opens(address);
    await Bo.sees('20 June 2026');
    await Bo.follows('Amend the text');
    await Bo.types('What changes', 'We write **one** handbook.\n\n- in the open\n- together\n- with an index');
    await Bo.chooses('No: an editorial amendment');
    await Bo.presses('Put both texts side by side');
    await Bo.sees('What would change', 'with an index');
    await looks(Bo, 'amend-preview', 'An amendment, beside the text', 'Delegates', '/decisions/…/amend');
    await Bo.presses('Amend it');
    return told(await Bo.receipt());
  });
  await Bo.does('reads how the text changed', async () => {
    await Bo.opens(address);
    await Bo.sees('How the text changed');
  });
}
