import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FloatingAddresses, throughNetwork } from '../../../local/machines/floating-addresses.ts';
import { Network } from '../../../local/machines/network.ts';
import { FakeCloud } from './fake-cloud.ts';

const vip = { address: '10.0.0.5', networkId: 'net' };
const port = 8443;

/** Something that answers every connection with its name. */
async function answering(name: string): Promise<number> {
  const server: Server = createServer((socket) => socket.end(name));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** What is heard there: the answer, nothing, or why there is no connection. */
async function hear(host: string, localAddress = '127.0.0.1', at = port): Promise<string> {
  const socket = connect({ host, port: at, localAddress });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  try {
    await once(socket, 'close');
    return text;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

function world(): { cloud: FakeCloud; network: Network; floating: string; follow: () => Promise<void> } {
  const network = new Network();
  const cloud = new FakeCloud();
  const addresses = new FloatingAddresses({ deliver: throughNetwork(network), warn: () => undefined });
  onTestFinished(() => addresses.close());
  const follow = async (): Promise<void> => {
    network.see(cloud.view);
    await addresses.follow(cloud.view);
  };
  return { cloud, network, floating: `127.64.${randomInt(1, 255)}.${randomInt(1, 255)}`, follow };
}

describe('load balancers', () => {
  test('a floating address leads to the members that listen, in turn', async () => {
    const { cloud, network, floating, follow } = world();
    cloud.addLoadBalancer('one', { ...vip, floating }, [
      {
        port,
        allowedCidrs: null,
        members: ['1', '2', '3'].map((n) => ({ address: `10.0.0.1${n}`, port: 6443, subnetId: null })),
      },
    ]);
    await follow();
    expect(await hear(floating)).toBe('');
    network.listen('net', '10.0.0.11', 6443, await answering('first'));
    network.listen('net', '10.0.0.12', 6443, await answering('second'));
    const heard = [await hear(floating), await hear(floating), await hear(floating)].toSorted();
    expect(new Set(heard)).toEqual(new Set(['first', 'second']));
    network.silence('net', '10.0.0.11', 6443);
    expect([await hear(floating), await hear(floating)]).toEqual(['second', 'second']);
  });

  test('only those whom the listener lets in get through', async () => {
    const { cloud, network, floating, follow } = world();
    const members = [{ address: '10.0.0.11', port: 6443, subnetId: null }];
    cloud.addLoadBalancer('one', { ...vip, floating }, [{ port, allowedCidrs: ['127.0.0.7/32'], members }]);
    network.listen('net', '10.0.0.11', 6443, await answering('in'));
    await follow();
    expect(await hear(floating, '127.0.0.7')).toBe('in');
    expect(await hear(floating, '127.0.0.1')).toBe('');
    cloud.view.loadBalancers[0]!.listeners[0]!.allowedCidrs = ['127.0.0.0/8'];
    await follow();
    expect(await hear(floating, '127.0.0.1')).toBe('in');
  });

  test('where there is no listener, or no address any more, nobody answers', async () => {
    const { cloud, network, floating, follow } = world();
    const members = [{ address: '10.0.0.11', port: 6443, subnetId: null }];
    cloud.addLoadBalancer('one', { ...vip, floating }, [{ port, allowedCidrs: null, members }]);
    network.listen('net', '10.0.0.11', 6443, await answering('in'));
    await follow();
    expect(await hear(floating, '127.0.0.1', port + 1)).toBe('ECONNREFUSED');
    expect(await hear(floating)).toBe('in');
    cloud.view.floatingAddresses = [];
    await follow();
    expect(await hear(floating)).toBe('ECONNREFUSED');
  });

  test('on a network, the VIP leads to members of another network by their subnet', async () => {
    const { cloud, network, follow } = world();
    cloud.view.networkOfSubnet = { 'service-subnet': 'service' };
    cloud.addLoadBalancer('one', vip, [
      {
        port,
        allowedCidrs: ['10.0.0.0/24'],
        members: [{ address: '100.96.0.10', port: 6443, subnetId: 'service-subnet' }],
      },
    ]);
    await follow();
    await expect(network.connectAs('net', vip.address, port, '10.0.0.9')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    network.listen('service', '100.96.0.10', 6443, await answering('in'));
    const socket = await network.connectAs('net', vip.address, port, '10.0.0.9');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toBe('in');
    socket.destroy();
    await expect(network.connectAs('net', vip.address, port, '10.0.1.9')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await expect(network.connectAs('other', vip.address, port, '10.0.0.9')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
