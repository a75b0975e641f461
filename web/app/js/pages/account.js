// One's own account: what others see, the password, the second factor, the devices that are signed in.
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { topBar } from '../ui/top_bar.js';
import { explain } from '../errors.js';
import { isUnable, patiently } from '../patience.js';
import { profileCard } from '../account/profile.js';
import { emailCard } from '../account/email.js';
import { passwordCard } from '../account/password.js';
import { SecondFactorCard } from '../account/second_factor.js';
import { DevicesCard } from '../account/devices.js';
import { findingCard } from '../account/finding.js';
import { leavingCard } from '../account/leaving.js';

export function accountPage(context) {
  const { api, session } = context;
  let gone = false;
  let bar = topBar(context);
  const cards = h('div', { class: 'cards' }, h('p', { class: 'muted', role: 'status' }, h('span', { class: 'spinner' }), ' Loading your account…'));
  const devices = new DevicesCard(context);
  const secondFactor = new SecondFactorCard(context, () => devices.load());
  const element = h(
    'div',
    { class: 'page' },
    bar,
    h('main', { class: 'account-page', id: 'main', tabindex: '-1' }, h('h1', {}, 'Your account'), cards),
  );

  // The account's name and picture stand in the bar too.
  function changed(user) {
    session.update(user);
    const next = topBar(context);
    bar.replaceWith(next);
    bar = next;
  }

  async function load() {
    try {
      const user = await patiently(() => api.get('/api/users/me'), { waiting: () => {}, wanted: () => !gone, again: isUnable });
      if (gone) return;
      changed(user);
      cards.replaceChildren(
        profileCard(context, user, changed),
        findingCard(context, user, changed),
        emailCard(context, user),
        passwordCard(context, user, () => devices.load()),
        secondFactor.element,
        devices.element,
        leavingCard(context, user),
      );
      secondFactor.load();
      devices.load();
    } catch (error) {
      if (gone || !session.signedIn) return;
      cards.replaceChildren(
        h('div', { class: 'empty' }, icon('alert'), h('h2', {}, 'Your account could not be loaded'), h('p', {}, explain(error)),
          h('button', { class: 'button', type: 'button', onclick: load }, 'Try again')),
      );
    }
  }

  load();
  return {
    element,
    title: 'Your account',
    destroy: () => {
      gone = true;
      secondFactor.destroy();
      devices.destroy();
    },
  };
}
