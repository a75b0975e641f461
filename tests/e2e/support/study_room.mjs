// A room with people and a conversation in it, as pictures want it.
export const kNames = ['Ada Marin', 'Ben Okafor', 'Cleo Lindqvist'];

export async function studyRoom(stoa) {
  const [ada, ben, cleo] = await Promise.all(kNames.map((name) => stoa.register(name)));
  const room = await stoa.createRoom(ada.token, {
    name: 'Linear algebra, Tuesdays',
    description: 'Working through eigenvalues and what they are good for. Bring one exercise each.',
    maxParticipants: 8,
  });
  await stoa.createRoom(ben.token, { name: 'Quiet reading', description: 'Cameras on, microphones off. Fifty minutes at a time.', maxParticipants: 12 });
  await stoa.createRoom(cleo.token, { name: 'Spanish, A2 to B1', description: 'Conversation first, grammar when it hurts.', maxParticipants: 10 });
  await stoa.createRoom(ada.token, { name: 'Thesis group', description: 'Drafts, deadlines and honest readers.', roomType: 'private', maxParticipants: 5 });
  for (const { token } of [ben, cleo]) await stoa.api('POST', `/api/rooms/${room.id}/join`, { token, body: {} });

  const [asBen, asCleo] = await Promise.all([ben, cleo].map(({ token }) => stoa.connect(token)));
  const say = (socket, content) => socket.request('send_message', { roomId: room.id, content });
  for (const socket of [asBen, asCleo]) await socket.request('join_room', { roomId: room.id });
  await say(asBen, 'Did anyone get exercise 4? I end up with a complex eigenvalue and no idea what it means.');
  await say(asBen, 'The matrix is the rotation by 90 degrees.');
  const answer = await say(asCleo, 'That is what it means: a rotation leaves no direction as it is, so there is no real eigenvector.');
  await asBen.request('add_reaction', { messageId: answer.id, emoji: '🎉' });
  await say(asCleo, 'Shall we do the next one together?');
  await Promise.all([asBen, asCleo].map((socket) => socket.close()));
  return { room, people: [ada, ben, cleo] };
}
