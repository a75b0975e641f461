// What is made in rooms by a request that takes an Idempotency-Key, for durability/keys.test.mjs.
import { makeRoom, people } from '../../support/people.mjs';

export default {
  'POST /api/rooms': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    return { who: olga, target: '/api/rooms', body: { name: 'Once' }, other: { name: 'Twice' }, says: olga.id,
      count: `select count(*) from room_members where user_id = '${olga.id}'` };
  },
  'POST /api/rooms/{id}/invites': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    const room = await makeRoom(stoa, olga);
    return { who: olga, target: `/api/rooms/${room.id}/invites`, body: { maxUses: 3 }, other: { maxUses: 4 }, says: room.id,
      count: `select count(*) from room_invites where room_id = '${room.id}'` };
  },
  'POST /api/rooms/{id}/bans': async (stoa) => {
    const [olga, max, mia] = await people(stoa, 'Olga', 'Max', 'Mia');
    const room = await makeRoom(stoa, olga, { members: [max, mia] });
    return { who: olga, target: `/api/rooms/${room.id}/bans`, body: { userId: max.id }, other: { userId: mia.id }, says: max.id,
      count: `select count(*) from room_bans where room_id = '${room.id}'` };
  },
};
