/** Another authority for the user's cluster: a stage of its rotation, kept sealed. */
import { done, gone } from '../../layers/engine/step.ts';
import { certificatesInput, type ApiWays } from '../../layers/lifecycle/certificates-input.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import type { ClusterCertificates } from '../../layers/pki/certificates.ts';
import { rotate, stages } from '../../layers/pki/rotate-authority.ts';
import { changeSecret } from '../../layers/store/secrets.ts';

/** A flow has it once for each stage, which is the word in the record's key. */
export const certificateAuthority = step({
  name: 'certificateAuthority',
  title: 'Certificate authority',
  async run({ cluster, settings, operation, record, now }, needs: ApiWays) {
    const stage = stages.find((each) => record.key === `certificateAuthority:${each}`);
    if (!stage) throw new Error(`${record.key} is no stage of a rotation.`);
    const input = certificatesInput(cluster, settings, needs, now());
    await changeSecret<ClusterCertificates>(cluster.id, 'certificates', (before) => rotate(before, stage, operation.id, input));
    return done({ stage });
  },
  // It goes with the cluster's certificates.
  undo: async () => gone,
});

export const handler = stepFunction(certificateAuthority);
