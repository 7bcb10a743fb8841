/** Certificate requests of kubelets: approved when whoever asked may have one, and signed. */
import 'reflect-metadata';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { ApiError } from '../api-error.ts';
import { timestamp } from '../api.ts';
import { isAllowed } from '../authorize.ts';
import type { KubeObject } from '../objects.ts';
import { signRequest, RequestRefused } from '../../../layers/pki/sign-request.ts';
import type { KeyPair } from '../../../layers/pki/authority.ts';
import type { Control, Controller } from './control.ts';
import { hasCondition, resources, withCondition, type Condition } from './kinds.ts';

interface RequestSpec { request: string; signerName: string; username: string; groups: string[]; usages: string[] }

const signer = 'kubernetes.io/kube-apiserver-client-kubelet';
const yearMs = 365 * 86_400_000;

/** A node that has a certificate may renew its own; a bootstrapping one may have its first. */
function mayHave({ api }: Control, { username, groups }: RequestSpec, nodeName: string): boolean {
  const subresource = username === `system:node:${nodeName}` ? 'selfnodeclient' : 'nodeclient';
  return isAllowed(api, { name: username, groups }, {
    verb: 'create', group: 'certificates.k8s.io', resource: 'certificatesigningrequests', subresource,
      namespace: undefined, name: undefined,
  });
}

const pemOf = ({ request }: RequestSpec): string => Buffer.from(request, 'base64').toString();

/** The node that the request's subject names, or undefined when it is none's. */
function nodeOf(spec: RequestSpec): string | undefined {
  try {
    const [name] = new Pkcs10CertificateRequest(pemOf(spec)).subjectName.getField('CN');
    return /^system:node:(.+)$/.exec(name ?? '')?.[1];
  } catch {
    return undefined;
  }
}

function write({ api }: Control, { metadata: { name } }: KubeObject, condition: Condition, certificate?: string): void {
  api.writeStatus({ resource: resources.requests, name }, (status) => ({
    ...status, ...(certificate && { certificate: Buffer.from(certificate).toString('base64') }),
    conditions: withCondition(status.conditions as Condition[] | undefined, condition, timestamp(api.now())),
  }));
}

/** Signs with the authority that `ca` gives: the one that the controller manager was started with. */
export function certificateRequests(ca: () => KeyPair | undefined): Controller {
  const signing = new Set<string>();
  return function certificateRequest(control: Control): void {
    const authority = ca();
    for (const request of authority ? control.api.list(resources.requests) : []) {
      const { status, metadata: { uid } } = request;
      const spec = request.spec as RequestSpec;
      const done = (status as { certificate?: string } | undefined)?.certificate !== undefined
        || hasCondition(request, 'Failed') || hasCondition(request, 'Denied');
      if (done || spec.signerName !== signer || signing.has(uid)) continue;
      const node = nodeOf(spec);
      if (!node) continue;
      if (!hasCondition(request, 'Approved')) {
        if (!mayHave(control, spec, node)) continue;
        write(control, request, { type: 'Approved', status: 'True', reason: 'AutoApproved',
          message: 'Auto approving kubelet client certificate after SubjectAccessReview.' });
        continue;
      }
      signing.add(uid);
      signRequest(authority!, pemOf(spec), {
        commonName: `system:node:${node}`, organization: ['system:nodes'], usage: 'client', names: [], addresses: [],
          validForMs: yearMs, now: control.api.now(),
      }).then(
        (certificate) => write(control, request, { type: 'Approved', status: 'True', reason: 'AutoApproved' },
          certificate),
        (error: unknown) => {
          if (!(error instanceof RequestRefused)) throw error;
          write(control, request, { type: 'Failed', status: 'True', reason: 'SignerValidationFailure',
            message: error.message });
        },
      ).catch((error: unknown) => {
        // The request, or the cluster, has gone meanwhile.
        if (!(error instanceof ApiError)) throw error;
      }).finally(() => signing.delete(uid));
    }
  };
}
