// What is given by a request that takes an Idempotency-Key, for durability/keys.test.mjs.
import { randomUUID } from 'node:crypto';

import { form, kForm } from '../../support/forms.mjs';
import { people } from '../../support/people.mjs';

export default {
  'POST /api/notes': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    const title = `Once ${randomUUID()}`;
    return { who: olga, target: '/api/notes', headers: kForm, body: form({ title }), other: form({ title }, { bytes: 'something else' }), says: title,
      count: `select count(*) from notes where uploaded_by = '${olga.id}'` };
  },
  'POST /api/notes/{id}/versions': async (stoa) => {
    const [olga] = await people(stoa, 'Olga');
    const { body: note, text } = await stoa.api('POST', '/api/notes', { token: olga.token, body: form({ title: 'A note' }), headers: kForm });
    if (!note?.id) throw new Error(text);
    return { who: olga, target: `/api/notes/${note.id}/versions`, headers: kForm, body: form({}, { bytes: 'the second' }), other: form({}, { bytes: 'the third' }), says: note.id,
      count: `select count(*) from note_versions where note_id = '${note.id}' and version > 1` };
  },
};
