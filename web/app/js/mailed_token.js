// The tokens of links in mails. Whoever has one has the account, so it leaves the address, and with it the browser's history,
// as soon as it was read; it is kept here, for a page that is shown anew, until it was used.
const kept = new Map();

// Of the page at `path`; null where the address had none.
export function mailedToken(path, token) {
  if (token) {
    kept.set(path, token);
    history.replaceState(null, '', `#${path}`);
  }
  return kept.get(path) ?? null;
}

export const forgetMailedToken = (path) => kept.delete(path);
