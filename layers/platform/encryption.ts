/**
 * Envelope encryption: every secret is sealed with AES-256-GCM under a data key of its own, which is itself sealed by
 * the key-management key; offline by a local key. What the secret is for is bound to it, so that one cannot be put in
 * another's place.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';

/** Base64 throughout. */
export interface Sealed { key: string; nonce: string; tag: string; text: string }
type Binding = Record<string, string>;

interface DataKeys { fresh(binding: Binding): Promise<{ plain: Buffer; sealed: string }>; open(sealed: string, binding: Binding): Promise<Buffer> }

/** Seals `plain`; only `open` with the same binding reads it again. */
export async function seal(plain: string, binding: Binding): Promise<Sealed> {
  const key = await dataKeys().fresh(binding);
  return { key: key.sealed, ...encrypt(key.plain, Buffer.from(plain, 'utf8'), binding) };
}

/** The text that was sealed. Throws when it, or what it is bound to, was changed. */
export async function open(sealed: Sealed, binding: Binding): Promise<string> {
  const key = await dataKeys().open(sealed.key, binding);
  return decrypt(key, sealed, binding).toString('utf8');
}

let keys: DataKeys | undefined;
const dataKeys = (): DataKeys => (keys ??= process.env.KEY_ID ? managedKeys(process.env.KEY_ID) : localKeys(process.env.LOCAL_KEY));

function managedKeys(keyId: string): DataKeys {
  const kms = new KMSClient({ maxAttempts: 3 });
  return {
    async fresh(binding) {
      const { Plaintext, CiphertextBlob } = await kms.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: binding }));
      return { plain: Buffer.from(Plaintext!), sealed: Buffer.from(CiphertextBlob!).toString('base64') };
    },
    async open(sealed, binding) {
      const { Plaintext } = await kms.send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: Buffer.from(sealed, 'base64'), EncryptionContext: binding }));
      return Buffer.from(Plaintext!);
    },
  };
}

function localKeys(encoded: string | undefined): DataKeys {
  const master = Buffer.from(encoded ?? '', 'base64');
  if (master.length !== 32) throw new Error('Neither KEY_ID nor LOCAL_KEY (32 bytes in base64) is set: nothing can be sealed.');
  return {
    async fresh(binding) {
      const plain = randomBytes(32);
      const { nonce, tag, text } = encrypt(master, plain, binding);
      return { plain, sealed: [nonce, tag, text].join('.') };
    },
    async open(sealed, binding) {
      const [nonce = '', tag = '', text = ''] = sealed.split('.');
      return decrypt(master, { nonce, tag, text }, binding);
    },
  };
}

const additionalData = (binding: Binding): Buffer => Buffer.from(JSON.stringify(Object.entries(binding).toSorted()));

function encrypt(key: Buffer, plain: Buffer, binding: Binding): Omit<Sealed, 'key'> {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additionalData(binding));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  return { nonce: nonce.toString('base64'), tag: cipher.getAuthTag().toString('base64'), text };
}

function decrypt(key: Buffer, { nonce, tag, text }: Omit<Sealed, 'key'>, binding: Binding): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), { authTagLength: 16 }).setAAD(additionalData(binding));
  decipher.setAuthTag(Buffer.from(tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()]);
}
