/** Credentials of clusters: the second generation's are the platform's to rotate. */
import { refused } from './errors.ts';
import { ofCluster } from './find.ts';

export const rotateCredential = ofCluster(async (_request, { uuid }): Promise<never> => {
  throw refused(400, `Rotating the credential of cluster ${uuid} is not supported: it is of the second generation, and the platform's own.`);
});
