/**
 * Neutron's security groups, as its own iptables driver plays them: a chain for each port of what may go in, by connection,
 * and no frames of other addresses than the port's out. Networks' frames pass iptables on their way over the bridge.
 */
import type { Port, SecurityGroup, SecurityGroupRule } from '../../../layers/openstack/neutron.ts';
import { inNetworkOf } from './command.ts';
import type { Wiring } from './real-cloud.ts';

interface Guarded { portId: string; cable: string }

export class Firewall {
  #pid = 0;
  readonly #guarded = new Map<string, Guarded>();
  #last = '';

  async open(pid: number): Promise<void> {
    this.#pid = pid;
    await inNetworkOf(pid, 'sh', ['-c', 'echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables']);
  }

  /** From now on only what the port's groups let in reaches it. */
  async guard(port: Port, cable: string, wiring: Wiring): Promise<void> {
    this.#guarded.set(port.id, { portId: port.id, cable });
    await this.follow(wiring);
  }

  /** Groups, rules and members as they are now. */
  async follow(wiring: Wiring): Promise<void> {
    const ports = new Map(wiring.ports.map((port) => [port.id, port]));
    const chains = [...this.#guarded.values()].flatMap(({ portId, cable }) => {
      const port = ports.get(portId);
      if (!port) this.#guarded.delete(portId);
      return port ? [chainsOf(port, cable, wiring)] : [];
    });
    // What a port may send is looked at before what is let in: an answer to a connection must bear the port's address too.
    const text = ['*filter', ':INPUT ACCEPT', ':FORWARD ACCEPT', ':OUTPUT ACCEPT', ...chains.flatMap(({ names }) => names.map((name) => `:${name} -`)),
      ...chains.flatMap(({ sending }) => sending), '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ...chains.flatMap(({ receiving }) => receiving), ...chains.flatMap(({ rules }) => rules), 'COMMIT', ''].join('\n');
    if (text === this.#last) return;
    this.#last = text;
    await inNetworkOf(this.#pid, 'iptables-legacy-restore', [], { input: text });
  }
}

interface Chains { names: string[]; sending: string[]; receiving: string[]; rules: string[] }

function chainsOf(port: Port, cable: string, wiring: Wiring): Chains {
  if (port.port_security_enabled === false) return { names: [], sending: [], receiving: [], rules: [] };
  const [into, outOf] = [`in-${cable}`, `out-${cable}`];
  const groups = port.security_groups.flatMap((id) => wiring.securityGroups.get(id) ?? []);
  const own = [...port.fixed_ips, ...port.allowed_address_pairs].map(({ ip_address }) => ip_address);
  return {
    names: [into, outOf],
    sending: [`-A FORWARD -m physdev --physdev-in ${cable} --physdev-is-bridged -j ${outOf}`],
    receiving: [`-A FORWARD -m physdev --physdev-out ${cable} --physdev-is-bridged -j ${into}`],
    rules: [
      ...groups.flatMap((group) => lines(group, wiring)).map((line) => `-A ${into} ${line}`), `-A ${into} -j DROP`,
      ...own.map((address) => `-A ${outOf} -s ${address} -j RETURN`), `-A ${outOf} -j DROP`,
    ],
  };
}

const lines = ({ security_group_rules }: SecurityGroup, wiring: Wiring): string[] =>
  security_group_rules.filter(({ direction, ethertype }) => direction === 'ingress' && ethertype === 'IPv4').flatMap((rule) => {
    const match = matchOf(rule);
    return sourcesOf(rule, wiring).map((source) => `${source}${match} -j ACCEPT`);
  });

function matchOf({ protocol, port_range_min: from, port_range_max: to }: SecurityGroupRule): string {
  if (!protocol) return '';
  return ` -p ${protocol}${from !== null && to !== null && protocol !== 'icmp' ? ` --dport ${from}:${to}` : ''}`;
}

function sourcesOf({ remote_ip_prefix, remote_group_id }: SecurityGroupRule, { ports }: Wiring): string[] {
  if (remote_ip_prefix) return [`-s ${remote_ip_prefix}`];
  if (!remote_group_id) return [''];
  return ports.filter(({ security_groups }) => security_groups.includes(remote_group_id))
    .flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => `-s ${ip_address}`));
}
