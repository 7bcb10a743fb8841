import type { Service } from './error.ts';

/** What an error answer says, whatever the service's way of saying it. */
export interface Fault { type: string; message: string; quota: boolean }

/** Reads the error formats of all services; never fails, whatever a proxy in between may have put there. */
export function readFault(service: Service, status: number, body: string): Fault {
  const { type, message } = readJson(body) ?? { type: '', message: readMarkup(body) };
  return {
    type: type || `HTTP ${status}`,
    message: message || `${service} answered ${status} without saying why`,
    quota: isQuota(service, status, type, message),
  };
}

type Said = Pick<Fault, 'type' | 'message'>;

function readJson(body: string): Said | undefined {
  let parsed: unknown;
  try { parsed = JSON.parse(body); } catch { return undefined; }
  if (!isObject(parsed)) return undefined;
  // Octavia: { faultcode, faultstring }
  if ('faultstring' in parsed) return { type: text(parsed.faultcode), message: text(parsed.faultstring) };
  // Magnum: { errors: [{ code, title, detail }] }
  const [first] = Array.isArray(parsed.errors) ? (parsed.errors as unknown[]) : [];
  if (isObject(first)) return { type: text(first.code), message: text(first.detail) || text(first.title) };
  // Keystone, its middleware in front of any service, and Heat: { error: { title | type, message } }
  if (isObject(parsed.error))
    return { type: text(parsed.error.type) || text(parsed.error.title), message: text(parsed.error.message) };
  // Neutron: { NeutronError: { type, message, detail } }, or only a text
  if (isObject(parsed.NeutronError))
    return { type: text(parsed.NeutronError.type), message: text(parsed.NeutronError.message) };
  // Glance, and oslo's health and size checks: { title, message }
  if (typeof parsed.message === 'string') return { type: text(parsed.title), message: parsed.message };
  // Nova and Cinder: { badRequest: { code, message } }
  const [key, value] = Object.entries(parsed)[0] ?? ['', undefined];
  return { type: key, message: isObject(value) ? text(value.message) : text(value) };
}

/** The readable text of a page made by a web server or a proxy: its body without the heading. */
function readMarkup(body: string): string {
  const [, heading = ''] = /<title>(.*?)<\/title>/is.exec(body) ?? [];
  const rest = body.replace(/<head>.*?<\/head>/is, '').replace(/<h1>.*?<\/h1>/is, '').replace(/<[^>]*>/g, ' ');
  return (rest.replace(/\s+/g, ' ').trim() || heading.trim()).slice(0, 500);
}

/** Each service has its own way of saying that a quota is spent. */
function isQuota(service: Service, status: number, type: string, message: string): boolean {
  switch (service) {
    case 'network':
      return status === 409 && type === 'OverQuota';
    // "The number of defined ports: 43 is over the limit: 1" is Neutron's quota, met by Nova.
    case 'compute':
      return status === 403 && /quota|over the limit|maximum number of/i.test(message);
    // Cinder says 413 for too many requests as well; then without the name of what is exceeded.
    case 'block-storage':
      return status === 413 && /quota|exceed/i.test(message);
    // 500 when it is the quota of Neutron that Octavia met.
    case 'load-balancer':
      return (status === 403 && /quota has been met/i.test(message)) || /quota exceeded for resources/i.test(message);
    case 'identity':
      return status === 403 && /maximum number of/i.test(message);
    default:
      return (status === 403 || status === 413) && /quota/i.test(message);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
