/** The requests that are sent to both, in this order. `{c}` is a cluster's name, `{t}` its template's, `{u}` its UUID. */

export interface Asked {
  name: string;
  method: string;
  path: string;
  body?: unknown;
  /** In place of JSON. */
  raw?: string;
  /** In place of `container-infra 1.10`; null: no header. */
  version?: string | null;
  type?: string;
  /** null: none. */
  token?: string | null;
}

const get = (name: string, path: string, more: Partial<Asked> = {}): Asked => ({ name, method: 'GET', path, ...more });
const send = (name: string, method: string, path: string, body: unknown, more: Partial<Asked> = {}): Asked => ({ name, method, path, body, ...more });
const patch = (name: string, path: string, field: string, value: unknown, op = 'replace'): Asked =>
  send(name, 'PATCH', path, [{ op, path: field, ...(value !== undefined && { value }) }]);
const nobody = '11111111-1111-4111-8111-111111111111';

/** With nothing there. */
export const before: Asked[] = [
  get('versions', '/', { token: null }), get('version', '/v1', { token: null }), get('version, with a slash', '/v1/', { token: null }),
  get('no token', '/v1/clusters', { token: null }), get('nobody\'s token', '/v1/clusters', { token: 'nonsense' }),
  get('no version in the path', '/clusters'), get('a slash at the end', '/v1/clusters/'), get('no microversion', '/v1/clusters', { version: null }),
  get('the latest microversion', '/v1/clusters', { version: 'container-infra latest' }), get('a microversion too new', '/v1/clusters', { version: 'container-infra 1.99' }),
  get('no microversion at all', '/v1/clusters', { version: 'container-infra x' }), get('another service\'s microversion', '/v1/clusters', { version: 'nova 1.4' }),
  get('node groups before 1.9', '/v1/clusters/nothing/nodegroups', { version: 'container-infra 1.3' }),
  get('an unknown path', '/v1/nothing'), send('a wrong method', 'PUT', '/v1/clusters', {}), send('a wrong method of certificates', 'DELETE', '/v1/certificates/nothing', undefined),
  get('limit 0', '/v1/clusters?limit=0'), get('limit x', '/v1/clusters?limit=x'), get('sort_key nothing', '/v1/clusters?sort_key=nothing'),
  get('sort_dir up', '/v1/clusters?sort_dir=up'), get('an unknown marker', `/v1/clusters?marker=${nobody}`), get('an unknown argument', '/v1/clusters?foo=bar'),
  get('an unknown cluster', '/v1/clusters/nothing'), send('delete of an unknown cluster', 'DELETE', '/v1/clusters/nothing', undefined),
  patch('update of an unknown cluster', '/v1/clusters/nothing', '/node_count', 1), get('an unknown template', '/v1/clustertemplates/nothing'),
  get('an unknown cluster\'s certificate', '/v1/certificates/nothing'),
  send('rotation for an unknown cluster', 'PATCH', '/v1/certificates/nothing', undefined, { type: 'application/octet-stream' }),
  send('signing for an unknown cluster', 'POST', '/v1/certificates', { cluster_uuid: nobody, csr: 'x' }),
  send('create of nothing', 'POST', '/v1/clusters', {}), { name: 'create with no JSON', method: 'POST', path: '/v1/clusters', raw: '{"name":' },
  { name: 'create with no body', method: 'POST', path: '/v1/clusters', raw: '' },
  send('create with an unknown field', 'POST', '/v1/clusters', { cluster_template_id: '{t}', foo: 1 }),
  send('create with a wrong name', 'POST', '/v1/clusters', { cluster_template_id: '{t}', name: '1 x' }),
  send('create of an unknown template', 'POST', '/v1/clusters', { cluster_template_id: 'nothing', name: 'x' }),
  send('create with a negative size', 'POST', '/v1/clusters', { cluster_template_id: '{t}', node_count: -1 }),
  send('create with an unknown flavor', 'POST', '/v1/clusters', { cluster_template_id: '{t}', name: 'x', keypair: '{k}', flavor_id: 'granite', fixed_network: 'demo-net' }),
  send('create with an unknown network', 'POST', '/v1/clusters', { cluster_template_id: '{t}', name: 'x', keypair: '{k}', fixed_network: 'nothing' }),
  get('quotas, as an ordinary user', '/v1/quotas'), get('another project\'s quota', '/v1/quotas/abc/Cluster'), get('one\'s own quota', '/v1/quotas/{p}/Cluster'),
  get('statistics', '/v1/stats'), get('another project\'s statistics', '/v1/stats?project_id=abc'), get('statistics of nothing', '/v1/stats?type=x'),
  get('services, as an ordinary user', '/v1/mservices'), get('federations', '/v1/federations'), get('templates', '/v1/clustertemplates'),
  get('the template', '/v1/clustertemplates/{t}'), get('a page of templates', '/v1/clustertemplates?limit=1'),
  send('create', 'POST', '/v1/clusters', {
    name: '{c}', cluster_template_id: '{t}', keypair: '{k}', node_count: 1, fixed_network: 'demo-net', fixed_subnet: 'demo-subnet', labels: { depth: 3, deep: true }, merge_labels: true,
  }),
];

/** With a cluster that is CREATE_COMPLETE. */
export const after: Asked[] = [
  get('the cluster by name', '/v1/clusters/{c}'), get('the cluster by UUID', '/v1/clusters/{u}'), get('clusters', '/v1/clusters'), get('clusters in detail', '/v1/clusters/detail'),
  get('a page of clusters', '/v1/clusters?limit=1'), get('node groups', '/v1/clusters/{c}/nodegroups'), get('node groups, with a slash', '/v1/clusters/{c}/nodegroups/'),
  get('node groups of workers', '/v1/clusters/{c}/nodegroups?role=worker'), get('a page of node groups', '/v1/clusters/{c}/nodegroups?limit=1'),
  get('the default worker group', '/v1/clusters/{c}/nodegroups/default-worker'), get('the default master group', '/v1/clusters/{c}/nodegroups/default-master'),
  get('an unknown node group', '/v1/clusters/{c}/nodegroups/nothing'), get('certificate', '/v1/certificates/{c}'), get('certificate of etcd', '/v1/certificates/{c}?ca_cert_type=etcd'),
  get('certificate of an unknown type', '/v1/certificates/{c}?ca_cert_type=nothing'), send('signing', 'POST', '/v1/certificates', { cluster_uuid: '{c}', csr: '{r}' }),
  send('signing of nonsense', 'POST', '/v1/certificates', { cluster_uuid: '{c}', csr: 'nonsense' }), send('signing of nothing', 'POST', '/v1/certificates', { cluster_uuid: '{c}' }),
  patch('update of the name', '/v1/clusters/{c}', '/name', 'x'), patch('update of an internal field', '/v1/clusters/{c}', '/stack_id', 'x'),
  patch('update of an unknown field', '/v1/clusters/{c}', '/nothing', 'x'), patch('update to a negative size', '/v1/clusters/{c}', '/node_count', -1),
  patch('update by an unknown operation', '/v1/clusters/{c}', '/node_count', 1, 'dance'), patch('update by add', '/v1/clusters/{c}', '/node_count', 2, 'add'),
  send('update by no list', 'PATCH', '/v1/clusters/{c}', {}), send('resize to nothing', 'POST', '/v1/clusters/{c}/actions/resize', {}),
  send('resize of an unknown group', 'POST', '/v1/clusters/{c}/actions/resize', { node_count: 1, nodegroup: 'nothing' }),
  send('resize of masters', 'POST', '/v1/clusters/{c}/actions/resize', { node_count: 3, nodegroup: 'default-master' }),
  send('resize to zero before 1.10', 'POST', '/v1/clusters/{c}/actions/resize', { node_count: 0 }, { version: 'container-infra 1.9' }),
  send('resize before 1.7', 'POST', '/v1/clusters/{c}/actions/resize', { node_count: 1 }, { version: 'container-infra 1.6' }),
  send('upgrade to an unknown template', 'POST', '/v1/clusters/{c}/actions/upgrade', { cluster_template: 'nothing' }),
  send('a node group without a name', 'POST', '/v1/clusters/{c}/nodegroups', {}),
  send('a node group of a name that is taken', 'POST', '/v1/clusters/{c}/nodegroups', { name: 'default-worker' }),
  send('a node group with crossed limits', 'POST', '/v1/clusters/{c}/nodegroups', { name: 'extra', min_node_count: 3, max_node_count: 2 }),
  send('a node group of masters', 'POST', '/v1/clusters/{c}/nodegroups', { name: 'extra', role: 'master' }),
  send('delete of the default group', 'DELETE', '/v1/clusters/{c}/nodegroups/default-worker', undefined),
  patch('update of a group\'s name', '/v1/clusters/{c}/nodegroups/default-worker', '/name', 'x'),
  patch('update of a group\'s least size', '/v1/clusters/{c}/nodegroups/default-worker', '/min_node_count', 9),
  send('delete of a template in use', 'DELETE', '/v1/clustertemplates/{t}', undefined),
  patch('update of the size', '/v1/clusters/{c}', '/node_count', 2),
  get('the cluster while it changes', '/v1/clusters/{c}'),
  send('delete', 'DELETE', '/v1/clusters/{c}', undefined, { type: 'application/octet-stream' }),
  send('delete again', 'DELETE', '/v1/clusters/{c}', undefined, { type: 'application/octet-stream' }),
];
