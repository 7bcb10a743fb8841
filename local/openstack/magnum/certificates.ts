/** Certificates of Magnum's clusters. Nothing here signs: every answer holds the same certificate, of nobody. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asAttributes, asText, route, type Attributes, type Call, type Route } from '../service.ts';
import { requireCluster } from './clusters.ts';
import { requireMinor } from './magnum.ts';

const PEM = `-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUVjx1WyLBhhexd2zRxRhlXQlf8UwwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPZW1iZWRkZWQtbWFnbnVtMCAXDTI2MTEyNzAwNDcwMloYDzIx
MjYxMTAzMDA0NzAyWjAaMRgwFgYDVQQDDA9lbWJlZGRlZC1tYWdudW0wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAQOMyxwqNO3TBosQW4UHGQQNN15dfcSRo3N4k0Y
39OM1b/TDu2k5l5S0hTCsPpl1XNFLGDodmB8Sx9sOY/NGNWBo1MwUTAdBgNVHQ4E
FgQUla2cUPi8aZxtuJUoxWyCOLPtqT4wHwYDVR0jBBgwFoAUla2cUPi8aZxtuJUo
xWyCOLPtqT4wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA7T1nb
/sBRZYoYN1Lrpkf70/d6YHGJWVakS3aRt5aAuAIgcxSh3yKlr2ahikvbS8dDF8UW
QwHNhVpeX/G8jZ3dqp4=
-----END CERTIFICATE-----
`;

export function certificateRoutes(core: Core): Route[] {
  const links = (call: Call, id: string): Attributes[] => [{ rel: 'self', href: `${call.serviceUrl}/v1/certificates/${id}` }];
  return [
    route('GET', '/v1/certificates/{cluster}', (call) => {
      const { id } = requireCluster(core, call);
      return { status: 200, body: { cluster_uuid: id, pem: PEM, links: links(call, id) } };
    }),
    route('POST', '/v1/certificates', (call) => {
      const { cluster_uuid, csr } = asAttributes(call.body) ?? {};
      const wanted = asText(cluster_uuid) ?? '';
      const cluster = core.state.table('magnumClusters').find(({ id, project_id }) => id === wanted && project_id === call.caller.projectId);
      if (!cluster) throw new Refusal(400, `Cluster ${wanted} could not be found.`);
      return { status: 201, body: { cluster_uuid: cluster.id, csr, pem: PEM, links: links(call, cluster.id) } };
    }),
    route('PATCH', '/v1/certificates/{cluster}', (call) => {
      requireMinor(call, 5);
      return { status: 202, body: { uuid: requireCluster(core, call).id } };
    }),
  ];
}
