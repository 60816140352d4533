// The stories of every role, in the order in which they happen to one federation.
import { admitting, answering, blocking, offering } from './deciding.mjs';
import { grace } from './dues.mjs';
import { writing } from './listing.mjs';
import { Person } from './person.mjs';
import { brake, listing, sorting, starting } from './treasurer.mjs';
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
  if (house.stage.has('/me/listing')) await writing(house);
  await grace(house);
  await brake(house);
  await offering(house);
  await admitting(house);
}

// cast names the people, and gives a browser to those who tell a story.
async function cast(house) {
  const add = (name, ...more) => house.stage.run('people', 'add', `${name.toLowerCase()}@people.example`, '--name', name, '--reason', 'named at the meeting', ...more);
  await add('Tess', '--role', 'treasurer');
  await add('Cora', '--role', 'contact-person');
  await add('Noor');
  for (const [name, member] of Object.entries(delegates)) await add(name, '--delegate-of', member, ...(name === 'Fay' ? ['--role', 'facilitator'] : []));
  const roles = {
    Tess: 'treasurer', Ada: 'delegate', Bo: 'proposer', Dana: 'delegate in arrears', Gus: 'delegate who blocks', Eli: 'delegate who is slow',
    Fay: 'facilitator', Cora: 'contact person', Noor: 'somebody',
  };
  house.people = { visitor: await Person.of(house, 'visitor') };
  for (const [name, role] of Object.entries(roles)) house.people[name] = await Person.of(house, role, `${name.toLowerCase()}@people.example`);
}
