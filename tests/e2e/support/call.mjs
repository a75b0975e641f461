// What a call looks like from outside: its tiles, and the browser's own statistics of its connections.
import { until } from '../../support/until.mjs';

const kFrames = 10; // that many more prove that video flows

// On a phone the call is behind a tab.
export async function joinCall(page) {
  const tab = page.locator('.room-tab[data-tab="call"]');
  if (await tab.isVisible()) await tab.click();
  await page.getByRole('button', { name: 'Join call' }).click();
  await page.getByRole('toolbar', { name: 'Call controls' }).waitFor();
}

// The names under the tiles, sorted.
export async function tileNames(page) {
  const names = await page.locator('.tile-name').allTextContents();
  return names.map((name) => name.replace('Microphone off. ', '')).sort();
}

export function untilTiles(page, names) {
  const wanted = [...names].sort().join();
  return until(async () => (await tileNames(page)).join() === wanted, { what: `the tiles ${wanted}`, every: 100 });
}

// Decoded frames of every connection that is up now.
export function decodedFrames(page) {
  return page.evaluate(() =>
    Promise.all(
      window.connections.filter(({ connectionState }) => connectionState === 'connected').map(async (connection) => {
        const stats = [...(await connection.getStats()).values()];
        const videos = stats.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
        return videos.reduce((sum, { framesDecoded = 0 }) => sum + framesDecoded, 0);
      }),
    ),
  );
}

// Resolves when video arrives from each of `others` people and goes on arriving.
export async function untilVideoFlows(page, others) {
  const flowing = async () => {
    const frames = await decodedFrames(page);
    return frames.length === others && frames.every((count) => count > 0) && frames;
  };
  const before = await until(flowing, { what: `video from ${others} others`, every: 200 });
  const more = async () => {
    const frames = await decodedFrames(page);
    return frames.length === others && frames.every((count, at) => count >= before[at] + kFrames);
  };
  await until(more, { what: `video from ${others} others to go on`, every: 200 });
}

// [local type, remote type] of the candidate pair that each connection selected.
export function selectedPairs(page) {
  return page.evaluate(() =>
    Promise.all(
      window.connections.filter(({ connectionState }) => connectionState === 'connected').map(async (connection) => {
        const stats = await connection.getStats();
        const transport = [...stats.values()].find(({ type }) => type === 'transport');
        const pair = stats.get(transport.selectedCandidatePairId);
        return [stats.get(pair.localCandidateId).candidateType, stats.get(pair.remoteCandidateId).candidateType];
      }),
    ),
  );
}
