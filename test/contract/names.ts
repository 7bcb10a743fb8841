/** How what the contract makes is named, so that it can be told from everything else on the cloud. */
import { randomBytes } from 'node:crypto';
import type { Login } from '../../local/clouds.ts';
import type { Credential } from '../../layers/openstack/token.ts';

/** All of a run's projects, users, domains, and most things in them, begin with this. */
export const prefix = 'moorage-contract';

/** A name that nothing else has, in this run or any other. */
export const uniqueName = (noun: string): string => `${prefix}-${noun}-${randomBytes(4).toString('hex')}`;

export const credentialOf = ({ username, password, userDomainName }: Login): Credential & { password: string } => ({ username, password, userDomainName });
