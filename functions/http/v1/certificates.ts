/** The Magnum API's certificates, of clusters of both generations. */
import { magnumApi } from '../../../layers/magnum/api.ts';
import { getCertificate, rotateCertificate, signCertificate } from '../../../layers/magnum/certificates.ts';
import { toMagnum } from '../../../layers/magnum/pass-on.ts';

export const handler = magnumApi({
  magnumGetCertificate: getCertificate,
  magnumSignCertificate: signCertificate,
  magnumRotateCertificate: rotateCertificate,
}, (request) => toMagnum(request));
