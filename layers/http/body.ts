/** A request's body: parsed and of the shape that its schema says, or refused with all that is wrong with it. */
import rules from '../../schemas/generated/rules.json' with { type: 'json' };
import type { Problem } from '../admission/problem.ts';
import { HttpError, wrongRequest } from './http-error.ts';

/** As the validators compiled ahead are. */
export interface Validate<Body> {
  (value: unknown): value is Body;
  errors?: ValidationError[] | null;
}
export interface ValidationError {
  instancePath: string; keyword: string; params: Record<string, unknown>; message?: string;
}
export interface RawBody { body?: string | null | undefined; isBase64Encoded?: boolean }

/** The body, with everything that is null left out. */
export function parseBody<Body>(event: RawBody, validate: Validate<Body>): Body {
  const value = withoutNulls(parseJson(event));
  if (validate(value)) return value;
  throw wrongRequest(problemsOf(validate.errors ?? []));
}

/** No schema goes half so deep; what does is meant for the stack of whoever walks through it. */
const mostDepth = 32;

function parseJson({ body, isBase64Encoded }: RawBody): unknown {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : body ?? '';
  if (depthOf(text) > mostDepth) {
    const why = `The body has lists and objects within one another more than ${mostDepth} deep.`;
    throw new HttpError({ status: 400, code: 'invalid_json', message: why, action: 'Send a JSON object as the API describes it.' });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = text === '' ? 'The request has no body.' : `The body is not JSON: ${(error as Error).message}.`;
    throw new HttpError({ status: 400, code: 'invalid_json', message: why, action: 'Send a JSON object.' });
  }
}

/** How deep brackets are within one another, those in texts left out. Linear, whatever the text is. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\' && isQuoted) at++;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (sign === '[' || sign === '{')) deepest = Math.max(deepest, ++depth);
    else if (!isQuoted && (sign === ']' || sign === '}')) depth--;
  }
  return deepest;
}

/** Clients send null for what they leave out; nothing here means null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const said = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(said.map(([key, item]) => [key, withoutNulls(item)]));
}

const codes: Record<string, string> = {
  required: 'required', additionalProperties: 'unknown_field', type: 'wrong_type', enum: 'not_allowed',
  pattern: 'invalid_format', minimum: 'out_of_range', maximum: 'out_of_range', minLength: 'too_short',
  maxLength: 'too_long', minItems: 'too_few', maxItems: 'too_many', minProperties: 'too_few', maxProperties: 'too_many',
};

/** What the validator found, one problem for each error, the paths as JSONPath. */
export function problemsOf(errors: readonly ValidationError[]): Problem[] {
  return errors.map((error) => {
    const code = codes[error.keyword] ?? 'invalid';
    return { path: pathOf(error), code, message: wordsOf(error) };
  });
}

function pathOf({ instancePath, keyword, params }: ValidationError): string {
  const field = params[{ required: 'missingProperty', additionalProperties: 'additionalProperty' }[keyword] ?? ''];
  const parts = instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return ['$', ...[...parts, ...(field === undefined ? [] : [String(field)])].map(segment)].join('');
}

/** `.name` where that can be written so, `[0]` for a place in a list, `['…']` for anything else. */
export function segment(part: string): string {
  if (/^\d+$/.test(part)) return `[${part}]`;
  return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `['${part.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'')}']`;
}

function wordsOf({ keyword, params, message = 'is wrong' }: ValidationError): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is not known here';
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
  if (keyword === 'pattern') return (rules as Record<string, string>)[String(params.pattern)] ?? message;
  if (keyword === 'minProperties') return 'must not be empty';
  if (keyword === 'maxProperties' && params.limit === 1) return 'must have exactly one of its choices';
  return message;
}
