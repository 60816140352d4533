// Somebody who would join, and who lets them in: from the public form to an open decision.
import { told } from './person.mjs';
import { until } from './stage.mjs';

// joining gives the number of the decision to admit the applicant.
export async function joining({ stage, people: { visitor, Fay }, looks }) {
  const since = (await stage.mails()).length;
  await visitor.does('fills in the form to join', async () => {
    await visitor.opens('/join');
    await visitor.sees('Members pay £10.00 a month or more', 'nobody reads the application before you have confirmed it');
    await visitor.chooses('An organisation');
    await visitor.types('Name', 'Juniper Seeds Co-op');
    await visitor.page.getByLabel('Website').fill('https://juniper.example.org/');
    await visitor.types('Who you are, in two sentences', 'We grow and share seeds. We are <b>five</b> people.');
    await visitor.types('How you would use what is shared, and take part', 'We would host our catalogue with you, and help with the handbook.');
    await visitor.page.getByLabel('Sponsor').fill('Birch Hosting Co-op');
    await visitor.types('Name of the representative', 'June');
    await visitor.types('E-mail address of the representative', 'june@people.example');
    for (const box of await visitor.page.getByRole('checkbox').all()) await box.check();
    await visitor.presses('Send the application');
    visitor.sent = false;
    await looks(visitor, 'join-sent', 'After sending an application', 'Everybody', '/join/sent', { unseen: true });
  });
  await Fay.does('does not read of it before it is confirmed', async () => {
    await Fay.goes('/admissions');
    await Fay.sees('None waits for a yes or no');
  });
  await visitor.does('confirms it by the mailed link', async () => {
    await visitor.page.goto((await stage.mail('june@people.example', '/join/confirm/', since)).match(/http\S+\/join\/confirm\/\S+/)[0]);
    stage.application = new URL(visitor.page.url()).pathname;
    await looks(visitor, 'join-confirm', 'Confirming an application', 'Everybody', '/join/confirm/…');
    await visitor.presses('Confirm the application');
    visitor.sent = false;
    await visitor.sees('Your application is confirmed');
  });
  await Fay.does('reads it, and takes it up', async () => {
    await Fay.goes('/admissions');
    await Fay.sees('Juniper Seeds Co-op', 'We are <b>five</b> people.', 'Birch Hosting Co-op, which is a member');
    await looks(Fay, 'application', 'An application that waits', 'Facilitators', '/admissions');
    await Fay.presses(/^Take it up as an applicant/);
    Fay.sent = false;
    await Fay.sees('It is taken up', 'Represented by June');
  });
  return Fay.does('proposes to admit it', async () => {
    await Fay.follows(/^Propose to admit it/);
    // who was taken up just now is known on this page within a second
    await until('a proposal that is filled in', async () => (await Fay.page.getByLabel('Title', { exact: true }).inputValue()).includes('Juniper Seeds Co-op') || await Fay.page.reload() && false);
    await looks(Fay, 'admit', 'Proposing to admit an applicant', 'Facilitators', '/decisions/new?kind=admit');
    await Fay.types('Whom it affects', 'all members');
    await Fay.types('Where it is discussed', '#general');
    await Fay.types('Last day to answer', '2026-06-01');
    await Fay.chooses('Everybody');
    await Fay.presses('Preview');
    await Fay.sees('How the members would read it', 'Juniper Seeds Co-op');
    await Fay.presses('Open it');
    await Fay.sees('Decision 3');
    const receipt = await Fay.receipt();
    await stage.run('decisions', 'announce', '3', '--as', 'Fay', '--place', '#general');
    console.log(`story|facilitator|has opened decision 3|${told(receipt)}`);
    return 3;
  });
}
