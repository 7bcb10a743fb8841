import { gzipSync } from 'node:zlib';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { userData } from '../../../../layers/kubernetes/user-data.ts';
import { firstBoot } from '../../../../local/machines/real/cloud-init.ts';

const encoded = (document: object): string => gzipSync(`#cloud-config\n${stringify(document)}`).toString('base64');

describe('what a machine makes of its user_data', () => {
  it('takes name, files with their rights, and commands as they are written', () => {
    const boot = firstBoot(userData({
      name: 'harbour-master-0', files: [{ path: '/etc/kubernetes/pki/ca.key', content: 'secret\n' }, { path: '/usr/local/sbin/one', content: '#!/bin/sh\n', permissions: '0755' }],
      commands: [['/usr/local/sbin/one'], ['echo', `it's "$HOME"`]],
    }));
    expect(boot.hostname).toBe('harbour-master-0');
    expect(boot.files).toEqual([
      { path: '/etc/kubernetes/pki/ca.key', content: 'secret\n', mode: 0o600 }, { path: '/usr/local/sbin/one', content: '#!/bin/sh\n', mode: 0o755 },
    ]);
    expect(spawnSync('sh', { input: boot.script, encoding: 'utf8' }).stdout).toBe(`it's "$HOME"\n`);
  });

  it('goes on after a command that fails, as cloud-init does', () => {
    const { script } = firstBoot(userData({ name: 'one', files: [], commands: [['false'], ['echo', 'still here']] }));
    expect(spawnSync('sh', { input: script, encoding: 'utf8' }).stdout).toBe('still here\n');
  });

  it('refuses what it could not follow, by name', () => {
    expect(() => firstBoot(encoded({ hostname: 'one', bootcmd: [], mounts: [] }))).toThrow('bootcmd, mounts');
    expect(() => firstBoot(encoded({ hostname: 'one', write_files: [{ path: '/run/x', owner: 'root:root', permissions: '0644', content: '' }] }))).toThrow('/run/x');
    expect(() => firstBoot(Buffer.from('#!/bin/sh\n').toString('base64'))).toThrow('#cloud-config');
  });
});
