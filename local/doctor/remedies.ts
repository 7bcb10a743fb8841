/** What to type where Moorage's user may not do something. */
import type { Patient } from './check.ts';

type About = Pick<Patient, 'cloud'>;

const who = ({ cloud: { platform } }: About): string => `--user ${platform.username} --user-domain ${platform.userDomainName}`;
const where = ({ cloud: { platform } }: About): string => `--domain ${platform.domainName ?? platform.userDomainName}`;

/** The role on the domain, and on every project of it, those to come included. */
export const giveRole = (about: About, role: string): string[] => [
  `openstack role add ${where(about)} ${who(about)} ${role}`,
  `openstack role add ${where(about)} ${who(about)} --inherited ${role}`,
];

/** Either of two: a policy of that service which lets the role `moorage` do what it must, or the role that may everything. */
export const allow = (about: About, service: 'keystone' | 'nova' | 'neutron' | 'cinder'): string[] => [
  `# on every host of ${service}'s API, into /etc/${service}/policy.yaml what is in test/openstack-lab/policy/${service}.yaml`,
  'openstack role create --or-show moorage',
  ...giveRole(about, 'moorage'),
  '# or, without policies, which makes Moorage an administrator of the whole cloud:',
  ...giveRole(about, 'admin'),
];

export const allowLoadBalancers = (about: About): string[] => giveRole(about, 'load-balancer_admin');

export const createPlatformUser = (about: About): string[] => {
  const { platform } = about.cloud;
  const domain = platform.domainName ?? platform.userDomainName;
  return [
    `openstack domain create --or-show ${domain}`,
    `openstack user create --or-show --domain ${platform.userDomainName} --password-prompt ${platform.username}`,
    ...['moorage', 'member', 'load-balancer_admin'].flatMap((role) => giveRole(about, role)),
  ];
};
