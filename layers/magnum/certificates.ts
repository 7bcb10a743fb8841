/** The authorities of clusters, and client certificates signed by them for kubectl. */
import type { Cluster } from '../cluster/cluster.ts';
import { parseBody } from '../http/body.ts';
import { rotateAuthority } from '../http/rotation.ts';
import { untilWritten } from '../http/until-written.ts';
import { logger } from '../platform/logger.ts';
import { requireSettings } from '../platform/settings.ts';
import type { ClusterCertificates } from '../pki/certificates.ts';
import { RequestRefused } from '../pki/sign-request.ts';
import { signAdminRequest } from '../pki/admin-request.ts';
import { requireCluster } from '../store/clusters.ts';
import { putEvent } from '../store/events.ts';
import { getSecret } from '../store/secrets.ts';
import type { MagnumCertificate, MagnumUuid } from '../../schemas/generated/types.ts';
import isSigning from '../../schemas/generated/validate/MagnumSigning.js';
import type { Handler, MagnumRequest } from './api.ts';
import { invalid, refused } from './errors.ts';
import { findCluster, ofCluster, unknownCluster } from './find.ts';
import { linksOf } from './links.ts';
import { toMagnum } from './pass-on.ts';

const dayMs = 86_400_000;

/** `kubernetes` where the type is left out or is none that is known, as Magnum does. */
export const getCertificate = ofCluster(async (request, cluster) => {
  const { user } = await requireCertificates(cluster);
  const type = request.query.ca_cert_type;
  const { certPem } = type === 'etcd' ? user.etcdCa : type === 'front-proxy' ? user.frontProxyCa : user.ca;
  return view(request, cluster, { pem: certPem });
});

export const signCertificate: Handler = async (request) => {
  const { cluster_uuid, bay_uuid, csr, ca_cert_type = 'kubernetes' } = parseBody(request.event, isSigning);
  const ident = cluster_uuid ?? bay_uuid;
  if (ident === undefined) throw refused(400, 'Invalid input for field/attribute cluster_uuid. Mandatory field missing.');
  const cluster = await findCluster(request, ident);
  if (!cluster) return toMagnum(request, () => unknownCluster(ident, 400), `Cluster ${ident}`);
  if (ca_cert_type !== 'kubernetes') throw refused(400, `Signing by the authority ${ca_cert_type} is not supported: it is the platform's.`);
  const { user } = await requireCertificates(cluster);
  const pem = await sign(request, user.ca, csr);
  await tell(request, cluster);
  return view(request, cluster, { pem, csr });
};

async function sign({ now }: MagnumRequest, ca: ClusterCertificates['user']['ca'], csr: string): Promise<string> {
  try {
    return await signAdminRequest(ca, csr, { validForMs: requireSettings().certificateDays * dayMs, now: new Date(now) });
  } catch (error) {
    if (error instanceof RequestRefused) throw refused(400, `Received invalid csr (${error.message}).`);
    throw error;
  }
}

/** Begins the rotation, or goes on with one that is held; meanwhile the cluster is UPDATE_IN_PROGRESS. */
export const rotateCertificate = ofCluster(async (request, { id, uuid }): Promise<MagnumUuid> => {
  await untilWritten(async () => rotateAuthority(request, await requireCluster(id), invalid));
  return { uuid };
});

async function requireCertificates({ id, uuid, phase }: Cluster): Promise<ClusterCertificates> {
  const found = phase === 'deleting' ? undefined : await getSecret<ClusterCertificates>(id, 'certificates');
  if (found) return found;
  const why = phase === 'deleting' ? 'it is being deleted' : 'they are not made yet';
  throw refused(400, `The certificates of cluster ${uuid} cannot be had: ${why}.`);
}

function view({ base }: MagnumRequest, { uuid }: Cluster, { pem, csr }: { pem: string; csr?: string }): MagnumCertificate {
  return { bay_uuid: uuid, cluster_uuid: uuid, links: linksOf(base, 'certificates', uuid), ...(csr !== undefined && { csr }), pem: pem.trimEnd() };
}

async function tell({ caller, now }: MagnumRequest, { id }: Cluster): Promise<void> {
  const message = `A client certificate of an administrator was signed for ${caller.userName}`;
  try {
    await putEvent({ clusterId: id, level: 'normal', reason: 'CertificateSigned', message }, now);
  } catch (error) {
    logger.error('An event could not be written', { clusterId: id, cause: error as Error });
  }
}
