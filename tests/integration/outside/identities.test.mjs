// Ways in from outside that somebody adds to the account, sees and takes away.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { hold, waitingForLocks } from '../../support/database.mjs';
import { Issuer, kInside, seconds } from '../../support/issuers.mjs';
import { ageSignIn, confirmed, signInAgain } from '../../support/people.mjs';
import { refused } from '../../support/refused.mjs';
import { scenarios } from '../../support/scenarios.mjs';
import { MailServer } from '../../support/smtp.mjs';
import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

describe('identities', () => {
  const world = {};
  let issuer, mails, stoa;
  const as = (who, method, target, body) => stoa.api(method, target, { token: who.token, body });
  const add = (who, idToken, provider = 'test') => as(who, 'POST', '/api/auth/identities', { provider, idToken });
  const remove = (who, { id }) => as(who, 'DELETE', `/api/auth/identities/${id}`);
  const list = async (who) => (await as(who, 'GET', '/api/auth/identities')).body.items;
  const enter = (idToken) => stoa.api('POST', '/api/auth/oidc', { body: { provider: 'test', idToken } });
  const register = (name) => confirmed(stoa, name);
  const acts = async ({ id }) => (await stoa.rows(`select action, before, after from audit_log where target_id = '${id}' order by at, id`));
  const told = ({ email }, subject) => mails.mails.filter((mail) => mail.envelope.to.includes(email) && subject.test(mail.subject));

  before(async () => {
    issuer = await Issuer.start();
    mails = await MailServer.start();
    stoa = world.stoa = await startStoa({
      config: { oidc: { provider: [issuer.config(), issuer.firebase({ direct: true })], max_identities: 3 }, fetch: kInside, mail: mails.config(), jobs: { poll: '50ms' } },
    });
    [world.ada, world.old, world.eve] = await Promise.all(['ada', 'old', 'eve'].map(register));
    const { body } = await add(world.ada, issuer.token({ sub: 'ada-there' }));
    world.identity = body;
    world.nothing = { id: randomUUID() };
    world.fresh = await stoa.register('fresh');
    world.aged = (await add(world.old, issuer.token({ sub: 'old-there' }))).body;
    await ageSignIn(stoa, world.old);
  });
  after(async () => {
    await stoa?.stop();
    await mails?.stop();
    await issuer?.stop();
  });

  const wanted = (fields) => () => ({ provider: 'test', idToken: issuer.token(fields) });
  scenarios(world, { request: 'POST /api/auth/identities', body: wanted() }, [
    { name: 'are added to one\'s own account', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'by a fresh sign-in', who: 'old', answer: '403 SIGN_IN_AGAIN' },
    { name: 'of providers that there are', who: 'eve', body: { provider: 'other', idToken: 'x' }, answer: '422 VALIDATION_ERROR', invalid: ['provider'] },
    { name: 'all bad fields are told at once', who: 'eve', body: { provider: '', idToken: 'x'.repeat(8193), nonce: '' }, answer: '422 VALIDATION_ERROR', invalid: ['provider', 'idToken', 'nonce'] },
    { name: 'by a token of the provider', who: 'eve', body: ({ eve }) => ({ provider: 'test', idToken: eve.token }), answer: '422 ID_TOKEN_REFUSED' },
    { name: 'that has not lapsed', who: 'eve', body: wanted({ exp: seconds(-3600) }), answer: '422 ID_TOKEN_REFUSED' },
    { name: 'that is nobody else\'s here', who: 'eve', body: wanted({ sub: 'ada-there' }), answer: '409 IDENTITY_TAKEN' },
    { name: 'to an account whose address was confirmed', who: 'fresh', body: wanted({ sub: 'fresh-there' }), answer: '403 CONFIRM_ADDRESS_FIRST' },
    { name: 'and once is enough', who: 'ada', body: wanted({ sub: 'ada-there' }), answer: 201, has: { id: '{identity}', provider: 'test' }, hasNot: ['ada-there'] },
  ]);
  scenarios(world, { request: 'GET /api/auth/identities' }, [
    { name: 'are one\'s own to see', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'with who provides them', who: 'ada', answer: 200, has: { items: [{ id: '{identity}', provider: 'test' }], nextCursor: null }, hasNot: ['ada-there'] },
    { name: 'who has none sees none', who: 'eve', answer: 200, has: { items: [] } },
  ]);
  scenarios(world, { request: 'DELETE /api/auth/identities/{identity}' }, [
    { name: 'are one\'s own to take away', who: 'stranger', answer: '401 UNAUTHORIZED' },
    { name: 'nobody else takes them away', who: 'eve', answer: '404 NOT_FOUND' },
    { name: 'by a fresh sign-in too', request: 'DELETE /api/auth/identities/{aged}', who: 'old', answer: '403 SIGN_IN_AGAIN' },
    { name: 'where there is one', request: 'DELETE /api/auth/identities/{nothing}', who: 'ada', answer: '404 NOT_FOUND' },
  ]);

  test('sign in, whatever their address is, and the owner is told', async () => {
    const ben = await register('ben');
    const token = issuer.token({ sub: 'ben-there', email: 'elsewhere@example.org', email_verified: true });
    const { status, body } = await add(ben, token);
    assert.equal(status, 201);
    assert.equal((await enter(token)).body.user.id, ben.id);
    await until(() => told(ben, /another way in/).length === 1, { what: 'the mail' });
    assert.match(told(ben, /another way in/)[0].text, /"test"/);
    assert.equal((await add(ben, token)).body.id, body.id, 'done before');
    assert.deepEqual(await acts(ben), [{ action: 'outside.link', before: null, after: { provider: 'test' } }]);
  });

  test('sign nobody in once they are taken away, also by an address that is the account\'s, and end all other sign-ins', async () => {
    const cas = await register('cas');
    const token = issuer.token({ sub: 'cas-there', email: cas.email, email_verified: true });
    const { body: { user, accessToken } } = await enter(token);
    assert.equal(user.id, cas.id);
    const [identity] = await list(cas);
    const now = await signInAgain(stoa, cas);
    assert.equal((await remove(now, identity)).status, 204);
    refused(await as({ token: accessToken }, 'GET', '/api/users/me'), 401, 'INVALID_TOKEN');
    assert.equal((await as(now, 'GET', '/api/users/me')).status, 200, 'who has done it stays');
    assert.deepEqual(await list(now), []);
    refused(await enter(issuer.token({ sub: 'cas-there', email: cas.email, email_verified: true })), 403, 'IDENTITY_REMOVED');
    refused(await remove(now, identity), 404, 'NOT_FOUND');
    assert.deepEqual((await acts(cas)).at(-1), { action: 'outside.unlink', before: { provider: 'test' }, after: null });
    await until(() => told(cas, /one way in less/).length === 1, { what: 'the mail' });

    const back = await add(now, issuer.token({ sub: 'cas-there', iat: seconds(1) }));
    assert.equal(back.status, 201);
    assert.equal((await enter(issuer.token({ sub: 'cas-there', iat: seconds(1) }))).body.user.id, cas.id);
  });

  test('that were taken away may be added to another account', async () => {
    const [dan, eli] = [await register('dan'), await register('eli')];
    const token = () => issuer.token({ sub: 'shared-there', iat: seconds(1) });
    await remove(dan, (await add(dan, token())).body);
    assert.equal((await add(eli, token())).status, 201);
    assert.equal((await enter(token())).body.user.id, eli.id);
  });

  test('whose tokens are access tokens open nothing any more', async () => {
    const fay = await register('fay');
    const token = issuer.firebaseToken({ uid: 'fay-there' });
    const { status, body: identity } = await add(fay, token, 'firebase');
    assert.equal(status, 201);
    assert.equal((await as({ token }, 'GET', '/api/users/me')).body.id, fay.id);
    assert.equal((await remove(fay, identity)).status, 204);
    refused(await as({ token }, 'GET', '/api/users/me'), 401, 'INVALID_TOKEN');
    refused(await as({ token: issuer.firebaseToken({ uid: 'fay-there', auth_time: seconds(1) }) }, 'GET', '/api/users/me'), 403, 'IDENTITY_REMOVED');
  });

  test('stay where nothing else lets their owner in', async () => {
    const { body: { user, accessToken: token } } = await enter(issuer.token({ sub: 'alone-there' }));
    const alone = { ...user, token };
    const [only] = await list(alone);
    refused(await remove(alone, only), 409, 'LAST_WAY_IN');
    const more = (await add(alone, issuer.token({ sub: 'alone-elsewhere' }))).body;
    assert.equal((await remove(alone, only)).status, 204);
    refused(await remove(alone, more), 409, 'LAST_WAY_IN');
    await stoa.sql(`update users set email = 'alone@example.org', is_verified = true where id = '${user.id}'`);
    assert.equal((await remove(alone, more)).status, 204, 'a link to a new password can be sent');
  });

  test('stay also where what else there is opens nothing on this server', async () => {
    const hal = await register('hal');
    const { body: only } = await add(hal, issuer.token({ sub: 'hal-there' }));
    await stoa.sql(`update users set email = null, password_hash = null, phone = '+4915112345678', phone_confirmed_at = now() where id = '${hal.id}';
      insert into identities (id, user_id, issuer, subject, provider) values (gen_random_uuid(), '${hal.id}', 'https://gone.example.org', 'hal', 'gone')`);
    refused(await remove(hal, only), 409, 'LAST_WAY_IN');
    await stoa.sql(`update identities set provider = 'test' where user_id = '${hal.id}' and subject = 'hal'`);
    refused(await remove(hal, only), 409, 'LAST_WAY_IN', 'a provider of that name that has another issuer by now');
  });

  test('of two that are taken away at once one stays', async () => {
    const { body: { user, accessToken: token } } = await enter(issuer.token({ sub: 'two-there' }));
    const two = { ...user, token };
    await add(two, issuer.token({ sub: 'two-elsewhere' }));
    const answers = await Promise.all((await list(two)).map((identity) => remove(two, identity)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409]);
  });

  test('are as many as an account may have', async () => {
    const gus = await register('gus');
    for (const sub of ['a', 'b', 'c']) assert.equal((await add(gus, issuer.token({ sub: `gus-${sub}` }))).status, 201);
    refused(await add(gus, issuer.token({ sub: 'gus-d' })), 409, 'TOO_MANY_IDENTITIES');
    await remove(gus, (await list(gus))[0]);
    assert.equal((await add(gus, issuer.token({ sub: 'gus-d' }))).status, 201);
  });

  test('that come from everywhere at once are one account\'s', async () => {
    const token = issuer.token({ sub: 'wanted-by-all' });
    const all = await Promise.all(Array.from({ length: 6 }, (_, i) => register(`many${i}`)));
    const answers = await Promise.all(all.map((one) => add(one, token)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409]);
  });

  test('that were taken away are one account\'s where several add them at once', async () => {
    const [ivy, jan, kim] = await Promise.all(['ivy', 'jan', 'kim'].map(register));
    const token = () => issuer.token({ sub: 'given-up', iat: seconds(1) });
    const { body: identity } = await add(ivy, token());
    await remove(ivy, identity);
    const release = await hold(stoa.database, `select 1 from identities where id = '${identity.id}' for update`);
    const both = [jan, kim].map((who) => add(who, token()));
    await until(async () => (await waitingForLocks(stoa.database)) >= 2, { what: 'both to wait' });
    await release();
    const answers = await Promise.all(both);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    refused(answers.find(({ status }) => status === 409), 409, 'IDENTITY_TAKEN');
  });

  test('let nobody in who came while they were taken away', async () => {
    const lea = await register('lea');
    const { body: identity } = await add(lea, issuer.token({ sub: 'lea-there' }));
    const release = await hold(stoa.database, `select 1 from users where id = '${lea.id}' for update`);
    const removing = remove(lea, identity);
    await until(async () => (await waitingForLocks(stoa.database)) >= 1, { what: 'the removal to wait' });
    const entering = enter(issuer.token({ sub: 'lea-there', iat: seconds(1) }));
    await until(async () => (await waitingForLocks(stoa.database)) >= 2, { what: 'the sign-in to wait' });
    await release();
    assert.equal((await removing).status, 204);
    refused(await entering, 403, 'IDENTITY_REMOVED');
  });
});
