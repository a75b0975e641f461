// What has had its day goes from the database, and what has not stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startStoa } from '../../support/stoa.mjs';
import { until } from '../../support/until.mjs';

// More than one slice of each.
const kMany = 2500;

test('a start removes old sign-ins, answers, mutes and entries of the audit log, slice by slice, and nothing else', async () => {
  const stoa = await startStoa();
  try {
    const { id, token } = await stoa.register('ada');
    const room = await stoa.createRoom(token);
    await stoa.end();
    await stoa.sql(`
      insert into auth_sessions (id, user_id, expires_at) select gen_random_uuid(), '${id}', now() - interval '31 days' from generate_series(1, ${kMany});
      insert into auth_sessions (id, user_id, expires_at, revoked_at) values (gen_random_uuid(), '${id}', now() + interval '1 day', now() - interval '31 days'),
        (gen_random_uuid(), '${id}', now() - interval '29 days', now() - interval '29 days');
      insert into idempotency_keys (user_id, key, request_hash, response, created_at)
        select '${id}', 'old' || n, 'x', '{}', now() - interval '25 hours' from generate_series(1, ${kMany}) n;
      insert into idempotency_keys (user_id, key, request_hash, response, created_at) values ('${id}', 'young', 'x', '{}', now() - interval '23 hours');
      insert into users (id, full_name) select gen_random_uuid(), 'Muted' from generate_series(1, ${kMany});
      insert into room_mutes (room_id, user_id, muted_until) select '${room.id}', id, now() + case when id = '${id}' then interval '1 hour' else interval '-1 second' end from users;
      insert into audit_log (id, at, actor_kind, action, target_kind, target_id)
        select gen_random_uuid(), now() - interval '366 days', 'operator', 'old', 'user', '${id}' from generate_series(1, ${kMany});
      insert into audit_log (id, at, actor_kind, action, target_kind, target_id) values (gen_random_uuid(), now() - interval '364 days', 'operator', 'young', 'user', '${id}');`);
    await stoa.start();
    const left = () => stoa.sql('select (select count(*) from auth_sessions), (select count(*) from idempotency_keys), (select count(*) from audit_log), (select count(*) from room_mutes)');
    await until(async () => (await left()) === '2|1|1|1', { what: 'the old rows to go' });
    assert.equal(await stoa.sql('select key from idempotency_keys'), 'young');
    assert.equal((await stoa.api('GET', '/api/users/me', { token })).status, 200);
  } finally {
    await stoa.stop();
  }
});
