/** An answer over HTTP, read to its end where that is not too far: whoever goes on for ever fills no function's memory. */
import type { IncomingMessage } from 'node:http';

/** Twenty times the largest page that a service gives. */
export const mostAnswerBytes = 32 * 2 ** 20;

export class AnswerTooLarge extends Error {
  override name = 'AnswerTooLarge';
  readonly code = 'EMSGSIZE';
  constructor() {
    super(`the answer has more than ${mostAnswerBytes / 2 ** 20} MiB`);
  }
}

/** Its text. Rejects, and closes the connection, when it breaks off or is too large. */
export function wholeAnswer(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) incoming.destroy(new AnswerTooLarge());
      else chunks.push(chunk);
    });
    incoming.once('error', reject);
    incoming.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
