// Addresses: one's own is confirmed by a link, and another one takes its place by a link to that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused } from '../../support/refused.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { turnOn } from '../../support/totp.mjs';
import { changeEmail, forgot, kJobs, kPublicUrl, login, Mailbox, me, verify } from './mailbox.mjs';

let server, stoa, box;
before(async () => {
  server = await MailServer.start();
  stoa = await startStoa({ config: { server: { public_url: kPublicUrl }, mail: server.config(), jobs: kJobs, codes: { min_wait: '0ms' } } });
  box = new Mailbox(server, stoa);
});
after(async () => {
  await stoa?.stop();
  await server?.stop();
});

const resend = ({ token }) => stoa.api('POST', '/api/auth/email/resend', { token });

test('a new account gets a link that confirms its address, once', async () => {
  const ada = await stoa.register('ada', { fullName: 'Ada <b>Lovelace</b>' });
  assert.equal((await me(stoa, ada)).body.isVerified, false);
  const mail = await box.mail('verify_email', ada.email);
  assert.doesNotMatch(mail.raw, /Lovelace/, 'nobody has confirmed that the address is hers');
  const token = await box.token('verify_email', ada.email);
  const answer = await verify(stoa, token);
  assert.deepEqual([answer.status, answer.body], [200, { email: ada.email, verified: true }]);
  assert.equal((await me(stoa, ada)).body.isVerified, true);
  refused(await verify(stoa, token), 410, 'CODE_EXPIRED');
  refused(await resend(ada), 409, 'ALREADY_VERIFIED');
});

test('a second link replaces the first, and is good for a day', async () => {
  const ben = await stoa.register('ben');
  const first = await box.token('verify_email', ben.email);
  const again = await resend(ben);
  assert.deepEqual([again.status, again.body], [202, { sent: true }]);
  const second = await box.token('verify_email', ben.email, 2);
  refused(await verify(stoa, first), 410, 'CODE_EXPIRED');
  await box.age('23 hours');
  await box.age('1 hour');
  refused(await verify(stoa, second), 410, 'CODE_EXPIRED');
  assert.equal((await resend(ben)).status, 202);
  assert.equal((await verify(stoa, await box.token('verify_email', ben.email, 3))).status, 200);
});

test('an address changes by the link to the new one, and the old one hears of it', async () => {
  const ada = await stoa.register('moving');
  assert.equal((await verify(stoa, await box.token('verify_email', ada.email))).status, 200);
  const wanted = `Moved.${ada.email}`;
  const answer = await changeEmail(stoa, ada, wanted);
  assert.deepEqual([answer.status, answer.body], [202, {}]);
  const token = await box.token('change_email', wanted);
  assert.equal((await me(stoa, ada)).body.email, ada.email, 'nothing has changed yet');
  await box.settled();
  assert.equal(box.mails('address_changed', ada.email).length, 0);

  const changed = await verify(stoa, token);
  assert.deepEqual([changed.status, changed.body], [200, { email: wanted, verified: true }]);
  const { body } = await me(stoa, ada);
  assert.deepEqual([body.email, body.isVerified], [wanted, true]);
  refused(await login(stoa, ada.email, ada.password), 401, 'INVALID_CREDENTIALS');
  assert.equal((await login(stoa, wanted, ada.password)).status, 200);
  const notice = await box.mail('address_changed', ada.email);
  assert.doesNotMatch(notice.raw, /moved/i, 'whoever reads the old mailbox does not learn the new address');
  refused(await verify(stoa, token), 410, 'CODE_EXPIRED');
  const entries = await stoa.rows(`select action, actor_id, before, after from audit_log where target_id = '${ada.id}'`);
  assert.deepEqual(entries, [{ action: 'recovery.change_email', actor_id: ada.id, before: null, after: null }]);
});

test('a confirmed address hears at once that another is wanted, be that one free or somebody\'s', async () => {
  const [ada, ben] = [await stoa.register('owner'), await stoa.register('neighbour')];
  await changeEmail(stoa, ada, `unheard.${ada.email}`);
  assert.equal((await verify(stoa, await box.token('verify_email', ada.email))).status, 200);
  await changeEmail(stoa, ada, `free.${ada.email}`);
  const notice = await box.mail('address_change_wanted', ada.email);
  assert.doesNotMatch(notice.raw, /free\./, 'nor is a word that somebody wrote sent');
  await changeEmail(stoa, ada, ben.email);
  await box.mail('address_change_wanted', ada.email, 2);
  await box.settled();
  assert.equal(box.mails('address_change_wanted', ada.email).length, 2, 'none while it was not confirmed');
});

for (const [how, signOut] of [
  ['that device is signed out', async (ada, thief) => {
    const { sid } = JSON.parse(Buffer.from(thief.token.split('.')[1], 'base64url'));
    return stoa.api('DELETE', `/api/auth/sessions/${sid}`, { token: ada.token });
  }],
  ['all devices are signed out', (ada) => stoa.api('POST', '/api/auth/logout-all', { token: ada.token })],
  ['a second factor is turned on', async (ada) => { await turnOn(stoa, ada); return { status: 204 }; }],
]) {
  test(`an address that somebody asked for becomes nobody's once ${how}`, async () => {
    const ada = await stoa.register('robbed');
    const thief = { token: (await login(stoa, ada.email, ada.password)).body.accessToken };
    const wanted = `thief.${ada.email}`;
    assert.equal((await changeEmail(stoa, thief, wanted)).status, 202);
    const token = await box.token('change_email', wanted);
    assert.equal((await signOut(ada, thief)).status, 204);
    refused(await verify(stoa, token), 410, 'CODE_EXPIRED');
    assert.equal((await verify(stoa, await box.token('verify_email', ada.email))).status, 200, 'what confirms her own stays good');
  });
}

test('only the last address that somebody named can become theirs', async () => {
  const ada = await stoa.register('undecided');
  await changeEmail(stoa, ada, `a.${ada.email}`);
  const first = await box.token('change_email', `a.${ada.email}`);
  await changeEmail(stoa, ada, `b.${ada.email}`);
  const second = await box.token('change_email', `b.${ada.email}`);
  refused(await verify(stoa, first), 410, 'CODE_EXPIRED');
  assert.equal((await verify(stoa, second)).body.email, `b.${ada.email}`);
});

test('an address of another account is answered like any other, and told so by mail', async () => {
  const [ada, ben] = [await stoa.register('ada'), await stoa.register('ben')];
  await stoa.sql(`update users set locale = 'de' where id = '${ben.id}'`);
  const free = await changeEmail(stoa, ada, `free.${ada.email}`);
  const taken = await changeEmail(stoa, ada, ben.email.toUpperCase());
  assert.deepEqual([taken.status, taken.text], [free.status, free.text]);
  await box.settled();
  const mails = server.mails.filter(({ envelope }) => envelope.to.includes(ben.email));
  assert.equal(mails.length, 2, 'beside the one that confirms it');
  const told = mails.find(({ text }) => /gehört schon zu einem Konto/.test(text));
  assert.doesNotMatch(told.text, /token/);
});

test('an address that was taken meanwhile is refused, and the link stays good', async () => {
  const ada = await stoa.register('slow');
  const wanted = `quick.${ada.email}`;
  await changeEmail(stoa, ada, wanted);
  const token = await box.token('change_email', wanted);
  const other = await stoa.register('quick', { email: wanted });
  refused(await verify(stoa, token), 409, 'EMAIL_TAKEN');
  assert.equal((await me(stoa, ada)).body.email, ada.email);
  await stoa.sql(`delete from users where id = '${other.id}'`);
  assert.equal((await verify(stoa, token)).status, 200);
});

test("one's own address is confirmed by it, not changed", async () => {
  const ada = await stoa.register('same');
  await box.token('verify_email', ada.email); // mails may overtake each other
  assert.equal((await changeEmail(stoa, ada, ada.email.toUpperCase())).status, 202);
  assert.equal((await verify(stoa, await box.token('verify_email', ada.email, 2))).status, 200);
  assert.equal((await changeEmail(stoa, ada, ada.email)).status, 202);
  await box.settled();
  assert.equal(server.mails.filter(({ envelope }) => envelope.to.includes(ada.email)).length, 2);
});

test('a change of address needs a new sign-in', async () => {
  const ada = await stoa.register('stale');
  await stoa.sql(`update auth_sessions set created_at = now() - interval '11 minutes' where user_id = '${ada.id}'`);
  refused(await changeEmail(stoa, ada, `x.${ada.email}`), 403, 'SIGN_IN_AGAIN');
  const renewed = await stoa.api('POST', '/api/auth/refresh', { body: { refreshToken: ada.refreshToken } });
  refused(await changeEmail(stoa, { token: renewed.body.accessToken }, `x.${ada.email}`), 403, 'SIGN_IN_AGAIN');
  const entry = await login(stoa, ada.email, ada.password);
  assert.equal((await changeEmail(stoa, { token: entry.body.accessToken }, `x.${ada.email}`)).status, 202);
});

test('mails speak the language of the profile', async () => {
  const { email, token } = await stoa.register('deutsch');
  await stoa.api('PUT', '/api/users/me', { token, body: { locale: 'de-AT' } });
  await forgot(stoa, email);
  await box.settled();
  const subjects = server.mails.filter(({ envelope }) => envelope.to.includes(email)).map(({ subject }) => subject);
  assert.ok(subjects.some((subject) => subject.startsWith('Neues Passwort für ')), subjects.join());
});
