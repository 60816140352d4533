// The stories of every role, in the order in which they happen to one federation.
import { admitting, answering, blocking, offering } from './deciding.mjs';
import { grace } from './dues.mjs';
import { writing } from './listing.mjs';
import { Person } from './person.mjs';
import { proposing } from './proposing.mjs';
import { brake, linking, listing, sorting, starting } from './treasurer.mjs';
import { reading } from './visitor.mjs';

// Who speaks for whom.
const delegates = {
  Ada: 'birch-hosting-co-op', Bo: 'clover-web-co-op', Dana: 'dandelion-it', Eli: 'elder-press-cic', Fay: 'fern-radio-co-op',
  Gus: 'gorse-maps-co-op', Hazel: 'hazel-example', Ira: 'iris-care-co-op', Zoe: 'zo-o-brien-ukasz-b-x-b',
};

export async function stories(house) {
  await cast(house);
  await reading(house);
  await starting(house);
  await listing(house);
  await house.stage.clock('2026-02-23T09:00');
  await answering(house);
  await blocking(house);
  await sorting(house);
  await writing(house);
  await grace(house);
  await brake(house);
  await offering(house);
  await admitting(house);
  await linking(house);
  await furnish(house);
  await proposing(house);
}

// cast names the people, and gives a browser to those who tell a story.
async function cast(house) {
  const add = (name, ...more) => house.stage.run('people', 'add', `${name.toLowerCase()}@people.example`, '--name', name, '--reason', 'named at the meeting', ...more);
  await add('Tess', '--role', 'treasurer');
  await add('Cora', '--role', 'contact-person');
  await add('Noor');
  for (const [name, member] of Object.entries(delegates)) await add(name, '--delegate-of', member, ...(name === 'Fay' ? ['--role', 'facilitator'] : []));
  const roles = {
    Tess: 'treasurer', Ada: 'delegate', Bo: 'proposer', Dana: 'delegate in arrears', Gus: 'delegate who blocks', Fay: 'facilitator', Noor: 'somebody',
  };
  house.people = { visitor: await Person.of(house, 'visitor') };
  for (const [name, role] of Object.entries(roles)) house.people[name] = await Person.of(house, role, `${name.toLowerCase()}@people.example`);
}

// furnish adds what the stories leave out: decisions that are open, with answers of all
// kinds; opportunities; a delegate who was added meanwhile.
async function furnish({ stage }) {
  await stage.run('members', 'add', 'Kelp Library', '--kind', 'organisation', '--contact', 'office@kelp.example', '--since', '2026-06-01', '--reason', 'was a member before');
  await stage.propose('Bo', ['--size', 'medium', '--title', 'A map of all members', '--changes', 'We show on a map where members are.\n\n- only who wants to\n- no more than the town', '--until', '2026-06-14']);
  await stage.propose('Ada', ['--size', 'large', '--title', 'A meeting in autumn', '--changes', 'We meet in **October**, for two days.', '--until', '2026-06-24']);
  await stage.propose('Eli', ['--size', 'medium', '--title', 'Whom we ask to mediate', '--changes', 'Two people from outside.', '--members-only', '--until', '2026-06-20']);
  const cast = (number, as, answer, ...because) => stage.run('decisions', 'cast', number, answer, '--as', as, ...because);
  await cast('5', 'Bo', 'favour');
  await cast('5', 'Eli', 'favour');
  await cast('5', 'Fay', 'abstain');
  await cast('5', 'Dana', 'against', '--because', 'October is when the leases end.');
  await cast('5', 'Zoe', 'block', '--because', 'Two days is more than a parent can be away.');
  await stage.run('opportunities', 'post', 'Moving a choir’s e-mail', '--summary', 'Forty mailboxes, before the autumn.', '--contact', 'Ask Tess', '--budget', '£600', '--reason', 'asked to');
  await stage.run('people', 'add', 'kim@people.example', '--name', 'Kim', '--delegate-of', 'kelp-library', '--reason', 'named by the member');
}
