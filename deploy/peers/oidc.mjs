// An OpenID Connect provider for the tests: node oidc.mjs PORT REDIRECT_URI.
// Whoever signs in as NAME has the address NAME@people.example, which is
// confirmed unless the name begins with "un".
import Provider from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'goodstanding', client_secret: 'a secret of the tests', redirect_uris: [redirect],
    grant_types: ['authorization_code'], response_types: ['code'],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@people.example`, email_verified: !id.startsWith('un') }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
