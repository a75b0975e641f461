// A room: chat, people and the call, side by side where there is space, as tabs where there is not.
import { h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { toast } from '../ui/toast.js';
import { closeDialogs, confirmDialog } from '../ui/dialog.js';
import { titleOf } from '../ui/server_name.js';
import { explain } from '../errors.js';
import { ChatPanel } from '../room/chat_panel.js';
import { PeoplePanel } from '../room/people_panel.js';
import { CallPanel } from '../room/call_panel.js';
import { manageDialog } from '../room/manage_dialog.js';
import { inviteDialog } from '../room/invite_dialog.js';
import { roomMenu } from '../room/room_menu.js';
import { closeRoom, settingsDialog } from '../room/settings_dialog.js';
import { isUnable, patiently } from '../patience.js';
import { gate, notice, preview, waitingRoom } from '../room/gate.js';

const CONNECTION = {
  idle: 'Not connected',
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Reconnecting…',
  busy: 'Server busy…', // connected, and not let into the room yet
};
const REMOVED = {
  left: 'You gave up your place. You can join again any time there is one.',
  kicked: 'The owner or a moderator removed you. Ask them if you think that is a mistake.',
  banned: 'The owner or a moderator banned you. Ask them if you think that is a mistake.',
};
const TABS = [
  ['call', 'Call', 'phone'],
  ['chat', 'Chat', 'chat'],
  ['people', 'People', 'people'],
];

export function roomPage(context, { roomId }) {
  const { session, socket } = context;
  const wide = matchMedia('(min-width: 900px)');
  const off = [];
  let room = null;
  let entered = false;
  let busy = false;
  let gone = false;
  let role = null;

  const people = new PeoplePanel({ me: session.user, onChange: () => peopleChanged(), onManage: (person, myRole) => manageDialog(context, roomId, person, myRole) });
  const chat = new ChatPanel({ context, roomId, people, onUnread: (number) => showUnread(number) });
  const call = new CallPanel({ context, roomId, people, onState: (state) => callChanged(state) });

  const title = h('h1', { class: 'room-name', dir: 'auto' }, 'Opening the room…');
  const subtitle = h('p', { class: 'room-sub' });
  const connection = h('p', { class: 'connection', role: 'status' });
  const menu = roomMenu({ settings: () => settingsDialog(context, room), close: () => endRoom(), leave: () => leaveRoom() });
  const tabs = h('nav', { class: 'room-tabs', 'aria-label': 'Parts of the room' });
  const unread = h('span', { class: 'unread', hidden: true });
  const inCall = h('span', { class: 'unread in-call', hidden: true });
  for (const [name, label, symbol] of TABS) {
    const badge = { chat: unread, call: inCall }[name];
    tabs.append(h('button', { class: 'room-tab', type: 'button', dataset: { tab: name }, onclick: () => showTab(name) }, icon(symbol), label, badge));
  }
  const body = h(
    'main',
    { class: 'room-body', id: 'main', tabindex: '-1' },
    h('section', { class: 'panel call-panel', 'aria-label': 'Call' }, call.element),
    tabs,
    h('section', { class: 'panel chat-panel', 'aria-label': 'Chat' }, chat.element),
    h('section', { class: 'panel people-panel', 'aria-label': 'People' }, people.element),
  );
  const element = h(
    'div',
    { class: 'room', dataset: { tab: 'chat', call: 'out', entered: 'opening' } },
    h(
      'header',
      { class: 'room-bar' },
      h('a', { class: 'icon-button', href: '#/rooms', 'aria-label': 'Back to the rooms', title: 'Back to the rooms' }, icon('back')),
      h('div', { class: 'room-heading' }, title, subtitle),
      connection,
      h('button', { class: 'button outline invite', type: 'button', 'aria-label': 'Invite', onclick: () => room && inviteDialog(context, room, people.myRole !== 'member') }, icon('link'), h('span', {}, 'Invite')),
      menu.element,
    ),
    body,
  );

  function showTab(name) {
    element.dataset.tab = name;
    for (const button of tabs.children) button.setAttribute('aria-pressed', String(button.dataset.tab === name));
    const chatShown = name === 'chat' || (wide.matches && element.dataset.call === 'out');
    chat.setVisible(chatShown);
    if (chatShown) chat.shown();
  }

  function callChanged(state) {
    const before = element.dataset.call;
    element.dataset.call = state === 'out' || state === 'joining' ? 'out' : 'in';
    if (before !== element.dataset.call) showTab(element.dataset.call === 'in' && !wide.matches ? 'call' : 'chat');
  }

  function showUnread(number) {
    unread.hidden = number === 0;
    replace(unread, String(Math.min(number, 99)), h('span', { class: 'visually-hidden' }, ' unread'));
    if (room) document.title = titleOf(`${number ? `(${number}) ` : ''}${room.name}`);
  }

  function peopleChanged() {
    showCounts();
    call.peopleChanged();
    showRole();
    chat.setMuted(people.myMute);
  }

  // A menu that somebody reads stays as it is.
  function showRole() {
    const { myRole } = people;
    if (myRole === role) return;
    role = myRole;
    menu.show(role);
  }

  function showCounts() {
    const { here, all } = people.counts;
    if (room) subtitle.textContent = `${here} here now, ${all} of ${room.maxParticipants} places taken`;
  }

  function showConnection() {
    const state = busy && socket.state === 'open' ? 'busy' : socket.state;
    connection.dataset.state = state;
    connection.textContent = CONNECTION[state];
  }

  function showRoom(next) {
    room = next;
    showName(room.name);
    people.showRoom(room);
    showCounts();
    showCall(room.callParticipants);
  }

  function showName(name) {
    title.textContent = name;
    title.title = name;
    document.title = titleOf(name);
  }

  function showCall(participants) {
    call.setOthers(participants);
    inCall.hidden = participants === 0;
    replace(inCall, participants > 0 && [String(participants), h('span', { class: 'visually-hidden' }, ' in the call')]);
  }

  async function enter() {
    if (socket.state !== 'open') return; // 'ready' comes back here
    try {
      await socket.joinRoom(roomId, {
        joined: (ack, resumed) => {
          setBusy(false);
          entered = true;
          element.dataset.entered = 'yes';
          showRoom(ack.room);
          people.set(ack.participants);
          chat.joined(ack, resumed);
          if (!body.isConnected) element.replaceChildren(element.firstChild, body);
        },
        message: (message) => chat.message(message),
        gap: (seq) => chat.fill(seq),
        waiting: (error) => showWaiting(error),
        refused: (error) => showGate(error),
      });
    } catch (error) {
      if (error.code !== 'DISCONNECTED' && error.code !== 'TIMEOUT') showGate(error);
    }
  }

  function setBusy(next) {
    busy = next;
    showConnection();
  }

  // What was read before stays in sight.
  function showWaiting(error) {
    setBusy(true);
    if (!entered) element.replaceChildren(element.firstChild, waitingRoom(error));
  }

  function showGone() {
    setBusy(false);
    entered = false;
    element.dataset.entered = 'no';
    showName('Room');
    subtitle.textContent = '';
  }

  async function showGate(error) {
    showGone();
    if (error.code !== 'NOT_A_MEMBER') return element.replaceChildren(element.firstChild, gate(context, roomId, error, enter));
    try {
      const outside = await patiently(() => context.api.get(`/api/rooms/${roomId}`), { waiting: showWaiting, wanted: () => !gone && !entered, again: isUnable });
      if (entered) return;
      setBusy(false);
      showName(outside.name);
      element.replaceChildren(element.firstChild, preview(context, outside, enter));
    } catch (failure) {
      if (entered) return;
      element.replaceChildren(element.firstChild, gate(context, roomId, failure, enter));
    }
  }

  function memberChanged(userId, news) {
    people.changed(userId, news);
    if (userId === session.user.id) chat.setRole(news.role);
  }

  // Nothing more will come from this room.
  function end(heading, text) {
    closeDialogs();
    showGone();
    socket.leaveRoom(roomId);
    call.destroy();
    element.replaceChildren(element.firstChild, notice(heading, text));
  }

  async function leaveRoom() {
    const sure = await confirmDialog('Leave this room for good?', whatLeavingMeans(people.myRole, people.counts.all), 'Leave room');
    if (!sure) return;
    try {
      await context.api.post(`/api/rooms/${roomId}/leave`);
      context.go('/rooms');
    } catch (error) {
      toast(explain(error));
    }
  }

  async function endRoom() {
    if (await closeRoom(context, room)) context.go('/rooms');
  }

  const here = (type, handle) => off.push(socket.on(type, (payload) => payload.roomId === roomId && handle(payload)));
  here('user_joined', ({ user }) => people.came(user));
  here('user_left', ({ userId, reason }) => people.went(userId, reason));
  here('member_updated', ({ userId, role, mutedUntil }) => memberChanged(userId, { role, mutedUntil }));
  here('room_call_updated', ({ participants }) => showCall(participants));
  here('room_updated', (news) => showRoom(news.room));
  here('room_closed', () => end('This room is closed', 'Its owner closed it. What was said here can no longer be read.'));
  here('removed_from_room', ({ reason }) => end('You are no longer in this room', REMOVED[reason] ?? REMOVED.left));
  off.push(socket.on('state', () => setBusy(false)));
  off.push(socket.on('ready', () => !entered && enter()));
  const widthChanged = () => showTab(element.dataset.tab === 'call' && wide.matches ? 'chat' : element.dataset.tab);
  wide.addEventListener('change', widthChanged);
  showConnection();
  showTab('chat');
  enter();

  return {
    element,
    title: 'Room',
    destroy: () => {
      gone = true;
      wide.removeEventListener('change', widthChanged);
      for (const each of off) each();
      call.destroy();
      chat.destroy();
      people.destroy();
      socket.leaveRoom(roomId);
    },
  };
}

// For somebody of that role, in a room of so many members.
function whatLeavingMeans(role, members) {
  if (members === 1) return 'You are its only member: the room is closed with it, and what was said can no longer be read. Closing the page keeps your place.';
  const heir = role === 'owner' ? ' Another member owns the room then: a moderator, or whoever joined first.' : '';
  return `You give up your place.${heir} To come back you have to join again. Closing the page keeps your place.`;
}
