// The account's second factor: turned on with an app, recovery codes, turned off.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { confirmDialog } from '../ui/dialog.js';
import { form } from '../ui/form.js';
import { count } from '../ui/format.js';
import { toast } from '../ui/toast.js';
import { explain } from '../errors.js';
import { card } from './card.js';
import { aboutCode, codeField, complainOfCode } from './second_step.js';
import { freshly } from './sign_in_again.js';

// So few recovery codes that it is time for new ones.
const FEW = 3;
// Something else has turned it on or off meanwhile.
const CHANGED = ['SECOND_FACTOR_ON', 'NOT_FOUND', 'CONFLICT'];

const inGroups = (text) => text.match(/.{1,4}/g);
const button = (style, symbol, text, onclick) => h('button', { class: `button ${style}`, type: 'button', onclick }, symbol && icon(symbol), text);

export class SecondFactorCard {
  #context;
  #api;
  #changed;
  #gone = false;
  #body = h('div', { class: 'second-factor' });
  #note = h('p', { class: 'field-error', role: 'alert', hidden: true });

  // `changed()` is called when other devices may be signed in than before.
  constructor(context, changed) {
    this.#context = context;
    this.#api = context.api;
    this.#changed = changed;
    this.element = card('Second factor', 'Whoever finds out your password still needs your phone: signing in asks for a code of an app too.', this.#body, this.#note);
  }

  async load() {
    try {
      const standing = await this.#api.get('/api/auth/totp');
      if (this.#gone) return;
      if (standing.enabled) this.#showOn(standing.recoveryCodesLeft);
      else this.#showOff();
    } catch (error) {
      if (!this.#gone) this.#complain(error);
    }
  }

  destroy() {
    this.#gone = true;
  }

  #show(...content) {
    this.#complain(null);
    replace(this.#body, ...content);
  }

  #showOff() {
    this.#show(h('div', { class: 'card-actions' }, button('outline', 'lock', 'Turn on', () => this.#enrol())));
  }

  #showOn(left) {
    this.#show(
      h(
        'p',
        { class: 'standing' },
        h('span', { class: 'badge live' }, icon('check'), 'On'),
        h('span', { class: left > FEW ? 'badge' : 'badge warn' }, left > FEW ? null : icon('alert'), `${count(left, 'recovery code')} left`),
      ),
      h(
        'div',
        { class: 'card-actions' },
        button('outline', 'key', 'New recovery codes', () => this.#renew()),
        button('outline', null, 'Turn off', () => this.#turnOff()),
      ),
    );
  }

  async #enrol() {
    let enrolment;
    await this.#change(async () => {
      enrolment = await this.#api.post('/api/auth/totp');
    });
    if (enrolment && !this.#gone) this.#showEnrolment(enrolment);
  }

  #showEnrolment({ secret, uri }) {
    const code = codeField();
    this.#show(
      h(
        'ol',
        { class: 'numbered' },
        h(
          'li',
          {},
          h('p', {}, 'Enter this key in an app for sign-in codes (an authenticator), as one that goes by time. Is the app on this device? Open it by the link.'),
          h('p', { class: 'secret', role: 'group', 'aria-label': 'Key' }, inGroups(secret).map((group) => h('span', {}, group))),
          h('div', { class: 'card-actions' }, copyButton('Copy the key', secret, 'Key copied'), h('a', { class: 'button outline', href: uri }, icon('link'), 'Open in the app')),
        ),
        h(
          'li',
          {},
          h('p', {}, 'Enter the code that the app shows. Your other devices are signed out with it.'),
          form({
            className: 'card-form',
            fields: [code],
            action: 'Turn on',
            check: complainOfCode,
            submit: (values) => this.#confirm(values.code),
          }),
        ),
      ),
      h('div', { class: 'card-actions' }, button('quiet', null, 'Cancel', () => this.#showOff())),
    );
    this.#body.querySelector('.secret').scrollIntoView({ block: 'nearest' });
    code.control.focus({ preventScroll: true });
  }

  async #confirm(code) {
    try {
      const { recoveryCodes } = await this.#api.post('/api/auth/totp/confirm', { code });
      this.#changed();
      this.#showCodes(recoveryCodes, 'The second factor is on.');
    } catch (error) {
      if (CHANGED.includes(error.code)) return this.load();
      throw aboutCode(error);
    }
  }

  // The only time that they are shown.
  #showCodes(codes, news) {
    const kept = button('primary', null, 'I have kept them', () => this.load());
    this.#show(
      h('div', { class: 'banner info', role: 'status' }, icon('key'), h('span', {}, h('b', {}, news), ' Keep these recovery codes now, they are not shown again. Each lets you in once when you do not have the app: print them, or put them where you find them without your phone.')),
      h('ul', { class: 'recovery-codes', 'aria-label': 'Recovery codes' }, codes.map((code) => h('li', {}, code))),
      h('div', { class: 'card-actions' }, copyButton('Copy', codes.join('\n'), 'Recovery codes copied'), kept),
    );
    this.element.scrollIntoView({ block: 'nearest' });
    kept.focus({ preventScroll: true });
  }

  async #renew() {
    if (!(await confirmDialog('New recovery codes?', 'Those that you have now are no longer good then.', 'Make new ones'))) return;
    let codes;
    await this.#change(async () => {
      codes = (await this.#api.post('/api/auth/totp/recovery-codes')).recoveryCodes;
    });
    if (codes && !this.#gone) this.#showCodes(codes, 'The codes before are no longer good.');
  }

  async #turnOff() {
    if (!(await confirmDialog('Turn the second factor off?', 'Signing in asks for your password alone then, and your recovery codes are no longer good.', 'Turn off'))) return;
    const off = await this.#change(() => this.#api.delete('/api/auth/totp'));
    if (!off || this.#gone) return;
    toast('The second factor is off');
    this.#showOff();
  }

  // Resolves with whether it was done.
  async #change(work) {
    this.#complain(null);
    const buttons = [...this.#body.querySelectorAll('button')];
    for (const each of buttons) each.disabled = true;
    try {
      const done = await freshly(this.#context, work);
      if (done) this.#changed();
      return done;
    } catch (error) {
      if (CHANGED.includes(error.code)) await this.load();
      else this.#complain(error);
      return false;
    } finally {
      for (const each of buttons) each.disabled = false;
    }
  }

  #complain(error) {
    this.#note.hidden = !error;
    this.#note.textContent = error ? explain(error) : '';
  }
}

function copyButton(label, text, news) {
  return button('outline', 'copy', label, async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(news);
    } catch {
      toast('This browser does not let the page copy. Select it and copy it yourself.');
    }
  });
}
