/** What Octavia remembers. Names are the wire's where they are shown as they are. */

/** What every part of a load balancer has. */
export interface BalancerPartRow {
  id: string;
  project_id: string;
  name: string;
  provisioning_status: string;
  operating_status: string;
  admin_state_up: boolean;
  tags: string[];
  created_at: string;
  updated_at: string | null;
  order: number;
}

export interface LoadBalancerRow extends BalancerPartRow {
  description: string;
  vip_address: string;
  vip_port_id: string;
  vip_subnet_id: string | null;
  vip_network_id: string;
  provider: string;
  flavor_id: string | null;
  availability_zone: string | null;
  /** Whether Octavia made the VIP port, and removes it with the load balancer. */
  ownPort: boolean;
  securityGroupId: string;
  vrrpPortId: string | null;
}

export interface ListenerRow extends BalancerPartRow {
  description: string;
  loadbalancer_id: string;
  protocol: string;
  protocol_port: number;
  connection_limit: number;
  default_pool_id: string | null;
  allowed_cidrs: string[] | null;
  insert_headers: Record<string, string>;
  timeout_client_data: number;
  timeout_member_connect: number;
  timeout_member_data: number;
  timeout_tcp_inspect: number;
}

export interface PoolRow extends BalancerPartRow {
  description: string;
  loadbalancer_id: string;
  protocol: string;
  lb_algorithm: string;
  session_persistence: Record<string, unknown> | null;
}

export interface MemberRow extends BalancerPartRow {
  pool_id: string;
  address: string;
  protocol_port: number;
  subnet_id: string | null;
  weight: number;
  backup: boolean;
  monitor_address: string | null;
  monitor_port: number | null;
}

export interface HealthMonitorRow extends BalancerPartRow {
  pool_id: string;
  type: string;
  delay: number;
  timeout: number;
  max_retries: number;
  max_retries_down: number;
  http_method: string | null;
  url_path: string | null;
  expected_codes: string | null;
}
