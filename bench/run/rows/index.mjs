// The rows of docs/PERFORMANCE.md, in its order. A row has
//   id, title, note   what --only and the page call it
//   generators        how many cores the load generator has, where there are four or more
//   servers           how many the server has (1)
//   columns           the first is the one by which ratios are formed
//   contenders        name -> a measurement on those cores; names of servers.mjs, or pgbench
//   titles            what they are called here, where that is not what servers.mjs says
//   ours, subject     which of Stoa's forms a peer is compared with (the first one), and the ratio's words
//   prepare           what has to be known before the pairs
import { connectRows } from './connect.mjs';
import { fanoutRows } from './fanout.mjs';
import { idleRows } from './idle.mjs';
import { latencyRows } from './latency.mjs';
import { messageCostRows } from './message_cost.mjs';
import { relayRows } from './relay.mjs';
import { restRows } from './rest.mjs';
import { sendRows } from './sends.mjs';

export const rows = [
  ...fanoutRows,
  ...messageCostRows,
  ...sendRows,
  ...restRows,
  ...relayRows,
  ...connectRows,
  ...latencyRows,
  ...idleRows,
];
