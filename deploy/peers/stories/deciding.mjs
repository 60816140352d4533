// Proposers, delegates and what they decide.
import { joining } from './joining.mjs';
import { same, told } from './person.mjs';

// answering: a medium decision; one answers, answers anew, sends the same again, takes it back.
export async function answering({ stage, people: { Ada, visitor }, looks }) {
  await stage.propose('Bo', ['--size', 'medium', '--title', 'One calendar', '--changes', 'We keep all our dates in one calendar.', '--until', '2026-03-06']);
  let first, second;
  await Ada.does('signs in by the mailed link', () => Ada.signsIn());
  await Ada.does('answers in favour', async () => {
    await Ada.opens('/decisions/1');
    await Ada.sees('Answer for Birch Hosting Co-op', 'Who answered what is public', 'chain has 3 entries');
    await Ada.chooses('In favour');
    await Ada.presses('Answer for Birch Hosting Co-op');
    await Ada.sees('The answer is recorded', 'Birch Hosting Co-op', 'in favour');
    first = await Ada.receipt();
    await looks(Ada, 'receipt', 'The receipt of an answer', 'Delegates', '/decisions/1/answer');
    return told(first);
  });
  await Ada.does('answers anew, against, without a concern', async () => {
    await Ada.follows('Back to the decision');
    await Ada.sees('It stands as in favour', `chain has ${first.entry} entries`);
    await Ada.chooses('Against, with the concern in words');
    await Ada.presses('Answer anew for Birch Hosting Co-op');
    await Ada.sees('Not answered', 'Nothing was changed', 'concern');
    await looks(Ada, 'refusal', 'Why something was not done', 'Delegates', '/decisions/1/answer');
    return `refused: ${(await Ada.page.locator('.reasons li').first().innerText()).trim()}`;
  });
  await Ada.does('answers anew, against, with the concern', async () => {
    await Ada.opens('/decisions/1');
    await Ada.chooses('Against, with the concern in words');
    await Ada.types('The concern, in words', 'Whose calendar? <b>Ours</b> is full.');
    await Ada.presses('Answer anew for Birch Hosting Co-op');
    second = await Ada.receipt();
    if (second.entry <= first.entry || second.hash === first.hash) throw new Error('the second receipt is the first one');
    await Ada.sees('Whose calendar? <b>Ours</b> is full.', 'Would not pass');
    return told(second);
  });
  await Ada.does('presses the same once more', async () => {
    await Ada.follows('Back to the decision');
    await Ada.sees('It stands as against', `chain has ${second.entry} entries`);
    await Ada.presses('Answer anew for Birch Hosting Co-op');
    const again = await Ada.receipt();
    if (again.entry <= second.entry) throw new Error(`what she answers with her answer before her eyes is entry ${again.entry}, not after ${second.entry}`);
    await Ada.page.reload(); // which sends the form again
    same('the receipt of the same form sent twice', await Ada.receipt(), again);
    return `entry ${again.entry}, and the same receipt where the form was sent twice`;
  });
  await visitor.does('reads the last answer, and no former one', async () => {
    await visitor.opens('/decisions/1');
    await visitor.sees('Whose calendar? <b>Ours</b> is full.', 'Would not pass');
    same('answers of Birch', await visitor.page.getByRole('row').filter({ hasText: 'Birch Hosting Co-op' }).count(), 1);
  });
  await Ada.does('takes the answer back', async () => {
    await Ada.opens('/decisions/1');
    await Ada.sees('It stands as against');
    await Ada.presses('Take the answer back');
    const third = await Ada.receipt();
    await Ada.follows('Back to the decision');
    await Ada.sees('Answer for Birch Hosting Co-op', `chain has ${third.entry} entries`);
    return told(third);
  });
  await Ada.does('objects, and withdraws it', async () => {
    await Ada.unfolds('Object');
    await Ada.page.locator('#objection').fill('It needs an owner.');
    await Ada.presses('Object for Birch Hosting Co-op');
    const objected = await Ada.receipt();
    await Ada.follows('Back to the decision');
    await Ada.sees('Birch Hosting Co-op objects', '1 objection stands', `chain has ${objected.entry} entries`);
    await Ada.presses('Withdraw the objection');
    const withdrawn = await Ada.receipt();
    await Ada.follows('Back to the decision');
    await Ada.sees(`chain has ${withdrawn.entry} entries`);
    return `${told(objected)}; withdrawn: ${told(withdrawn)}`;
  });
  await Ada.does('asks for more time', async () => {
    await Ada.unfolds('Ask for more time');
    await Ada.page.locator('#time-reason').fill('We meet on Monday.');
    await Ada.page.getByRole('button', { name: 'Ask for more time' }).click();
    Ada.sent = true;
    await Ada.sees('Asking for more time is recorded', '13 March 2026');
    return 'the deadline moves by seven days';
  });
}

// blocking: a large decision is blocked, its concern is answered, the text amended.
export async function blocking({ stage, people: { Gus, Bo, Fay, visitor }, looks }) {
  const number = await stage.propose('Bo', ['--size', 'large', '--title', 'A backup host', '--changes', 'We rent a **host** for backups, at £60.00 a month.', '--until', '2026-04-01']);
  same('the number', number, 2);
  await Gus.does('blocks', async () => {
    await Gus.goes('/decisions/2');
    await Gus.sees('A backup host', 'chain has 3 entries');
    await Gus.chooses('Block, with the concern in words');
    await Gus.types('The concern, in words', 'It eats half of the dues.');
    await Gus.presses('Answer for Gorse Maps Co-op');
    await Gus.sees('Would not pass');
    return told(await Gus.receipt());
  });
  await Bo.does('reads that it would not pass, and answers the concern', async () => {
    await Bo.goes('/decisions/2');
    await Bo.sees('Would not pass', 'It eats half of the dues.', 'Not answered yet');
    await resolve(Bo);
    await Bo.sees('Half the size is enough for now.', 'How the text changed');
  });
  await Gus.does('answers in favour of the new text', async () => {
    await Gus.opens('/decisions/2');
    await Gus.sees('It stands as block', 'given to an older text');
    await Gus.chooses('In favour');
    await Gus.presses('Answer anew for Gorse Maps Co-op');
    return told(await Gus.receipt());
  });
  await visitor.does('reads that the block is resolved', async () => {
    await visitor.opens('/decisions/2');
    await visitor.sees('does not stand any more', 'Waiting for 8');
    await visitor.seesNot('Dandelion IT');
    return 'waiting for 8, and nobody of them is named';
  });
  await Fay.does('sees who is waited for', async () => {
    await Fay.goes('/decisions/2');
    await Fay.sees('Waiting for 8');
    await Fay.unfolds('Who is waited for');
    Fay.sent = true; // loading it again would fold them
    await Fay.sees('Dandelion IT', "Zoë O'Brien-Łukasz 🐝 <b>x</b>");
  });
  for (const name of ['Ada', 'Bo', 'Eli', 'Fay', 'Hazel', 'Zoe']) await stage.run('decisions', 'cast', '2', 'favour', '--as', name);
  await stage.run('decisions', 'cast', '2', 'abstain', '--as', 'Ira');
}

// resolve answers the concern about decision 2 and amends its text.
async function resolve(Bo) {
  const answer = 'Half the size is enough for now.', text = 'We rent a **small** host for backups, at £20.00 a month.';
  await Bo.unfolds('Answer it');
  await Bo.types('The proposer’s answer', answer);
  await Bo.presses('Answer the concern');
  const answered = await Bo.receipt();
  await Bo.opens('/decisions/2');
  await Bo.sees(answer, `chain has ${answered.entry} entries`);
  await Bo.follows('Amend the text');
  await Bo.types('What changes', text);
  await Bo.chooses('Yes: a material amendment');
  await Bo.presses('Amend it');
  await Bo.receipt();
  await Bo.opens('/decisions/2');
}

// admitting: an applicant becomes a member by a decision that everybody answers.
export async function admitting(house) {
  const { stage, people: { Ada, visitor } } = house;
  await visitor.does('finds what was decided', async () => {
    await visitor.opens('/decisions?state=passed');
    await visitor.sees('One calendar', 'A backup host');
    await visitor.opens('/decisions/2');
    await visitor.sees('passed on', 'Anybody can count again');
  });
  const number = await joining(house);
  await visitor.does('does not find the applicant among the members', async () => {
    await visitor.opens('/members');
    await visitor.sees('Birch Hosting Co-op');
    await visitor.seesNot('Juniper');
  });
  await Ada.does('answers in favour of the newcomer', async () => {
    await Ada.goes(`/decisions/${number}`);
    await Ada.sees('the applicant becomes a member', 'Juniper Seeds Co-op', 'chain has 3 entries');
    await Ada.chooses('In favour');
    await Ada.presses('Answer for Birch Hosting Co-op');
    return told(await Ada.receipt());
  });
  for (const name of ['Bo', 'Dana', 'Eli', 'Fay', 'Zoe']) await stage.run('decisions', 'cast', String(number), 'favour', '--as', name);
  await Ada.does('comes back to the decision, and leaves its page open', async () => {
    await Ada.follows('Back to the decision');
    await Ada.sees('It stands as in favour', 'Nobody is waited for');
  });
  await stage.clock('2026-06-02T09:00');
  await Ada.does('presses the button after the deadline', async () => {
    await Ada.chooses('Abstain: stand aside');
    await Ada.presses('Answer anew for Birch Hosting Co-op');
    await Ada.sees('Nothing was changed');
    return `refused: ${(await Ada.page.locator('.reasons li').first().innerText()).trim()}`;
  });
  await visitor.does('reads of the funded work, now that it is public', async () => {
    await visitor.opens('/opportunities');
    await visitor.sees('A map of community gardens', 'work@birch.example.org', 'about £4,000');
  });
  await visitor.does('finds the new member, with the decision that admitted it', async () => {
    await visitor.opens('/members');
    await visitor.sees('Juniper Seeds Co-op');
    await visitor.opens(`/decisions/${number}`);
    await visitor.sees('passed on');
  });
}

// offering: members hear of funded work first, everybody later.
export async function offering({ stage, people: { Ada, visitor } }) {
  await Ada.does('posts an opportunity', async () => {
    await Ada.goes('/opportunities/new');
    await Ada.types('Title', 'A map of community gardens');
    await Ada.types('What is to be done, for whom', 'A council wants a map that residents keep up to date themselves.');
    await Ada.types('Whom to write to', 'work@birch.example.org');
    await Ada.page.getByLabel('Budget').fill('about £4,000');
    await Ada.types('Public from', '2026-05-30');
    await Ada.presses('Post it');
    Ada.sent = false;
    await Ada.sees('A map of community gardens', 'for members alone until');
  });
  await visitor.does('does not read of it yet', async () => {
    await visitor.opens('/opportunities');
    await visitor.seesNot('community gardens');
  });
}
