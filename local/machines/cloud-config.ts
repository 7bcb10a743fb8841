/** The cloud.conf of a cloud controller, and a way into OpenStack by it. */
import { openSession, type Session } from '../../layers/openstack/session.ts';

export type CloudConfig = Record<string, Record<string, string>>;

/** `[Section]` and `key=value`, values with or without quotes. */
export function parseCloudConfig(text: string): CloudConfig {
  const config: CloudConfig = {};
  let section: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name] = /^\s*\[(.+)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) section = config[name] ??= {};
    else if (key !== undefined && value !== undefined) section[key] = unquoted(value);
  }
  return config;
}

const unquoted = (value: string): string => /^".*"$/.test(value) ? value.slice(1, -1)
  .replaceAll(/\\(.)/g, '$1') : value;

/** A session of the application credential that the file names. */
export function openCloud(config: CloudConfig): Session {
  const { 'auth-url': authUrl = '', region, 'application-credential-id': id = '',
    'application-credential-secret': secret = '' } = config.Global ?? {};
  return openSession({ authUrl, region,
    credential: { applicationCredentialId: id, applicationCredentialSecret: secret } });
}
