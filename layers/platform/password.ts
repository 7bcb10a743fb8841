/** The password of the platform's user: out of the secret store, where a login needs it; offline out of the environment. */

let known: Promise<string> | undefined;

/** Read once for each function's process. Throws when neither place has it. */
export function platformPassword(): Promise<string> {
  const { OS_PASSWORD, OS_PASSWORD_SECRET } = process.env;
  if (OS_PASSWORD) return Promise.resolve(OS_PASSWORD);
  known ??= readSecret(OS_PASSWORD_SECRET ?? '');
  known.catch(() => { known = undefined; });
  return known;
}

async function readSecret(SecretId: string): Promise<string> {
  if (!SecretId) throw new Error('Neither OS_PASSWORD nor OS_PASSWORD_SECRET is set. docs/operate.md says what each is.');
  // Loaded here, because few starts of a function need it.
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const { SecretString } = await new SecretsManagerClient({ maxAttempts: 3 }).send(new GetSecretValueCommand({ SecretId }));
  const { password } = JSON.parse(SecretString ?? '{}') as { password?: string };
  if (!password) throw new Error(`The secret ${SecretId} has no field "password".`);
  return password;
}
