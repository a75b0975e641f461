// What is brought by a request that takes an Idempotency-Key, for durability/keys.test.mjs.
import { createHash, randomUUID } from 'node:crypto';

import { form, kForm } from '../../support/forms.mjs';
import { makeRoom, people } from '../../support/people.mjs';

const countOf = ({ id }, state) => `select count(*) from files where owner_id = '${id}' and state = '${state}'`;

export default {
  'POST /api/uploads': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    const room = await makeRoom(stoa, olga);
    const wish = { kind: 'message', roomId: room.id, name: `${randomUUID()}.txt`, size: 5 };
    return { who: olga, target: '/api/uploads', body: wish, other: { ...wish, size: 6 }, says: wish.name, count: countOf(olga, 'receiving') };
  },
  'POST /api/files': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    const room = await makeRoom(stoa, olga);
    const bytes = `brought once ${randomUUID()}`;
    const fields = { kind: 'message', roomId: room.id };
    return { who: olga, target: '/api/files', headers: kForm, body: form(fields, { bytes }), other: form(fields, { bytes: 'something else' }),
      says: createHash('sha256').update(bytes).digest('hex'), count: countOf(olga, 'ready') };
  },
};
