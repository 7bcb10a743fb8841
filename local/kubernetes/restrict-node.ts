/** What a kubelet may say about its node: the NodeRestriction admission. */
import { forbidden } from './api-error.ts';
import type { User } from './authenticate.ts';
import { isRecord } from './objects.ts';
import type { Resource } from './resource-table.ts';

const own = new Set([
  'kubernetes.io/hostname', 'kubernetes.io/arch', 'kubernetes.io/os', 'beta.kubernetes.io/instance-type',
    'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone',
    'topology.kubernetes.io/region', 'topology.kubernetes.io/zone',
  'beta.kubernetes.io/arch', 'beta.kubernetes.io/os',
]);
const ownPrefixes = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** Whether a kubelet may set the label on its own node. */
export function mayLabelItself(label: string): boolean {
  if (own.has(label)) return true;
  const domain = label.includes('/') ? label.split('/')[0]! : '';
  const within = (suffix: string): boolean => domain === suffix || domain.endsWith(`.${suffix}`);
  return (!within('kubernetes.io') && !within('k8s.io')) || ownPrefixes.some(within);
}

/** Throws 403 when a kubelet registers another node than its own, or with labels that are not its to set. */
export function restrictNode(user: User, resource: Resource, sent: unknown): void {
  if (!user.groups.includes('system:nodes') || resource.kind !== 'Node' || !isRecord(sent)
    || !isRecord(sent.metadata)) return;
  const name = String(sent.metadata.name);
  const node = user.name.replace(/^system:node:/, '');
  if (name !== node) throw forbidden(resource, name, `node "${node}" is not allowed to modify node "${name}"`);
  const labels = Object.keys(isRecord(sent.metadata.labels) ? sent.metadata.labels : {})
    .filter((label) => !mayLabelItself(label));
  if (labels.length > 0) throw forbidden(resource, name,
    `is not allowed to set the following labels: ${labels.join(', ')}`);
}
