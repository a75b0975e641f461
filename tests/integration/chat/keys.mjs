// What is said by a request that takes an Idempotency-Key, for durability/keys.test.mjs.
import { randomUUID } from 'node:crypto';

import { makeRoom, people } from '../../support/people.mjs';

export default {
  'POST /api/messages/room/{roomId}': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    const room = await makeRoom(stoa, olga);
    const content = `said once ${randomUUID()}`;
    return { who: olga, target: `/api/messages/room/${room.id}`, body: { content }, other: { content: 'something else' },
      lose: (proxy) => proxy.loseAnswerTo(content), count: `select count(*) from messages where room_id = '${room.id}'` };
  },
};
