// What waits for an account's row while the sign-in that asks for it ends: it changes nothing any more.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { Issuer, kInside } from '../../support/issuers.mjs';
import { confirmed } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { codeOf, signInWithBoth, turnOn } from '../../support/totp.mjs';
import { until } from '../../support/until.mjs';
import { ask, codeFrom, newNumber, setOwn } from '../phone/phones.mjs';
import { changeEmail, forgot, kJobs, Mailbox, reset } from '../recovery/mailbox.mjs';

describe('a sign-in that ends meanwhile', () => {
  let box, issuer, mails, stoa;
  before(async () => {
    issuer = await Issuer.start();
    mails = await MailServer.start();
    stoa = await startStoa({
      config: {
        mail: mails.config(), jobs: kJobs, codes: { min_wait: '0ms' },
        oidc: { provider: [issuer.config()] }, fetch: kInside, phone: { provider: 'log', countries: ['+49'], per_address: 10_000 },
      },
    });
    box = new Mailbox(mails, stoa);
  });
  after(async () => {
    await stoa?.stop();
    await mails?.stop();
    await issuer?.stop();
  });

  const as = ({ token }, method, target, body) => stoa.api(method, `/api${target}`, { token, body });
  const waiting = (count) => until(async () => await waitingForLocks(stoa.database) >= count, { what: `${count} to wait` });
  const addIdentity = (person, idToken = issuer.token()) => as(person, 'POST', '/auth/identities', { provider: 'test', idToken });
  async function numberOf(person) {
    const phone = newNumber();
    const { body: { challenge } } = await ask(stoa, phone);
    const code = await codeFrom(stoa, phone);
    return () => setOwn(stoa, person, phone, code, { challenge });
  }
  async function withBoth(person) {
    const { secret } = await turnOn(stoa, person);
    return signInWithBoth(stoa, person, secret);
  }
  const stateOf = ({ id }) => stoa.rows(`select email, phone, password_hash, deleted_at,
    (select json_agg(i.removed_at) from identities i where i.user_id = u.id) as identities,
    (select json_agg(t.*) from user_totp t where t.user_id = u.id) as totp,
    (select json_agg(r.*) from recovery_codes r where r.user_id = u.id) as codes,
    (select count(*) from one_time_codes c where c.user_id = u.id and c.purpose = 'change_email') as links
    from users u where u.id = '${id}'`);

  // Each prepares, and answers what is asked for while the sign-in ends.
  const changes = {
    'adds no identity': (person) => () => addIdentity(person),
    'takes no identity away': async (person) => {
      const { body } = await addIdentity(person);
      return () => as(person, 'DELETE', `/auth/identities/${body.id}`);
    },
    'sets no number': (person) => numberOf(person),
    'takes no number away': async (person) => {
      assert.equal((await (await numberOf(person))()).status, 200);
      return () => as(person, 'DELETE', '/auth/phone');
    },
    'asks for no other address': (person) => () => changeEmail(stoa, person, 'elsewhere@example.org'),
    'sets no password': (person) => () => as(person, 'PUT', '/auth/password', { currentPassword: person.password, newPassword: 'another long secret' }),
    'begins no second factor': (person) => () => as(person, 'POST', '/auth/totp'),
    'turns no second factor on': async (person) => {
      const { body: { secret } } = await as(person, 'POST', '/auth/totp');
      return () => as(person, 'POST', '/auth/totp/confirm', { code: codeOf(secret) });
    },
    'makes no recovery codes': async (person) => {
      const both = await withBoth(person);
      return () => as(both, 'POST', '/auth/totp/recovery-codes');
    },
    'turns no second factor off': async (person) => {
      const both = await withBoth(person);
      return () => as(both, 'DELETE', '/auth/totp');
    },
    'deletes nothing': (person) => () => as(person, 'DELETE', '/users/me', { password: person.password }),
  };
  for (const [name, prepare] of Object.entries(changes)) {
    test(name, async () => {
      const person = await confirmed(stoa, 'meanwhile');
      const change = await prepare(person);
      const release = await hold(stoa.database, `select 1 from users where id = '${person.id}' for update;
        update auth_sessions set revoked_at = now() where user_id = '${person.id}'`);
      // But for the attempt, which counts.
      const steady = async () => (await stateOf(person)).map(({ totp, ...more }) => ({ ...more, totp: totp?.map(({ confirmed_at, sealed_secret }) => [confirmed_at, sealed_secret]) }));
      const state = await steady();
      const answer = change();
      await Promise.race([waiting(1), answer]);
      await release();
      refused(await answer, 401, 'INVALID_TOKEN');
      assert.deepEqual(await steady(), state);
    });
  }

  // Somebody has registered with the address, and asks while its owner sets a password by a link.
  const waysIn = {
    identity: (person) => () => addIdentity(person),
    number: (person) => numberOf(person),
  };
  for (const [name, prepare] of Object.entries(waysIn)) {
    test(`leaves no ${name} of who registered with another's address`, async () => {
      const person = await stoa.register('taken');
      const add = await prepare(person);
      assert.equal((await forgot(stoa, person.email)).status, 202);
      const [, link] = /token=([\w.-]+)/.exec((await box.mail('reset_password', person.email)).text);
      const release = await hold(stoa.database, `select 1 from users where id = '${person.id}' for update`);
      const claiming = reset(stoa, link);
      await waiting(1);
      const adding = add();
      await waiting(2);
      await release();
      assert.equal((await claiming).status, 200);
      refused(await adding, 401, 'INVALID_TOKEN');
      const [{ identities, phone }] = await stateOf(person);
      assert.deepEqual({ identities, phone }, { identities: null, phone: null });
    });
  }
});
