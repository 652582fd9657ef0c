// An OpenID provider for the tests: the library's own sign-in pages, where any password will do. It listens
// on 127.0.0.1, says "ready" on a line, and ends when its standard input does.
//
//   node provider.mjs PORT CERTIFICATE KEY REDIRECT_URI...

import { readFileSync } from "node:fs";
import { createServer } from "node:https";

import Provider from "oidc-provider";

const [port, certificate, key, ...redirectUris] = process.argv.slice(2);
const issuer = `https://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "bitrix-id",
      client_secret: "a client secret of the tests",
      redirect_uris: redirectUris,
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["tests only"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} at the provider`,
      email: `${id}@example.com`,
      email_verified: !id.startsWith("un"),
    }),
  }),
});

const options = { cert: readFileSync(certificate), key: readFileSync(key) };
createServer(options, provider.callback()).listen(Number(port), "127.0.0.1", () => {
  process.stdout.write("ready\n");
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
