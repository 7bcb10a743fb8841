/**
 * A load balancer of Octavia, in the network namespace that is its amphora: listens on its VIP and passes connections on to
 * members in turn. Told by its parent what its listeners are, and handed connections that come by its floating address.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { within } from '../network.ts';
import type { BalancerOrder, BalancerListener } from './balancers.ts';

/** A member that did not answer is left out for this long, as by a health monitor. */
const outMs = 5_000;

let vipAddress = '';
let memberMs = 0;
let listeners: BalancerListener[] = [];
const servers = new Map<number, Server>();
const outUntil = new Map<string, number>();
let turn = 0;

process.on('message', (order: BalancerOrder, socket?: Socket) => {
  if (order.kind === 'pass') pass(order.listenerId, order.source, socket);
  else {
    vipAddress = order.vipAddress;
    memberMs = order.memberMs;
    listeners = order.listeners;
    follow();
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.('here');

function follow(): void {
  const wanted = new Set(listeners.map(({ port }) => port));
  for (const [port, server] of servers) {
    if (wanted.has(port)) continue;
    servers.delete(port);
    server.close();
  }
  for (const port of wanted) {
    if (servers.has(port)) continue;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      const listener = listeners.find((one) => one.port === port);
      pass(listener?.id ?? '', socket.remoteAddress ?? '', socket);
    });
    server.on('error', () => servers.delete(port));
    servers.set(port, server.listen(port, vipAddress));
  }
}

function pass(listenerId: string, source: string, socket: Socket | undefined): void {
  const listener = listeners.find(({ id }) => id === listenerId);
  if (!socket) return;
  socket.on('error', () => socket.destroy());
  if (!listener || (listener.allowedCidrs && !within(source, listener.allowedCidrs))) socket.destroy();
  else toMember(socket, inTurn(listener));
}

function inTurn({ members }: BalancerListener): { address: string; port: number }[] {
  turn += 1;
  const rotated = members.map((_, index) => members[(turn + index) % members.length]!);
  const now = Date.now();
  const isOut = ({ address, port }: { address: string; port: number }): boolean => (outUntil.get(`${address}:${port}`) ?? 0) > now;
  // When all are out each is tried after all.
  return [...rotated.filter((member) => !isOut(member)), ...rotated.filter(isOut)];
}

function toMember(socket: Socket, [member, ...others]: { address: string; port: number }[]): void {
  if (!member) {
    socket.destroy();
    return;
  }
  const onward = connect({ host: member.address, port: member.port, allowHalfOpen: true });
  const next = (): void => {
    onward.destroy();
    outUntil.set(`${member.address}:${member.port}`, Date.now() + outMs);
    toMember(socket, others);
  };
  const timer = setTimeout(next, memberMs);
  onward.once('error', () => { clearTimeout(timer); next(); });
  onward.once('connect', () => {
    clearTimeout(timer);
    onward.removeAllListeners('error');
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
    socket.resume();
  });
}
