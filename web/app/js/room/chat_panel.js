// The chat of a room: history, new messages, typing, reactions, edits, read markers.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { toast } from '../ui/toast.js';
import { confirmDialog } from '../ui/dialog.js';
import { dayOf, timeOf, momentOf, namesShown, count } from '../ui/format.js';
import { ApiError } from '../api.js';
import { explain, explainFile } from '../errors.js';
import { Drafts } from '../drafts.js';
import { Timeline } from './timeline.js';
import { messageView, pendingView, editor, isEdited, renewAroundEditor } from './message_view.js';
import { composer } from './composer.js';
import { SmallPictures } from './small_pictures.js';

const PAGE = 50;
const MOST = 600;
const GROUP_MS = 5 * 60_000;
const TYPING_SHOWN_MS = 6_000;
const NEAR_END_PX = 90;
// What was not sent for longer than this is not sent without being asked for again.
const STALE_MS = 10 * 60_000;

export class ChatPanel {
  #context;
  #me;
  #roomId;
  #people;
  #onUnread;
  #timeline = new Timeline();
  #off = [];
  #typers = new Map();
  #readers = new Map();
  #marked = 0;
  #unread = 0;
  #complete = false;
  #loading = false;
  #visible = true;
  #mayDelete = false;
  #drafts;
  #full = false;
  #mostBytes; // of a file; asked for with the first
  #mutedUntil; // not known before the room is entered
  // The message on its way, by clientMessageId, that is edited as soon as it has arrived.
  #editNext = null;
  // Whether the newest message is in sight, and stays so when the place for the chat changes.
  #following = true;

  #list = h('ol', { class: 'messages', 'aria-label': 'Messages' });
  #older = h('div', { class: 'older' });
  #scroller = h('div', { class: 'chat-scroll', tabindex: '0', role: 'region', 'aria-label': 'Chat history' });
  #jump = h('button', { class: 'jump', type: 'button', hidden: true });
  #typing = h('p', { class: 'typing', 'aria-live': 'polite' });
  #announcer = h('p', { class: 'visually-hidden', role: 'log', 'aria-live': 'polite' });
  #composer;
  #pictures;

  constructor({ context, roomId, people, onUnread }) {
    this.#context = context;
    this.#me = context.session.user;
    this.#roomId = roomId;
    this.#people = people;
    this.#onUnread = onUnread;
    this.#drafts = new Drafts(this.#me.id, roomId);
    const kept = this.#drafts.read();
    this.#composer = composer({
      draft: kept,
      keep: (text, replyTo) => this.#kept(this.#drafts.keepText(text, replyTo)),
      send: (content, replyTo, files) => this.#say(content, replyTo, files),
      upload: (file, options) => this.#upload(file, options),
      typing: (isTyping) => context.socket.notify('typing', { roomId, isTyping }),
      editLast: () => this.#editLast(),
    });
    this.#scroller.append(this.#older, this.#list);
    this.#pictures = new SmallPictures(context.api, this.#scroller);
    this.#off.push(() => this.#pictures.destroy());
    this.element = h('div', { class: 'chat' }, h('div', { class: 'chat-history' }, this.#scroller, this.#jump), this.#typing, this.#composer.element, this.#announcer);
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#jump.addEventListener('click', () => this.#toEnd());
    const placed = new ResizeObserver(() => this.#following && this.#toEnd());
    placed.observe(this.#scroller);
    this.#off.push(() => placed.disconnect());
    for (const entry of kept.pending) this.#timeline.addPending(revived(entry));
    this.#listen();
  }

  // The ack of join_room, first or after a reconnect.
  joined(ack, resumed) {
    this.#mayDelete = ack.participants.some(({ userId, role }) => userId === this.#me.id && role !== 'member');
    for (const message of ack.messages) {
      this.#timeline.put(message);
      if (message.senderId === this.#me.id) this.#settle(message);
    }
    if (!resumed) this.#complete = (this.#timeline.first ?? 1) <= 1;
    const stay = resumed && !this.#atEnd;
    this.#render();
    if (!stay) this.#toEnd();
    for (const message of ack.messages) this.#editArrived(message);
    for (const entry of this.#timeline.pending) if (!entry.failed) this.#send(entry);
  }

  message(message) {
    const atEnd = this.#atEnd;
    const mine = message.senderId === this.#me.id;
    if (mine) this.#settle(message);
    this.#typers.delete(message.senderId);
    this.#showTyping();
    if (!this.#timeline.put(message)) return;
    if (atEnd) this.#forgetOld();
    this.#render();
    if (mine) this.#editArrived(message);
    else this.#announcer.append(h('span', {}, `${message.senderName}: ${message.content}. `));
    while (this.#announcer.childElementCount > 5) this.#announcer.firstElementChild.remove();
    if (mine || (atEnd && this.#visible)) this.#toEnd();
    else this.#setUnread(this.#unread + 1);
    if (document.visibilityState === 'hidden' && !mine) this.#setUnread(Math.max(this.#unread, 1));
  }

  // A page that stays open for days does not grow for days: who scrolls up loads the rest again.
  #forgetOld() {
    if (this.#timeline.messages.length <= MOST) return;
    this.#timeline.keepNewest(MOST / 2);
    this.#complete = false;
  }

  // Some were missed: fetch what lies after `seq` until nothing is missing.
  async fill(seq) {
    let whole = seq;
    try {
      for (;;) {
        const { items } = await this.#context.api.get(`/api/messages/room/${this.#roomId}?after=${whole}&limit=100`);
        for (const message of items) this.#timeline.put(message);
        const now = this.#timeline.wholeFrom(whole);
        if (now === whole) break;
        whole = now;
        if (whole >= this.#timeline.last) break;
      }
      this.#render();
    } catch (error) {
      toast(`Some messages could not be loaded. ${explain(error)}`);
    }
  }

  // Owners and moderators may delete what others wrote.
  setRole(role) {
    this.#mayDelete = role !== 'member';
    this.#render();
  }

  // `until`: the end of one's own mute, or null. Told of each change; of one that was there on coming in, the composer alone tells.
  setMuted(until) {
    const before = this.#mutedUntil;
    if (until === before) return;
    this.#mutedUntil = until;
    const text = until && `You are muted until ${momentOf(until)}. You can still read along.`;
    this.#composer.setMuted(text);
    if (before !== undefined) toast(text ?? 'You are no longer muted. You can write again.');
  }

  setVisible(visible) {
    this.#visible = visible;
    if (visible && this.#atEnd) this.#read();
  }

  shown() {
    this.#toEnd();
  }

  destroy() {
    this.#composer.destroy();
    for (const off of this.#off) off();
    for (const timer of this.#typers.values()) clearTimeout(timer.timer);
  }

  get #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #listen() {
    const { socket } = this.#context;
    const here = (type, handle) => this.#off.push(socket.on(type, (payload) => payload.roomId === this.#roomId && handle(payload)));
    here('message_updated', (message) => {
      this.#timeline.renew(message);
      this.#render();
    });
    here('user_typing', ({ userId, name, isTyping }) => this.#typed(userId, name, isTyping));
    here('read_updated', ({ userId, seq }) => {
      this.#readers.set(userId, Math.max(seq, this.#readers.get(userId) ?? 0));
      this.#renderSeen();
    });
    const visible = () => document.visibilityState === 'visible' && this.#atEnd && this.#read();
    document.addEventListener('visibilitychange', visible);
    this.#off.push(() => document.removeEventListener('visibilitychange', visible));
  }

  // ---- sending ----

  // What is too large is not sent first.
  async #upload(file, options) {
    this.#mostBytes ??= (await this.#context.api.get('/api/files/usage')).maxFileBytes;
    if (file.size > this.#mostBytes) throw new ApiError(413, { code: 'TOO_LARGE', details: { limit: this.#mostBytes } });
    const form = new FormData();
    form.append('kind', 'message');
    form.append('roomId', this.#roomId);
    form.append('file', file);
    return this.#context.api.upload('/api/files', form, options);
  }

  // A link for the browser, which sends no token. What it may show has a window of its own, so that the room stays.
  async #open({ fileId, mediaType }) {
    try {
      const { url } = await this.#context.api.get(`/api/files/${fileId}/link`);
      if (mediaType.startsWith('image/')) h('a', { href: url, target: '_blank', rel: 'noopener' }).click();
      else location.assign(url);
    } catch (error) {
      toast(`This file cannot be had. ${explainFile(error)}`);
    }
  }

  #say(content, replyTo, files) {
    const entry = { clientMessageId: crypto.randomUUID(), content, replyTo: replyTo?.id ?? null, fileIds: files.map(({ id }) => id), at: Date.now(), failed: false };
    this.#timeline.addPending(entry);
    this.#kept(this.#drafts.keepPending(entry));
    this.#render();
    this.#toEnd();
    this.#send(entry);
  }

  async #send(entry) {
    const payload = { roomId: this.#roomId, content: entry.content, clientMessageId: entry.clientMessageId };
    if (entry.replyTo) payload.replyTo = entry.replyTo;
    if (entry.fileIds?.length > 0) payload.fileIds = entry.fileIds;
    try {
      const ack = await this.#context.socket.request('send_message', payload);
      this.#settle(entry);
      this.#context.socket.accept(ack.message ?? ack);
      this.#render();
    } catch (error) {
      // Sent again by joined() after the reconnect; the id makes that harmless.
      if (error.code === 'DISCONNECTED' || error.code === 'TIMEOUT') return;
      entry.failed = true;
      entry.error = explain(error);
      this.#drafts.keepPending(entry);
      const atEnd = this.#atEnd;
      this.#render();
      if (atEnd) this.#toEnd(); // the reason makes the message higher
    }
  }

  // It has arrived, or is not wanted any more.
  #settle(message) {
    if (!message.clientMessageId) return;
    this.#timeline.settle(message);
    this.#drafts.dropPending(message.clientMessageId);
  }

  // Said once: the next letter has no more space.
  #kept(kept) {
    if (!kept && !this.#full) toast('This browser has no space left to keep what you write. Send it before you leave the page.');
    this.#full = !kept;
  }

  #retry(entry) {
    Object.assign(entry, { failed: false, at: Date.now() });
    this.#drafts.keepPending(entry);
    this.#render();
    this.#send(entry);
  }

  #discard(entry) {
    this.#settle(entry);
    this.#render();
  }

  #actions = {
    open: (file) => this.#open(file),
    picture: (file, failed) => this.#pictures.show(file, failed),
    react: (message, emoji, on) => this.#ask(on ? 'add_reaction' : 'remove_reaction', { messageId: message.id, emoji }),
    reply: (message) => this.#composer.setReply(message),
    edit: (message, content) => this.#ask('edit_message', { messageId: message.id, content }),
    remove: async (message) => {
      if (await confirmDialog('Delete this message?', 'It will be gone for everyone in the room.', 'Delete')) {
        await this.#ask('delete_message', { messageId: message.id });
      }
    },
  };

  async #ask(type, payload) {
    try {
      await this.#context.socket.request(type, payload);
      return true;
    } catch (error) {
      toast(explain(error));
      return false;
    }
  }

  // The last one may be on its way: the one before it is not meant.
  #editLast() {
    this.#editNext = this.#timeline.pending.findLast(({ failed }) => !failed)?.clientMessageId ?? null;
    return this.#editNext !== null || this.#edit(this.#timeline.messages.findLast((message) => message.senderId === this.#me.id && !message.isDeleted));
  }

  // Unless one has gone on to something else.
  #editArrived({ clientMessageId, seq }) {
    if (!clientMessageId || clientMessageId !== this.#editNext) return;
    this.#editNext = null;
    if (this.#composer.isWaiting()) this.#edit({ seq });
  }

  #edit(last) {
    const body = last && this.#list.querySelector(`[data-seq="${last.seq}"] .message-body`);
    if (body) editor(body, this.#actions);
    return Boolean(body);
  }

  // ---- typing, reading ----

  #typed(userId, name, isTyping) {
    if (userId === this.#me.id) return;
    clearTimeout(this.#typers.get(userId)?.timer);
    if (isTyping) {
      const timer = setTimeout(() => this.#typed(userId, name, false), TYPING_SHOWN_MS);
      this.#typers.set(userId, { name, timer });
    } else {
      this.#typers.delete(userId);
    }
    this.#showTyping();
  }

  #showTyping() {
    const who = [...this.#typers.values()].map(({ name }) => name);
    if (who.length === 0) return replace(this.#typing);
    const text = who.length > 3 ? 'Several people are typing' : [namesShown(who), who.length === 1 ? ' is typing' : ' are typing'];
    replace(this.#typing, h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), text);
  }

  #read() {
    const { last } = this.#timeline;
    if (!this.#visible || document.visibilityState !== 'visible') return;
    this.#setUnread(0);
    if (last <= this.#marked) return;
    this.#marked = last;
    this.#context.socket.notify('mark_read', { roomId: this.#roomId, seq: last });
  }

  #setUnread(number) {
    this.#unread = number;
    this.#jump.hidden = number === 0;
    replace(this.#jump, icon('down'), count(number, 'new message'));
    this.#onUnread(number);
  }

  #renderSeen() {
    this.#list.querySelector('.seen')?.remove();
    const { last } = this.#timeline;
    const left = [this.#me.id, this.#timeline.messages.at(-1)?.senderId];
    const who = [...this.#readers].filter(([userId, seq]) => seq >= last && !left.includes(userId)).map(([userId]) => this.#people.nameOf(userId));
    if (!last || who.length === 0) return;
    const atEnd = this.#atEnd;
    this.#list.append(h('li', { class: 'seen' }, icon('check'), who.length > 3 ? `Seen by ${who.length} people` : h('span', {}, 'Seen by ', namesShown(who))));
    if (atEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  // ---- scrolling, history ----

  #toEnd() {
    this.#following = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#read();
  }

  #scrolled() {
    this.#following = this.#atEnd;
    if (this.#atEnd) this.#read();
    if (this.#scroller.scrollTop < 120) this.#loadOlder();
  }

  async #loadOlder() {
    const before = this.#timeline.first;
    if (this.#complete || this.#loading || !before) return;
    this.#loading = true;
    replace(this.#older, h('span', { class: 'spinner', role: 'img', 'aria-label': 'Loading older messages' }));
    try {
      const { items } = await this.#context.api.get(`/api/messages/room/${this.#roomId}?before=${before}&limit=${PAGE}`);
      for (const message of items) this.#timeline.put(message);
      this.#complete = items.length === 0 || this.#timeline.first <= 1;
      const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
      this.#render();
      this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    } catch (error) {
      replace(this.#older, explain(error), ' ', h('button', { class: 'link-button', type: 'button', onclick: () => this.#loadOlder() }, 'Try again'));
    } finally {
      this.#loading = false;
    }
  }

  // ---- drawing ----

  #cache = new Map();

  #render() {
    const { messages, pending } = this.#timeline;
    const focused = document.activeElement?.closest?.('.message')?.dataset.seq;
    const nodes = [];
    const cache = new Map();
    let before = null;
    for (const message of messages) {
      if (!before || dayOf(before.createdAt) !== dayOf(message.createdAt)) nodes.push(h('li', { class: 'day' }, h('span', {}, dayOf(message.createdAt))));
      const entry = this.#view(message, before);
      cache.set(message.seq, entry);
      nodes.push(entry.element);
      before = message;
    }
    this.#cache = cache;
    for (const entry of pending) {
      nodes.push(pendingView({ entry, me: this.#me, retry: (it) => this.#retry(it), discard: (it) => this.#discard(it) }));
    }
    if (nodes.length === 0) nodes.push(nothingYet());
    settle(this.#list, nodes);
    replace(this.#older, this.#complete && messages.length > 0 && h('p', {}, 'This is where the conversation begins.'));
    this.#renderSeen();
    if (focused && !this.#list.contains(document.activeElement)) {
      this.#list.querySelector(`[data-seq="${focused}"] .tools button:not([hidden])`)?.focus();
    }
  }

  // Views are kept while nothing about their message changes; one with an open editor also when something does.
  #view(message, before) {
    const continued =
      before !== null &&
      before.senderId === message.senderId &&
      !message.replyTo &&
      dayOf(before.createdAt) === dayOf(message.createdAt) &&
      new Date(message.createdAt) - new Date(before.createdAt) < GROUP_MS;
    const quotedId = message.replyTo?.id ?? message.replyTo;
    const quoted = quotedId ? this.#timeline.byId(quotedId) : null;
    const known = this.#cache.get(message.seq);
    if (known && known.message === message && known.continued === continued && known.quoted === quoted && known.mayDelete === this.#mayDelete) return known;
    const view = {
      message,
      continued,
      quoted,
      me: this.#me,
      mayDelete: this.#mayDelete,
      who: (userId) => (userId === this.#me.id ? 'you' : this.#people.nameOf(userId)),
      actions: this.#actions,
    };
    if (known && isEdited(known.element)) {
      if (!message.isDeleted) {
        renewAroundEditor(known.element, view);
        return { ...known, message, mayDelete: this.#mayDelete };
      }
      toast('The message that you were editing has been deleted.');
    }
    const element = messageView(view);
    return { message, continued, quoted, mayDelete: this.#mayDelete, element };
  }
}

// Puts `nodes` into `list` touching only what differs, so that focus and scroll position stay.
function settle(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
}

// A message that was left behind unsent: sent again with the room, unless its time is over.
function revived(entry) {
  if (entry.failed || Date.now() - entry.at < STALE_MS) return entry;
  return { ...entry, failed: true, error: `Written ${dayOf(entry.at)}, ${timeOf(entry.at)}, and not sent.` };
}

function nothingYet() {
  return h('li', { class: 'empty' }, icon('chat'), h('h2', {}, 'Nothing said yet'), h('p', {}, 'Say hello. Everyone who joins later can read it too.'));
}
