/** Every key and certificate of the cluster, issued once and stored sealed. */
import { done, gone } from '../../layers/engine/step.ts';
import { certificatesInput, type ApiWays } from '../../layers/lifecycle/certificates-input.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { issueCertificates } from '../../layers/pki/certificates.ts';
import { ensureSecret, removeSecret } from '../../layers/store/secrets.ts';

export const certificates = step({
  name: 'certificates',
  title: 'Certificates',
  async run({ cluster, settings, now }, needs: ApiWays) {
    await ensureSecret(cluster.id, 'certificates', () => issueCertificates(certificatesInput(cluster, settings, needs, now())));
    return done({ issued: true });
  },
  async undo({ cluster }) {
    await removeSecret(cluster.id, 'certificates');
    return gone;
  },
});

export const handler = stepFunction(certificates);
