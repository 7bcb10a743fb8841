/** A certificate signing request as kubectl's administrators send it, in a file. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The file's path. `subject` in OpenSSL's form. */
export async function writeRequest(directory: string, name: string, subject = '/O=system:masters/CN=admin'): Promise<string> {
  const [key, file] = [`${directory}/${name}.pem`, `${directory}/${name}.csr`];
  await run('openssl', ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', file, '-subj', subject]);
  return file;
}
