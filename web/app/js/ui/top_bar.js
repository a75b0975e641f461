// The bar over the pages that are no rooms.
import { h } from './dom.js';
import { logo } from './icons.js';
import { accountMenu } from './account_menu.js';
import { serverName } from './server_name.js';

export const topBar = (context) =>
  h('header', { class: 'top-bar' }, h('a', { class: 'brand', href: '#/rooms' }, logo(), serverName()), accountMenu(context));
