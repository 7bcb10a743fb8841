/** Another certificate authority for the user's cluster: whoever trusts the old one alone, or the new one alone, is served throughout. */
import { after, at, flow, named } from '../layers/engine/flow.ts';
import { apiAddress } from '../functions/steps/api-address.ts';
import { apiEndpoint } from '../functions/steps/api-endpoint.ts';
import { certificateAuthority } from '../functions/steps/certificate-authority.ts';
import { controlPlane } from '../functions/steps/control-plane.ts';
import { credentials } from '../functions/steps/credentials.ts';
import { nodeReplacement } from '../functions/steps/node-replacement.ts';
import { systemCluster } from '../functions/steps/system-cluster.ts';
import { userApiPort } from '../functions/steps/user-api-port.ts';
import { boot, call, rounds } from './policies.ts';

const authority = at(certificateAuthority, [apiAddress, userApiPort], call);
const applied = at(controlPlane, [systemCluster, apiEndpoint, credentials], boot);

// API servers let in clients of both, and present what either accepts.
const prepared = named(authority, 'prepared', 'New certificate authority');
const trusted = after(named(applied, 'prepared', 'Kubernetes API that trusts both authorities'), prepared);
// The new one signs, and everything else of the control plane is issued anew.
const issued = after(named(authority, 'issued', 'Certificates of the new authority'), trusted);
const using = after(named(applied, 'issued', 'Kubernetes control plane with the new authority'), issued);
// Nodes know the authority that they were made with, and pods the one that they were started with.
const replaced = after(at(nodeReplacement, [apiEndpoint], rounds), using);
const over = after(named(authority, 'over', 'Old certificate authority dropped'), replaced);
const alone = after(named(applied, 'over', 'Kubernetes API that trusts the new authority alone'), over);

export const rotateAuthority = flow('rotateAuthority', 'Rotate the certificate authority',
  [prepared, trusted, issued, using, replaced, over, alone], [apiAddress, userApiPort, systemCluster, apiEndpoint, credentials]);
