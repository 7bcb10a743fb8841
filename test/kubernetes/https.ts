/** One request over TLS, verified by the cluster's own authority. */
import { request } from 'node:https';

/** The status of a GET. Rejects when there is no answer within five seconds. */
export const statusOf = (url: string, ca: string, headers: Record<string, string> = {}): Promise<number> => new Promise((resolve, reject) => {
  const asked = request(url, { ca, headers, timeout: 5_000, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asked.on('timeout', () => asked.destroy(new Error(`${url} does not answer`)));
  asked.on('error', reject);
  asked.end();
});
