/** What the cloud remembers, table by table; the rows of a service stand beside it. */
import type { SnapshotRow, VolumeRow, VolumeTransferRow, VolumeTypeRow, ImageRow } from './cinder/rows.ts';
import type {
  DomainRow, ProjectRow, UserRow, RoleRow, AssignmentRow, ApplicationCredentialRow, ServiceRow, EndpointRow,
} from './keystone/rows.ts';
import type {
  NetworkRow, SubnetRow, PortRow, RouterRow, SecurityGroupRow, SecurityGroupRuleRow, FloatingIpRow, TrunkRow,
  RbacPolicyRow,
} from './neutron/rows.ts';
import type { MagnumTemplateRow, MagnumClusterRow, MagnumNodeGroupRow, MagnumQuotaRow } from './magnum/rows.ts';
import type { ServerRow, ServerGroupRow, FlavorRow } from './nova/rows.ts';
import type { LoadBalancerRow, ListenerRow, PoolRow, MemberRow, HealthMonitorRow } from './octavia/rows.ts';

/** Limits of one service that a project has other than the defaults; id is `<service>/<project>`. */
export interface QuotaRow { id: string; limits: Record<string, number> }

export interface JobRow {
  id: string;
  kind: string;
  target: string;
  readyAt: number;
  waitId: string | null;
  detail: unknown;
}

export interface WaitRow {
  id: string;
  resource: string;
  resourceId: string;
  name: string;
  projectId: string;
  requestId: string | null;
  startedAt: number;
  endedAt: number | null;
}

/** Single values: the key that signs tokens, the URL the catalogue was written with, counters. */
export interface MetaRow { id: string; value: string | number }

export interface Tables {
  domains: DomainRow;
  projects: ProjectRow;
  users: UserRow;
  roles: RoleRow;
  assignments: AssignmentRow;
  applicationCredentials: ApplicationCredentialRow;
  revokedTokens: { id: string };
  services: ServiceRow;
  endpoints: EndpointRow;
  networks: NetworkRow;
  subnets: SubnetRow;
  ports: PortRow;
  routers: RouterRow;
  securityGroups: SecurityGroupRow;
  securityGroupRules: SecurityGroupRuleRow;
  floatingIps: FloatingIpRow;
  trunks: TrunkRow;
  rbacPolicies: RbacPolicyRow;
  servers: ServerRow;
  serverGroups: ServerGroupRow;
  flavors: FlavorRow;
  volumes: VolumeRow;
  volumeTransfers: VolumeTransferRow;
  snapshots: SnapshotRow;
  volumeTypes: VolumeTypeRow;
  images: ImageRow;
  loadBalancers: LoadBalancerRow;
  listeners: ListenerRow;
  pools: PoolRow;
  members: MemberRow;
  healthMonitors: HealthMonitorRow;
  magnumTemplates: MagnumTemplateRow;
  magnumClusters: MagnumClusterRow;
  magnumNodeGroups: MagnumNodeGroupRow;
  magnumQuotas: MagnumQuotaRow;
  quotas: QuotaRow;
  jobs: JobRow;
  waits: WaitRow;
  meta: MetaRow;
}
