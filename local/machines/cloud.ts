/** What the machines see of their cloud. Everything they do follows from this. */

export interface CloudServer {
  id: string;
  name: string;
  /** Only an ACTIVE one runs. */
  status: string;
  /** Volumes attached to it. */
  volumeIds: string[];
}

/** A VLAN of a trunk: frames with this tag belong to that port. */
export interface CloudSubPort { portId: string; vlanId: number }

export interface CloudPort {
  id: string;
  networkId: string;
  macAddress: string;
  addresses: string[];
  /** The server, for ports that are one's own; the trunk's, for sub-ports. */
  deviceId: string;
  /** Where the port is the parent of a trunk. */
  subPorts: CloudSubPort[];
}

export interface CloudMember { address: string; port: number; subnetId: string | null }

export interface CloudListener {
  id: string;
  port: number;
  /** Null lets everybody in. */
  allowedCidrs: string[] | null;
  members: CloudMember[];
}

export interface CloudLoadBalancer {
  id: string;
  vipAddress: string;
  vipPortId: string;
  vipNetworkId: string;
  /** Those that pass connections on: they have been ACTIVE, they are switched on, and they speak TCP. */
  listeners: CloudListener[];
}

export interface CloudFloatingAddress { address: string; portId: string }

export interface CloudView {
  servers: CloudServer[];
  ports: CloudPort[];
  loadBalancers: CloudLoadBalancer[];
  floatingAddresses: CloudFloatingAddress[];
  /** Network of each subnet that a member names. */
  networkOfSubnet: Record<string, string>;
}

export interface MachinesCloud {
  /** Everything as it is now. */
  look(): Promise<CloudView>;
  /** The server's user_data as Nova keeps it; undefined when there is none or no such server. */
  userData(serverId: string): Promise<string | undefined>;
  /** Whether any of the volumes is still there. */
  hasAnyVolume(volumeIds: readonly string[]): Promise<boolean>;
}
