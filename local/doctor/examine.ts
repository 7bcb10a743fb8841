/** One check after another, each with what it found. */
import { OpenStackError, isOpenStackError } from '../../layers/openstack/error.ts';
import { wireOf } from '../../layers/openstack/call.ts';
import { issueToken } from '../../layers/openstack/token.ts';
import type { CloudAccess } from '../clouds.ts';
import { missing, ok, type Check, type Finding, type Patient } from './check.ts';
import { computeChecks } from './compute.ts';
import { identityChecks } from './identity.ts';
import { loadBalancerChecks } from './load-balancer.ts';
import { networkChecks } from './network.ts';
import { allow, createPlatformUser, giveRole } from './remedies.ts';
import { serviceChecks } from './services.ts';
import { beginVisit, transportOf, type Visit } from './visit.ts';

export interface Verdict { title: string; kind: Finding['kind']; detail: string; type: readonly string[] }

export const checks: readonly Check[] = [...serviceChecks, ...identityChecks, ...computeChecks, ...networkChecks, ...loadBalancerChecks];

/** Every verdict, told as it is reached. Without a login or a project of its own nothing further can be looked at. */
export async function examine(cloud: CloudAccess, tell: (verdict: Verdict) => void): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const say = (title: string, finding: Finding): boolean => {
    const { kind, detail } = finding;
    const verdict = { title, kind, detail, type: finding.kind === 'ok' ? [] : finding.type };
    verdicts.push(verdict);
    tell(verdict);
    return kind !== 'missing';
  };

  if (!say('Login', await logIn(cloud))) return verdicts;
  let visit: Visit;
  try {
    visit = await beginVisit(cloud);
  } catch (error) {
    say('Projects of its own', missing(reasonOf(error), ...allow({ cloud }, 'keystone')));
    return verdicts;
  }
  try {
    say('Projects of its own', ok('can be made, and logged in to'));
    for (const check of checks) say(check.title, await lookAt(check, visit.patient));
  } finally {
    say('Taking away', await leave(visit));
  }
  return verdicts;
}

async function lookAt(check: Check, patient: Patient): Promise<Finding> {
  try {
    return await check.look(patient);
  } catch (error) {
    return missing(reasonOf(error), ...check.type(patient));
  }
}

async function leave({ end, patient }: Visit): Promise<Finding> {
  try {
    await end();
    return ok('nothing is left of this visit');
  } catch (error) {
    const { service } = error as OpenStackError;
    return missing(`${reasonOf(error)}; the next visit tries again`, ...allow(patient, service === 'network' ? 'neutron' : 'keystone'));
  }
}

/** Keystone says the same for a wrong password and for a scope without a role: a login without a scope tells them apart. */
async function logIn(cloud: CloudAccess): Promise<Finding> {
  const { username, password, userDomainName, domainName = userDomainName } = cloud.platform;
  const login = { authUrl: cloud.authUrl, credential: { username, password, userDomainName } };
  const wire = wireOf({ http: transportOf(cloud) });
  try {
    await issueToken(login, wire);
  } catch (error) {
    if (!isOpenStackError(error, 401)) return missing(`Keystone does not answer: ${reasonOf(error)}`, `curl ${cloud.authUrl}`);
    return missing(`there is no user ${username} in a domain ${userDomainName}, or the password is another`, ...createPlatformUser({ cloud }));
  }
  try {
    await issueToken({ ...login, scope: { domainName } }, wire);
  } catch {
    return missing(`${username} has no role on the domain ${domainName}`,
      ...['moorage', 'member', 'load-balancer_admin'].flatMap((role) => giveRole({ cloud }, role)));
  }
  return ok('works, for the domain');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof OpenStackError)) return String((error as Error).message ?? error);
  const { service, method, path, status, type, message } = error;
  return `${service} ${method} ${path}: ${status || type} ${message}`;
}
