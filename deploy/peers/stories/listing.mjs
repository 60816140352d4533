// A member's entry in the list of recommended providers: written, agreed to, said yes to
// once, found by everybody, and edited.

const summary = 'We move groups away from big platforms, and stay until everybody finds their way. <script>alert(1)</script>';

export async function writing({ people: { Dana, Fay, visitor }, looks }) {
  await Dana.does('writes its entry', async () => {
    await Dana.goes('/me/listing');
    await Dana.sees('Not listed', 'Nothing is written into the entry yet');
    const entry = Dana.part('The entry');
    await entry.getByLabel('Website').fill('javascript:alert(1)');
    await entry.getByLabel('What you do').fill(summary);
    await entry.getByLabel('Where the contact button leads').fill('mailto:hello@dandelion.example.org');
    await entry.getByLabel('Words on it').fill('Write to Dandelion');
    await entry.getByLabel('Place').fill('Glasgow');
    await entry.getByLabel('Services').fill('migration\ntraining');
    await entry.getByLabel('Languages').fill('en, gd');
    await Dana.presses('Save the entry');
    await Dana.sees('Nothing was changed');
    await looks(Dana, 'listing-refused', 'An entry that cannot be saved', 'Delegates', '/me/listing');
    await Dana.part('The entry').getByLabel('Website').fill('https://dandelion.example.org/');
    await Dana.presses('Save the entry');
    Dana.sent = false;
    await Dana.sees('The entry is saved');
    return 'refused with an address that is none, and saved with one';
  });
  await Dana.does('uploads a logo', async () => {
    const drawn = await visitor.page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 120 } });
    await Dana.page.locator('input[type=file]').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: drawn });
    await Dana.presses('Upload it');
    Dana.sent = false;
    await Dana.sees('The logo is saved');
  });
  await Dana.does('agrees to be listed', async () => {
    await Dana.part('Consent').getByRole('checkbox').check();
    await Dana.presses('Agree to be listed');
    Dana.sent = false;
    await Dana.sees('Withdraw the consent');
    await looks(Dana, 'listing-waits', 'An entry that waits for a yes', 'Delegates', '/me/listing', { narrow: true });
  });
  await visitor.does('does not find it before somebody has said yes', async () => {
    await visitor.opens('/providers');
    await visitor.sees('Birch Hosting Co-op');
    await visitor.seesNot('Dandelion IT');
  });
  await Fay.does('says yes, once', async () => {
    await Fay.goes('/board/listings');
    await Fay.sees('Waiting for a yes: 1', 'Dandelion IT', summary);
    await looks(Fay, 'listings-waiting', 'Entries that wait for a yes', 'Facilitators', '/board/listings');
    await Fay.presses(/^Say yes to this listing/);
    Fay.sent = false;
    await Fay.sees('Nothing waits for a yes');
  });
  const card = visitor.page.getByRole('article').filter({ hasText: 'Dandelion IT' });
  await visitor.does('finds it on the public page, with its logo', async () => {
    await visitor.opens('/providers?service=migration');
    await visitor.sees('Dandelion IT', 'Glasgow', summary);
    const width = await card.locator('img').first().evaluate((logo) => logo.complete && logo.naturalWidth);
    if (!(width > 0 && width <= 256)) throw new Error(`the logo is ${width} px wide`);
    return `the logo is drawn anew, ${width} px wide`;
  });
  await Dana.does('edits it', async () => {
    await Dana.goes('/me/listing');
    await Dana.part('The entry').getByLabel('Place').fill('Glasgow and Oban');
    await Dana.presses('Save the entry');
    Dana.sent = false;
    await Dana.sees('The entry is saved');
  });
  await visitor.does('finds the edit at once', async () => {
    await visitor.sees('Glasgow and Oban');
  });
}
