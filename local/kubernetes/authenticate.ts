/** Who calls: by client certificate, or by bootstrap token. */
import type { TLSSocket } from 'node:tls';
import { timingSafeEqual } from 'node:crypto';
import { unauthorized } from './api-error.ts';
import type { Api } from './api.ts';
import { isRecord } from './objects.ts';
import { builtInResource } from './resource-table.ts';

export interface User { name: string; groups: readonly string[] }

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const secrets = builtInResource('Secret');
const list = (value: string | string[] | undefined): string[] => value === undefined ? [] : [value].flat();

function byCertificate(socket: TLSSocket): User | undefined {
  const certificate = socket.getPeerCertificate();
  if (!certificate || Object.keys(certificate).length === 0) return undefined;
  // Presented, but not of the cluster's authority or out of its time.
  if (!socket.authorized) throw unauthorized();
  const subject = certificate.subject as unknown as Record<string, string | string[] | undefined>;
  const [name] = list(subject.CN);
  if (!name) throw unauthorized();
  return { name, groups: [...list(subject.O), 'system:authenticated'] };
}

const equal = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** A token `<id>.<secret>` whose Secret in kube-system is there, for authentication, and not expired. */
function byBootstrapToken(api: Api, token: string): User | undefined {
  const [, id, given] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? [];
  if (!id || !given) return undefined;
  const secret = api.find({ resource: secrets, namespace: 'kube-system', name: `bootstrap-token-${id}` });
  if (secret?.type !== 'bootstrap.kubernetes.io/token' || !isRecord(secret.data)
    || secret.metadata.deletionTimestamp) return undefined;
  const { data } = secret;
  const field = (name: string): string => Buffer.from(String(data[name] ?? ''), 'base64').toString();
  if (!equal(field('token-secret'), given) || field('token-id') !== id
    || field('usage-bootstrap-authentication') !== 'true') return undefined;
  const expiration = field('expiration');
  if (expiration && !(Date.parse(expiration) > api.now().getTime())) return undefined;
  const extra = field('auth-extra-groups').split(',').map((group) => group.trim()).filter(Boolean);
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra, 'system:authenticated'] };
}

/** Throws 401 when something is presented that proves nothing. */
export function authenticate(api: Api, socket: TLSSocket, authorization: string | undefined): User {
  const certified = byCertificate(socket);
  if (certified) return certified;
  if (authorization === undefined) return anonymous;
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
  const user = token && byBootstrapToken(api, token);
  if (!user) throw unauthorized();
  return user;
}
