// A mail relay that does as it is told, for one test.
//
//   node relay.mjs '{"port":2525,"key":"…","cert":"…","tls":"starttls","user":"u","password":"p"}'
//
// tls: "starttls" (offered, and AUTH refused before it), "implicit" or "none". Without a user nobody has to
// sign in. Each line of stdin is an order for the next mails: {"answer":451,"times":2} answers RCPT TO so,
// {"delay":3000,"times":1} waits before it takes the message. Each line of stdout is an event: {"ready":true},
// {"mail":{…}} for a message taken, {"refused":451}.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const options = JSON.parse(process.argv[2]);
const orders = [];
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

function order(kind) {
  const first = orders.find((order) => order[kind] !== undefined && order.times > 0);
  if (first === undefined) return undefined;
  first.times -= 1;
  return first[kind];
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const server = new SMTPServer({
  secure: options.tls === "implicit",
  key: options.key && readFileSync(options.key),
  cert: options.cert && readFileSync(options.cert),
  disabledCommands: options.tls === "none" ? ["STARTTLS"] : [],
  authOptional: options.user === undefined,
  onAuth(auth, session, done) {
    const known = auth.username === options.user && auth.password === options.password;
    if (known && session.secure) return done(null, { user: auth.username });
    say({ refused: 535 });
    done(new Error("who are you?"));
  },
  onRcptTo(address, session, done) {
    const answer = order("answer");
    if (answer === undefined) return done();
    say({ refused: answer });
    done(Object.assign(new Error(`not ${address.address}`), { responseCode: answer }));
  },
  async onData(stream, session, done) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const parsed = await simpleParser(raw);
    await pause(order("delay") ?? 0);
    say({
      mail: {
        from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((recipient) => recipient.address),
        secure: session.secure,
        user: session.user,
        id: parsed.messageId,
        subject: parsed.subject,
        text: parsed.text,
        html: parsed.html,
        types: [...raw.toString("latin1").matchAll(/^Content-Type: ([^\r\n]*)/gim)].map((at) => at[1]),
      },
    });
    done(null, "taken");
  },
});

server.on("error", (error) => say({ error: error.message }));
createInterface({ input: process.stdin }).on("line", (line) => orders.push(JSON.parse(line)));
process.stdin.on("end", () => process.exit(0));
server.listen(options.port, "127.0.0.1", () => say({ ready: true }));
