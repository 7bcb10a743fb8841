/**
 * Where the user's control plane keeps things on the masters: its pods mount what the masters' cloud-init data makes.
 */

export const namespace = 'user-cluster';
/** Everything of the user's control plane runs as this user. */
export const runAs = 65532;
export const masterLabel = { 'moorage.io/role': 'master' } as const;
export const etcdDirectory = '/var/lib/etcd/user';
/** API server and konnectivity server meet here, by a Unix socket. */
export const konnectivityDirectory = '/run/moorage-konnectivity';
export const konnectivitySocket = 'konnectivity-server.socket';
export const auditDirectory = '/var/log/moorage-audit';
