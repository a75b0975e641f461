// What administrators make by a request that takes an Idempotency-Key, for durability/keys.test.mjs.
import { randomUUID } from 'node:crypto';

import { administrator } from '../../support/people.mjs';

export default {
  'POST /api/subjects': async (stoa) => {
    const who = await administrator(stoa);
    const [category, name] = [randomUUID(), `Once ${randomUUID()}`];
    return { who, target: '/api/subjects', body: { name, category }, other: { name: `Not ${name}`, category }, says: name,
      count: `select count(*) from subjects where category = '${category}'` };
  },
};
