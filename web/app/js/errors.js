// What an error means for the person who sees it, and what to do next.
import { sizeOf } from './ui/format.js';

const WORDS = {
  NETWORK: 'The server cannot be reached. Check your connection, then try again.',
  DISCONNECTED: 'You are not connected right now. Try again once the connection is back.',
  TIMEOUT: 'The server took too long to answer. Try again in a moment.',
  INVALID_CREDENTIALS: 'That e-mail and password do not match an account. Check both, or create an account.',
  EMAIL_TAKEN: 'There is already an account with this e-mail. Sign in instead.',
  USERNAME_TAKEN: 'That username is taken. Choose another one.',
  MAIL_OFF: 'This server sends no mails. The administrator of your school can help you.',
  CODE_EXPIRED: 'This link no longer works. Have a new one sent.',
  SIGN_IN_AGAIN: 'You signed in some time ago. Sign out and in again, then try once more.',
  SECOND_FACTOR_OFF: 'This server keeps no second factors. The people who run it can change that.',
  ACCOUNT_SUSPENDED: 'This account is suspended. Ask the people who run this server.',
  ROOM_FULL: 'This room is full. Try again later, or choose another room.',
  INVITE_INVALID: 'This invite code is unknown, used up or expired. Ask for a new one.',
  NOT_A_MEMBER: 'You are not a member of this room. Join it first.',
  BANNED: 'You were banned from this room. Ask its owner if you think that is a mistake.',
  MUTED: 'You are muted in this room for now. You can still read along.',
  FORBIDDEN: 'You are not allowed to do that. Ask the owner of the room.',
  NOT_FOUND: 'This does not exist, or it is private. Check the link, or ask for an invite code.',
  OVERLOADED: 'The server is busy. Try again in a few seconds.',
  DB_UNAVAILABLE: 'The server cannot reach its database. Try again in a moment.',
  SHUTTING_DOWN: 'The server is restarting. Try again in a moment.',
  FILE_TYPE_REFUSED: 'Files of this kind cannot be sent here.',
  NOT_A_PICTURE: 'This is not a picture that can be shown here. Choose a JPEG, PNG, WebP or GIF.',
  PICTURE_TOO_LARGE: 'This picture has too many pixels. Choose a smaller one.',
  QUOTA_EXCEEDED: 'There is no room left for this file. Delete messages with files that are not needed any more.',
  TOO_MANY_UPLOADS: 'Too many files at once. Wait until the others have come, then try again.',
  TOO_MANY_DOWNLOADS: 'Too many files at once. Wait until the others have come, then try again.',
  STORAGE_FULL: 'The server has no room left for files. Tell the people who run it.',
  STORAGE_UNAVAILABLE: 'The server cannot reach its files. Try again in a moment.',
  FILE_NOT_READY: 'This file is still being looked at. Try again in a moment.',
  FILE_REFUSED: 'This file was found to be harmful and is gone.',
  TOO_LARGE: 'That is too long to send. Make it shorter and try again.',
};

// Of a server that the page asks again by itself.
const BUSY = { OVERLOADED: 'The server is busy.', DB_UNAVAILABLE: 'The server cannot reach its database.' };
export const explainWait = ({ code }) => `${BUSY[code]} This page tries again by itself; you need not do anything.`;

export function explain(error) {
  if (error.code === 'RATE_LIMITED') {
    return error.retryAfter
      ? `Too many attempts. Wait ${duration(error.retryAfter)}, then try again.`
      : 'That was too fast. Wait a moment, then try again.';
  }
  return WORDS[error.code] ?? error.message ?? 'Something went wrong. Try again.';
}

// Of a file that was to be sent.
export function explainFile(error) {
  // A proxy before the server says so without a code.
  if (error.code !== 'TOO_LARGE' && error.status !== 413) return explain(error);
  return error.details.limit ? `This file is too large. It may have ${sizeOf(error.details.limit)}.` : 'This file is too large.';
}

function duration(seconds) {
  if (seconds < 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
