/** Keys whose values must never be seen again, wherever in a request they stand. */
const SECRET_KEYS = new Set([
  'password',
  'original_password',
  'adminPass',
  'user_data',
  'secret',
  'auth_key',
  'x-auth-token',
  'x-subject-token',
]);

/** Longer than any id or name, and made of what tokens and encoded data are made of. */
const ENCODED_DATA = /[A-Za-z0-9+/=_-]{100,}/g;

const LONGEST_MESSAGE = 2000;

/** The secrets of a request: services quote what they were sent (Nova quotes the user data it cannot read). */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner !== 'string') return key === 'token' && hasId(inner) ? [inner.id] : secretsIn(inner);
    return inner !== '' && SECRET_KEYS.has(key) ? [inner] : [];
  });
}

/** The text without any of the secrets, nor anything that looks like encoded data, and not endless. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  const clean = longestFirst
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    .replace(ENCODED_DATA, '***');
  return clean.length > LONGEST_MESSAGE ? `${clean.slice(0, LONGEST_MESSAGE)}…` : clean;
}

const hasId = (value: unknown): value is { id: string } =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
