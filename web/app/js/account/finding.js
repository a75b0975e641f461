// Whether others find a person, and whether they are proposed to one another.
import { h, newId } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { explain } from '../errors.js';
import { card } from './card.js';

export function findingCard({ api }, user, changed) {
  const note = h('p', { class: 'field-error', role: 'alert', hidden: true });
  return card(
    'Being found',
    'People in your rooms see you in any case. Nobody finds you by your e-mail.',
    choice('isFindable', 'Others find me by my name', 'Everybody who is signed in here can look for you.', 'Others find you now', 'Nobody finds you any more'),
    choice('isMatched', 'Propose study partners and rooms', 'By what you study, offer and want to learn. You are proposed to others only while they may find you.', 'You get proposals', 'You get no proposals'),
    note,
  );

  // Saved at once; what could not be saved stands as it was.
  function choice(member, label, hint, on, off) {
    const hintId = newId(member);
    const box = h('input', { type: 'checkbox', checked: user[member], 'aria-describedby': hintId, onchange: save });
    return h('label', { class: 'setting' }, box, h('span', {}, h('b', {}, label), h('span', { class: 'small muted', id: hintId }, hint)));

    async function save() {
      const wanted = box.checked;
      box.disabled = true;
      note.hidden = true;
      try {
        changed(await api.put('/api/users/me', { [member]: wanted }));
        toast(wanted ? on : off);
      } catch (error) {
        box.checked = !wanted;
        note.hidden = false;
        note.textContent = explain(error);
      } finally {
        box.disabled = false;
      }
    }
  }
}
