/** Names: Magnum takes more than machines can be called. */

/** What parts of machines' names are made of. */
const label = /^[a-z][a-z0-9-]{1,23}[a-z0-9]$/;
const most = 25;

/** What machines are called after: the name itself, or the nearest that can be part of a host name. */
export function machineName(name: string): string {
  if (label.test(name)) return name;
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+/, '').slice(0, most).replace(/-+$/, '');
  return label.test(plain) ? plain : `${plain || 'k'}-k8s`.slice(0, most);
}

const letters = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa', 'lambda', 'mu', 'nu', 'xi',
  'omicron', 'pi', 'rho', 'sigma', 'tau', 'upsilon', 'phi', 'chi', 'psi', 'omega'];

/** For clusters that nobody has named: zeta-22-cluster. */
export const randomName = (): string =>
  `${letters[Math.floor(Math.random() * letters.length)]}-${Math.floor(Math.random() * 100)}-cluster`;
