// Line icons on a 24 by 24 grid; one path each, drawn for Stoa.
const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  mic: 'M12 3.5a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0v-5a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3.5',
  micOff: 'M9 9.5v2a3 3 0 0 0 4.6 2.5M15 11V6.5a3 3 0 0 0-5.7-1.3M5.5 11a6.5 6.5 0 0 0 10.3 5.3M18.5 11a6.4 6.4 0 0 1-.5 2.5M12 17.5V21M4 4l16 16',
  camera: 'M5 6.5h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM15 11l6-3.5v9L15 13',
  cameraOff: 'M9.5 6.5H13a2 2 0 0 1 2 2V12M15 15.5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M15 11l6-3.5v9l-3-1.7M4 4l16 16',
  screen: 'M4.5 4.5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.5ZM8 20h8M12 13.5V8M9.5 10.2 12 7.7l2.5 2.5',
  hand: 'M7.5 12V6.5a1.5 1.5 0 0 1 3 0V11M10.5 10.5V4.7a1.5 1.5 0 0 1 3 0V11M13.5 10.5V6.2a1.5 1.5 0 0 1 3 0V13M16.5 12v-2.3a1.5 1.5 0 0 1 3 0V15a6.5 6.5 0 0 1-6.5 6.5c-3 0-4.6-1.3-6-3.7l-2.7-4.6a1.5 1.5 0 0 1 2.5-1.6L7.5 13.5',
  hangUp: 'M3.2 14.5c-.4-1.2-.2-2.5.8-3.3 2.2-1.8 5-2.7 8-2.7s5.8.9 8 2.7c1 .8 1.2 2.1.8 3.3l-.3.9a1 1 0 0 1-1.2.6l-3-.8a1 1 0 0 1-.8-1v-1.7a11.5 11.5 0 0 0-7 0v1.7a1 1 0 0 1-.8 1l-3 .8a1 1 0 0 1-1.2-.6Z',
  phone: 'M8.5 4.5 6 4a1.5 1.5 0 0 0-1.8 1.4C4 13 11 20 18.6 19.8A1.5 1.5 0 0 0 20 18l-.5-2.5a1.2 1.2 0 0 0-.9-.9l-2.6-.6a1.2 1.2 0 0 0-1.2.4l-1 1.2a12 12 0 0 1-5.4-5.4l1.2-1a1.2 1.2 0 0 0 .4-1.2l-.6-2.6a1.2 1.2 0 0 0-.9-.9Z',
  chat: 'M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-7.5L7 20.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5Z',
  mail: 'M5 5.5h14A1.5 1.5 0 0 1 20.5 7v10a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 17V7A1.5 1.5 0 0 1 5 5.5ZM4 7l8 6 8-6',
  person: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0',
  handheld: 'M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3ZM10.8 18h2.4',
  computer: 'M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.5ZM8.5 20h7M12 16.5V20',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.8 19.5a6.2 6.2 0 0 1 12.4 0M16 5a3.3 3.3 0 0 1 0 6.3M17.8 14.2a6 6 0 0 1 3.4 5.3',
  send: 'M4.5 12h7M4.5 12 3.5 4.5l17 7.5-17 7.5 1-7.5Z',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.2a4.3 4.3 0 0 0 7 0M9.2 9.5v.1M14.8 9.5v.1',
  reply: 'M9.5 6 4 11.5 9.5 17M4.5 11.5H13a7 7 0 0 1 7 7',
  edit: 'M4.5 19.5 5.5 15 15.8 4.7a1.7 1.7 0 0 1 2.4 0l1.1 1.1a1.7 1.7 0 0 1 0 2.4L9 18.5ZM14 6.5l3.5 3.5',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12a1.2 1.2 0 0 0 1.2 1h7a1.2 1.2 0 0 0 1.2-1l.8-12M10 11v5.5M14 11v5.5',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20.5 20.5',
  plus: 'M12 5v14M5 12h14',
  key: 'M14.5 13.5a5 5 0 1 0-4.3-2.5L3.5 17.7v2.8h3v-2.2h2.2v-2.2h2.2l1.2-1.2M15.5 8.5v.1',
  lock: 'M7 10.5V8a5 5 0 0 1 10 0v2.5M6.5 10.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19v-7a1.5 1.5 0 0 1 1.5-1.5Z',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.2-3.2a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.2 3.2a4 4 0 0 0 5.7 5.7l1.2-1.2',
  copy: 'M9.5 8.5h9a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1ZM5.5 15.5a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1',
  check: 'M4.5 12.5 10 18 19.5 7',
  more: 'M5 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M17.6 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  alert: 'M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17.2v.1',
  signOut: 'M14 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H14M10.5 12h10M17 8.5l3.5 3.5-3.5 3.5',
  book: 'M12 6.5C10 5 7 4.5 3.5 4.8v13.5C7 18 10 18.5 12 20c2-1.5 5-2 8.5-1.7V4.8C17 4.5 14 5 12 6.5ZM12 6.5V20',
  down: 'M6 9.5l6 6 6-6',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

export const logo = () => solid('logo', '0 0 32 32', 'M16 3 29 10H3zM5.5 13h4v11h-4zm8.5 0h4v11h-4zm8.5 0h4v11h-4zM3 26h26v3H3z');

// The hall behind the words of the first page.
export function colonnade() {
  const columns = [0, 1, 2, 3, 4, 5].map((at) => `M${22 + at * 60} 96h36v10h-6l-3 214h5v10h-30v-10h5l-3-214h-4z`);
  return solid('colonnade', '0 0 376 360', `M0 60h376v24H0zM10 48 188 0l178 48zM0 336h376v24H0z${columns.join('')}`);
}

function solid(name, box, shape) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', box);
  svg.setAttribute('class', name);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shape);
  svg.append(path);
  return svg;
}
