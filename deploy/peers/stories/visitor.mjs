// Who is not signed in, and who may not do what somebody else may.

export async function reading({ people: { visitor, Noor }, looks }) {
  await visitor.does('finds what the federation is from any page', async () => {
    await visitor.opens('/');
    await visitor.sees('Loose Knot', 'Nine small co-operatives', 'members 9');
    await visitor.follows('Members');
    await visitor.sees('Birch Hosting Co-op', 'an individual member', "Zoë O'Brien-Łukasz 🐝 <b>x</b>");
    await visitor.seesNot('Hazel Example', 'paid up');
    return 'individuals without a public name stay unnamed, and names are text';
  });
  await visitor.does('reads the rules in words', async () => {
    await visitor.follows('Rules');
    await visitor.sees('£10.00 a month');
  });
  await visitor.does('finds whom to turn to at every page’s foot', async () => {
    await visitor.sees('Cora (Clover Web), cora@loose-knot.example');
  });
  await visitor.does('may not see the board', async () => {
    await visitor.opens('/board');
    await visitor.sees('Your e-mail address');
    return 'comes to the entrance';
  });
  await visitor.does('asks for a link with an address that nobody has', async () => {
    await visitor.types('Your e-mail address', 'eve@people.example');
    await visitor.presses('Send me a link');
    await visitor.sees('Look into your mail', 'whether or not an address is known');
    await looks(visitor, 'look-into-your-mail', 'After asking for a link', 'Everybody', '/sign-in/mail', { unseen: true });
    return 'reads what everybody reads';
  });
  await visitor.does('follows a link that nobody made', async () => {
    await visitor.opens('/sign-in/link/nonsense');
    await visitor.sees('This link is not known');
    await looks(visitor, 'problem', 'A link that is not known', 'Everybody', '/sign-in/link/…');
  });
  await Noor.does('signs in and is delegate of no member', async () => {
    await Noor.signsIn();
    await Noor.sees('You are delegate of no member');
  });
  await Noor.does('opens the board', async () => {
    await Noor.opens('/board');
    await Noor.sees('For treasurers', 'only the treasurers of the federation read them');
    await looks(Noor, 'not-a-treasurer', 'The board, to others', 'Everybody', '/board');
    return 'reads why not';
  });
}
