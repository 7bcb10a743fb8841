/**
 * Another authority takes the place of the user's cluster's own, in three stages. What API servers present carries the new
 * authority's certificate as the old one has signed it, so that whoever trusts either of them accepts it: nothing has to trust both.
 */
import { crossSign, issue, newAuthority, type KeyPair } from './authority.ts';
import type { CertificatesInput, ClusterCertificates, UserCertificates } from './certificates.ts';
import type { Issue } from './cluster-leaves.ts';
import { userLeaves, type UserLeaves } from './user-leaves.ts';

/**
 * `prepared`: API servers let in clients of both, everything else is as before. `issued`: the new one signs, and everything that
 * the old one had signed for the platform is issued anew. `over`: nothing knows the old one any more.
 */
export const stages = ['prepared', 'issued', 'over'] as const;
export type Stage = (typeof stages)[number];

export interface Rotation {
  /** Of one operation there is one new authority, however often its steps run. */
  operationId: string;
  stage: Stage;
  /** How many authorities there have been: the name of each has its number. */
  number: number;
  /** What is to be used from `issued` on. */
  next?: { ca: KeyPair; leaves: UserLeaves };
}

/**
 * The certificates as they are from `stage` of that operation's rotation on; undefined when they are so already. Throws when the
 * stage before has not been reached.
 */
export async function rotate(before: ClusterCertificates, stage: Stage, operationId: string, input: CertificatesInput): Promise<ClusterCertificates | undefined> {
  const { rotation } = before;
  const reached = rotation?.operationId === operationId ? stages.indexOf(rotation.stage) : -1;
  const wanted = stages.indexOf(stage);
  if (reached >= wanted) return undefined;
  if (reached < wanted - 1) throw new Error(`The authority of cluster ${input.clusterId} cannot be ${stage}: ${stages[wanted - 1]} comes first.`);
  if (stage === 'prepared') return prepared(before, operationId, input);
  const { operationId: of, number, next } = rotation!;
  const past = { operationId: of, stage, number };
  return stage === 'issued' ? { ...before, user: issued(before.user, next!), rotation: past } : { ...before, user: over(before.user), rotation: past };
}

async function prepared(before: ClusterCertificates, operationId: string, input: CertificatesInput): Promise<ClusterCertificates> {
  const { user, rotation } = before;
  if (rotation && rotation.stage !== 'over') throw new Error(`The authority of cluster ${input.clusterId} is being rotated by operation ${rotation.operationId}.`);
  const number = (rotation?.number ?? 1) + 1;
  // A name of its own: who looks for an issuer by name must not find the old one.
  const ca = await newAuthority(`kubernetes-${input.clusterId}-${number}`, input.now);
  const issuedNow: Issue = (authority, leaf) => issue(authority, { ...leaf, now: input.now });
  const leaves = await userLeaves(input, ca, issuedNow);
  const bridge = await crossSign(ca, user.ca, input.now);
  const bridged = ({ certPem, keyPem }: KeyPair): KeyPair => ({ certPem: certPem + bridge, keyPem });
  return {
    ...before,
    user: {
      ...user, alsoTrusted: ca.certPem,
      apiserver: bridged(leaves.apiserver), apiserverKubeletClient: bridged(leaves.apiserverKubeletClient),
    },
    rotation: { operationId, stage: 'prepared', number, next: { ca, leaves } },
  };
}

/** What API servers have stays as it is: they need not start again. The old authority's key is forgotten. */
const issued = (user: UserCertificates, { ca, leaves }: NonNullable<Rotation['next']>): UserCertificates => ({
  ...user, ...leaves, ca, alsoTrusted: user.ca.certPem, apiserver: user.apiserver, apiserverKubeletClient: user.apiserverKubeletClient,
});

function over({ alsoTrusted: _old, ...user }: UserCertificates): UserCertificates {
  return { ...user, apiserver: unbridged(user.apiserver), apiserverKubeletClient: unbridged(user.apiserverKubeletClient) };
}

const end = '-----END CERTIFICATE-----\n';
const unbridged = ({ certPem, keyPem }: KeyPair): KeyPair => ({ certPem: certPem.slice(0, certPem.indexOf(end) + end.length), keyPem });

/** Whose clients API servers let in, as PEM: in the same order at every stage. */
export const clientAuthorities = ({ ca, alsoTrusted }: UserCertificates): string =>
  [ca.certPem, ...(alsoTrusted === undefined ? [] : [alsoTrusted])].toSorted().join('');
