/**
 * A worker's network: Nova describes the parent port to the machine but knows nothing of the sub-port, and network
 * settings cannot come from user-data. So systemd-networkd gets files, which win over those that cloud-init and netplan
 * write by sorting before them.
 */
import type { ParentNetwork, UserNetwork } from './inputs.ts';
import type { MachineFile } from './user-data.ts';

export const userInterface = 'user0';
const directory = '/etc/systemd/network';

const parentNetwork = (parent: ParentNetwork): string =>
  [
    '[Match]',
    `MACAddress=${parent.macAddress}`,
    '[Link]',
    `MTUBytes=${parent.mtu}`,
    '[Network]',
    `Address=${parent.address}/${parent.prefixLength}`,
    // Only the way to the control plane: no gateway, no names, nothing learnt from the network.
    'DHCP=no',
    'IPv6AcceptRA=no',
    'LinkLocalAddressing=no',
    `VLAN=${userInterface}`,
    '',
  ].join('\n');

const userDevice = (user: UserNetwork): string =>
  [
    '[NetDev]',
    `Name=${userInterface}`,
    'Kind=vlan',
    `MACAddress=${user.macAddress}`,
    '[VLAN]',
    `Id=${user.vlanId}`,
    '',
  ].join('\n');

const userNetwork = (user: UserNetwork, mtu: number): string =>
  [
    '[Match]',
    `Name=${userInterface}`,
    '[Link]',
    `MTUBytes=${mtu}`,
    '[Network]',
    `Address=${user.address}/${user.prefixLength}`,
    ...(user.gateway ? [`Gateway=${user.gateway}`] : []),
    ...user.dnsServers.map((server) => `DNS=${server}`),
    ...(user.dnsServers.length > 0 ? ['Domains=~.'] : []),
    'DHCP=no',
    'IPv6AcceptRA=no',
    'LinkLocalAddressing=no',
    ...(user.hostRoutes ?? []).flatMap(({ destination, nexthop }) => [
      '[Route]',
      `Destination=${destination}`,
      `Gateway=${nexthop}`,
    ]),
    '',
  ].join('\n');

export const networkFiles = ({ parent, user }: { parent: ParentNetwork; user: UserNetwork }): MachineFile[] => [
  { path: `${directory}/05-moorage-parent.network`, content: parentNetwork(parent), permissions: '0644' },
  { path: `${directory}/05-moorage-${userInterface}.netdev`, content: userDevice(user), permissions: '0644' },
  // A VLAN's frames pass through its parent.
  {
    path: `${directory}/05-moorage-${userInterface}.network`,
    content: userNetwork(user, Math.min(user.mtu, parent.mtu)),
    permissions: '0644',
  },
];

/** Shell commands that bring the files into force now; from the next boot on they are there from the start. */
export const applyNetwork = (parent: ParentNetwork): string => `networkctl reload
for link in /sys/class/net/*; do
  name=$(basename "$link")
  if [ "$name" != ${userInterface} ] && [ "$(cat "$link/address")" = "${parent.macAddress.toLowerCase()}" ]; then
    networkctl reconfigure "$name"
  fi
done
/usr/lib/systemd/systemd-networkd-wait-online --interface=${userInterface}:routable --timeout=120
`;
