/** Every key and certificate of the cluster, issued once and stored sealed. */
import { apiAddress as vipAddress } from '../../layers/cluster/addresses.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { mastersOf } from '../../layers/lifecycle/cluster-kube.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { issueCertificates } from '../../layers/pki/certificates.ts';
import { ensureSecret, removeSecret } from '../../layers/store/secrets.ts';
import type { UserApiPort } from './user-api-port.ts';

export const certificates = step({
  name: 'certificates',
  title: 'Certificates',
  async run({ cluster, settings, now }, needs: { apiAddress: { address: string }; userApiPort: UserApiPort }) {
    const { serviceCidr, systemServiceCidr, serviceSubnetCidr } = settings;
    const own = needs.userApiPort.address;
    await ensureSecret(cluster.id, 'certificates', () => issueCertificates({
      clusterId: cluster.id, masters: mastersOf(cluster, settings), serviceCidr, systemServiceCidr, now: new Date(now()),
      apiAddresses: [needs.apiAddress.address, vipAddress(serviceSubnetCidr), ...(own ? [own] : [])], apiNames: [],
    }));
    return done({ issued: true });
  },
  async undo({ cluster }) {
    await removeSecret(cluster.id, 'certificates');
    return gone;
  },
});

export const handler = stepFunction(certificates);
